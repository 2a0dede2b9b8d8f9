"""What does the content of a change say for or against it?"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause import diff as difference
from detectors.incidents.cause import hint, mechanism_strength, touched_words
from detectors.incidents.cause import score as cause_score
from detectors.incidents.cause.circumstance import Circumstance
from detectors.incidents.cause.diff import Effect, Reading
from detectors.incidents.cause.hint import Hint
from detectors.incidents.cause.magnitude import direction
from detectors.incidents.cause.picture import Picture
from detectors.incidents.cause.policy import CAUSE, FAULT
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import cut, listed, words
from models.cause import CauseClass
from models.event import Change, ChangeKind

_DOCUMENTS = (".md", ".rst", ".adoc")
_HARMLESS_FOLDERS = {"doc", "docs", "documentation", "test", "tests", "__tests__", "testdata"}

_FILLS_UP = re.compile(r"(?i)out of memory|oom|leak|heap|no space left|disk|too many open files|exhaust")
"""What fails when something filled up over hours."""
_ALARMS = {"alert", "alerts", "alerting", "alarm", "alarms", "monitor", "monitors"}
_ALARM_WORDS = 2
"""Words of an alert's name that its changed rule must hold: one may be chance."""
_SHORTEST = 3

_SAYS = {
    Effect.COMMENT: ("harmless_files", CAUSE.harmless_files, "it changed only comments and imports"),
    Effect.LOGGING: ("inert", CAUSE.inert, "it changed only what is logged or measured"),
    Effect.COSMETIC: ("inert", CAUSE.inert, "it changed only how things look"),
    Effect.PATCH_RELEASE: ("inert", CAUSE.inert, "it brought only a patch release of a library"),
    Effect.OWN_VERSION: (
        "inert",
        CAUSE.inert,
        "it changed only the version that the program tells of itself",
    ),
    Effect.KEPT: ("kept", CAUSE.kept, "all names and numbers that it removed are there again"),
}
"""The negative rules of content: part, points, sentence."""

_FROM_TO = re.compile(r"(\d[\w.%]*)\s*(?:->|→|to)\s*(\d[\w.%]*)")
_FITS = {"alarm", "hint", "missing_name"}
"""Parts that join even a change of logging or of a patch release with what fails."""
_BY_INTENT = (ChangeKind.CONFIG, ChangeKind.SCALING, ChangeKind.INFRASTRUCTURE)
"""Changes that say themselves what they set; what a commit says of itself is its author's view."""


class Content(NamedTuple):
    """What a change holds, as far as it is known."""

    touched: list[str]
    """Its files, in alphabetical order."""
    read: Reading
    effective: frozenset[str]
    """Words that it put into effect: of its lines that do something, and of its name."""
    fitting: Hint | None
    """How it would fail in just the way in which it fails."""

    @property
    def is_innocent(self) -> bool:
        """Tell whether it changed nothing that a program does."""
        return self.is_inert or self.read.effect in _SAYS

    @property
    def is_inert(self) -> bool:
        """Tell whether it changed for certain nothing that a program does."""
        only_harmless = bool(self.touched) and all(is_harmless(name) for name in self.touched)
        return only_harmless or (self.read.effect in _SAYS and self.read.effect is not Effect.KEPT)


def of_change(change: Change, picture: Picture) -> Content:
    """Read what a change holds, by itself and by the commit that it carries."""
    changes = picture.situation.changes
    touched = touched_words.files(change, changes)
    read = difference.read(touched_words.diffs(change, changes), tuple(touched))
    said = "" if change.change_kind is ChangeKind.DEPLOY else change.name or ""
    if change.change_kind in _BY_INTENT and read.effect is Effect.UNKNOWN:
        said = f"{said} {change.summary or ''}"
    is_live = read.effect in (Effect.CHANGED, Effect.ADDED)
    effective = (read.words if is_live else frozenset()) | frozenset(words(said))
    turn = read.direction or _told_direction(change)
    fitting = hint.fitting(effective, picture.failing_text, turn)
    return Content(touched, read, effective, fitting)


def _told_direction(change: Change) -> int:
    """Read "from 2 to 4 replicas" where nothing else tells what was set."""
    found = _FROM_TO.search(change.summary or "") if change.change_kind in _BY_INTENT else None
    return direction(found[1], found[2]) if found else 0


def weigh(
    weighing: Weighing, picture: Picture, change: Change, service: str, cited: list[str], found: Content
) -> None:
    """Weigh what a change touched against what fails; what is not known is said to be missing."""
    situation, read = weighing.situation, found.read
    _weigh_effect(weighing, cited, found)
    common = touched_words.shared(change, situation.changes, picture.failing_words)
    if common:
        text = (
            f"what it touched and what fails share the words {listed([f'“{each}”' for each in common[:5]])}"
        )
        weighing.weigh("shared_words", cause_score.shared_words(len(common)), text, cited)
    if found.fitting is not None:
        share = 1.0 if _may_show(service, picture) else 0.5
        text = f"it changed {found.fitting.name}, and it fails in this way"
        weighing.weigh("hint", CAUSE.hint * share, text, cited)
        _weigh_shortage(weighing, picture, change, service, cited)
        _weigh_slowness(weighing, picture, change, cited)
    elif read.effect is Effect.CHANGED:
        _weigh_own_mechanism(weighing, picture, change, service, cited)
    elif not common and read.effect is Effect.UNKNOWN:
        text = "only time and place speak for it: nothing that it names is seen in what fails"
        weighing.weigh("content_unknown", CAUSE.content_unknown, text, cited)
    _weigh_alarm(weighing, change, cited, found)
    _weigh_circumstances(weighing, cited, found.effective, picture.circumstances)
    _weigh_release(weighing, change, cited, has_files=bool(found.touched))


def weigh_nothing(weighing: Weighing, cited: list[str], found: Content) -> None:
    """Take from a change that does nothing what time and place alone would give it; to be weighed last."""
    if not found.is_innocent or {each.name for each in weighing.parts} & _FITS:
        return
    most = CAUSE.most_for_nothing if found.is_inert else CAUSE.most_for_kept
    spare = sum(each.points for each in weighing.parts) - most
    if spare > 0:
        text = "what does nothing is not to blame for when and where it was made"
        if not found.is_inert:
            text = "what does the same as before is hardly to blame for when and where it was made"
        weighing.weigh("does_nothing", -spare, text, cited)


def _weigh_effect(weighing: Weighing, cited: list[str], found: Content) -> None:
    touched, read = found.touched, found.read
    if touched and all(is_harmless(name) for name in touched):
        text = f"it touched only documents or tests ({listed([cut(name, 60) for name in touched[:3]])})"
        weighing.weigh("harmless_files", CAUSE.harmless_files, text, cited)
    elif read.effect in _SAYS:
        name, points, text = _SAYS[read.effect]
        weighing.weigh(name, points, text, cited)
    elif read.effect is Effect.CHANGED:
        weighing.weigh("behaviour", CAUSE.behaviour, _behaviour(read), cited)


def _may_show(service: str, picture: Picture) -> bool:
    """Tell whether what fails lies at the changed service, at one that it calls, or names it."""
    situation = picture.situation
    return any(
        each == service
        or situation.catalog.path(service, each, situation.as_of) is not None
        or picture.naming(service, each)
        for each in picture.onsets
    )


def _weigh_slowness(weighing: Weighing, picture: Picture, change: Change, cited: list[str]) -> None:
    first = min(picture.onsets.values(), default=None)
    if first is None or first.at - change.timestamp < CAUSE.slow_after:
        return
    if _FILLS_UP.search(picture.failing_text):
        text = "what it changed fills up slowly, so that it may have been live for long"
        weighing.weigh("slow_fault", CAUSE.slow_fault, text, [*cited, first.evidence])


def _weigh_alarm(weighing: Weighing, change: Change, cited: list[str], found: Content) -> None:
    places = [*found.touched, change.name or ""]
    if found.read.effect is not Effect.CHANGED or not any(_ALARMS & set(words(name)) for name in places):
        return
    said_by_change = found.read.words | frozenset(words(change.name or ""))
    for each in blast_radius.episodes(weighing.situation.incident):
        said = {word for word in words(each.first.name) if len(word) >= _SHORTEST}
        if len(said & said_by_change) >= _ALARM_WORDS:
            text = f"it changed the rule of the alert {cut(each.first.name, 60)}"
            weighing.weigh("alarm", CAUSE.alarm, text, [*cited, evidence_id(each.first.event_id)])
            return


def _weigh_shortage(
    weighing: Weighing, picture: Picture, change: Change, service: str, cited: list[str]
) -> None:
    situation = weighing.situation
    if service in picture.risen:
        return  # it is short of what its callers take
    for short in sorted(picture.mechanisms, key=lambda each: (each == service, each)):
        named, onset = picture.mechanisms[short], picture.onsets[short]
        chain = [service] if short == service else situation.catalog.path(service, short, situation.as_of)
        if chain is None or named.cause_class is CauseClass.TRAFFIC:
            continue
        what = f"is short of something since ({cut(named.symptom.text, 60)})"
        text = f"{service} calls {short}, which {what}" if short != service else f"{service} {what}"
        ids = [*cited, onset.evidence, evidence_id(named.symptom.event_id), *weighing.depends(chain)]
        points = max(CAUSE.explains_shortage, _explained(situation, change, short, onset))
        weighing.weigh("explains_shortage", points, text, ids)
        return


def _weigh_own_mechanism(
    weighing: Weighing, picture: Picture, change: Change, service: str, cited: list[str]
) -> None:
    """Weigh for a change of behaviour how its service fails since: it is the nearest explanation."""
    onset = picture.onsets.get(service)
    used = mechanism_strength.of_resource(weighing.situation.incident, service)
    if onset is None or used is None or service in picture.risen:
        return
    points = CAUSE.nearest * _explained(weighing.situation, change, service, onset)
    text = f"{used.symptom.text} of {service} rose after it changed what {service} does"
    weighing.weigh("explains_shortage", points, text, [*cited, evidence_id(used.symptom.event_id)])


def _explained(situation: Situation, change: Change, short: str, onset: Onset) -> float:
    """Give what a shortage would count for a fault by itself, less with the age of the change."""
    used = mechanism_strength.of_resource(situation.incident, short)
    recent = cause_score.recency(change.timestamp, onset.at) / CAUSE.recency
    return FAULT.mechanism * used.amount * recent if used is not None else 0.0


def _behaviour(read: Reading) -> str:
    if read.values:
        return f"it changed a value: {cut(read.values[0], 140)}"
    if read.lost:
        return f"it dropped {listed([f'“{cut(each, 40)}”' for each in read.lost])}"
    return "it changed an operator, the order, or what runs at once"


def _weigh_circumstances(
    weighing: Weighing, cited: list[str], effective: frozenset[str], circumstances: Sequence[Circumstance]
) -> None:
    for each in circumstances:
        if not each.kind.touched & effective:
            ids = [*cited, *(evidence for shown in each.shown.values() for evidence in shown[:1])]
            text = f"what fails names {each.kind.name}, which needs no change, and it did not touch that"
            weighing.weigh("circumstance", CAUSE.circumstance, text, ids)
            return


def _weigh_release(weighing: Weighing, change: Change, cited: list[str], *, has_files: bool) -> None:
    if change.change_kind is not ChangeKind.DEPLOY:
        return
    if change.version and change.previous_version and change.version != change.previous_version:
        text = f"it brought version {cut(change.version, 60)} in place of {cut(change.previous_version, 60)}"
        weighing.weigh("new_version", CAUSE.new_version, text, cited)
    if not has_files:
        weighing.missing.append("the files that the deployment changed are not known")


def is_harmless(name: str) -> bool:
    """Tell whether a file is a document or a test by its name."""
    lowered = name.lower()
    folders, _, base = lowered.rpartition("/")
    is_test = "test" in words(base) or "spec" in words(base)
    return lowered.endswith(_DOCUMENTS) or is_test or not _HARMLESS_FOLDERS.isdisjoint(folders.split("/"))
