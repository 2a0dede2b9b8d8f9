"""Does what fails name a cause that needs no change: bad data, a certificate, a resolver, traffic?

Method: errors of the world around a service name themselves; a table joins their phrases with a
cause class. Traffic is read from metrics: requests that rose at a service none of whose affected
callers stayed at its level. Weakness: a program may say the same of its own mistake, so a
change that touched just this is not excused (see `change_suspect`).
"""

from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause import mechanism
from detectors.incidents.cause.circumstance_kind import KINDS, TRAFFIC, TROUBLE, Kind
from detectors.incidents.cause.policy import CIRCUMSTANCE
from detectors.incidents.cause.suspect import Suspect, Weighing
from detectors.incidents.state import Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import clock, listed, quantity, words
from models.cause import Candidate, CauseClass
from models.event import Alert
from models.signal import Symptom, SymptomKind


class Circumstance(NamedTuple):
    """A cause that needs no change, the services that show it, and what shows it."""

    kind: Kind
    shown: dict[str, list[str]]
    """Evidence by service."""


NO_CHANGE = ", for which no change is to blame"
"""How the sentence of such a cause ends."""
_NAMED = "named"
_REQUESTS = {"request", "requests", "rps", "qps", "traffic", "hits", "visits", "sessions", "logins"}
_NOT_REQUESTS = {
    "error", "errors", "failed", "duration", "latency", "queue", "size", "bytes", "ms", "seconds",
    "depth", "5xx", "4xx", "ratio", "timeout", "cpu", "memory",
}  # fmt: skip


def found(situation: Situation) -> list[Circumstance]:
    """Give the circumstances that the incident names, in the order of the table, traffic last."""
    named = [Circumstance(kind, _naming(kind, situation)) for kind in KINDS]
    surge = Circumstance(TRAFFIC, _surging(situation))
    return [each for each in [*named, surge] if each.shown]


def is_one(candidate: Candidate) -> bool:
    """Whether a candidate is a cause that needs no change."""
    return any(each.name == _NAMED for each in candidate.parts)


def of_situation(situation: Situation) -> list[Suspect]:
    """Weigh each circumstance as a cause of its own, at the service that showed it first."""
    onsets = blast_radius.onsets(situation.incident)
    return [_suspect(each, situation, onsets) for each in found(situation)]


def _suspect(found: Circumstance, situation: Situation, onsets: dict[str, Onset]) -> Suspect:
    weighing, shown = Weighing(situation), found.shown
    service = min(shown, key=lambda each: (_has_caller(each, found, situation), onsets[each].at, each))
    cited = [each for ids in shown.values() for each in ids[:2]]
    if found.kind is TRAFFIC:
        text = _surge_text(situation, service)
    else:
        text = f"what fails at {listed(list(shown)[:3])} names {found.kind.name}"
    weighing.weigh(_NAMED, CIRCUMSTANCE.named, text, cited)
    text = f"{len(shown)} of {len(onsets)} affected services show it"
    weighing.weigh("shown_by", CIRCUMSTANCE.shown_by * len(shown) / len(onsets), text, cited)
    first = min(each.at for each in onsets.values())
    if onsets[service].at - first <= CIRCUMSTANCE.together:
        text = f"{service} was among the first to deviate, at {clock(onsets[service].at)}"
        weighing.weigh("at_the_onset", CIRCUMSTANCE.at_the_onset, text, [onsets[service].evidence])
    if found.kind is TRAFFIC:
        _weigh_shortages(weighing, found)
    weighing.missing.append("whether it shows outside of this system, too, would decide")
    return weighing.suspect(
        cause_class=found.kind.cause_class,
        service=service,
        event_id=found.kind.name,
        text=f"{found.kind.name} at {service}{NO_CHANGE}",
    )


def _weigh_shortages(weighing: Weighing, found: Circumstance) -> None:
    incident = weighing.situation.incident
    named = {each: mechanism.of_service(incident, each) for each in blast_radius.services(incident)}
    short = {
        each: evidence_id(one.symptom.event_id)
        for each, one in named.items()
        if one is not None and one.cause_class is CauseClass.CAPACITY
    }
    loaded = [each for each in short if each in found.shown]
    if loaded:
        text = f"{listed(loaded[:3])} {'are' if len(loaded) > 1 else 'is'} short of something and got more "
        text += f"requests: {len(loaded)} of {len(short)} that are short"
        share = len(loaded) / len(short)
        weighing.weigh(
            "explains_shortage",
            CIRCUMSTANCE.explains_shortage * share,
            text,
            [short[each] for each in loaded],
        )


def _has_caller(service: str, found: Circumstance, situation: Situation) -> bool:
    # Traffic comes in at the top; other circumstances are told of where they showed first.
    return found.kind is TRAFFIC and any(
        other != service and situation.catalog.path(other, service, situation.as_of) is not None
        for other in found.shown
    )


def _naming(kind: Kind, situation: Situation) -> dict[str, list[str]]:
    shown: dict[str, list[str]] = {}
    for track in blast_radius.tracks(situation.incident):
        worst = track.worst
        if _is_measured(kind, worst) or _is_said(kind, f"{worst.text} {worst.sample}", worst, situation):
            shown.setdefault(worst.service, []).append(evidence_id(worst.event_id))
    for each in blast_radius.episodes(situation.incident):
        alert = each.first
        if _is_said(kind, f"{alert.name} {alert.summary or ''}", alert, situation):
            shown.setdefault(alert.service, []).append(evidence_id(alert.event_id))
    return shown


def _is_measured(kind: Kind, symptom: Symptom) -> bool:
    if symptom.symptom_kind is not SymptomKind.METRIC_SHIFT or kind.measured is None:
        return False
    return symptom.value > symptom.baseline and kind.measured.search(symptom.text) is not None


def _is_said(kind: Kind, text: str, by: Symptom | Alert, situation: Situation) -> bool:
    if isinstance(by, Symptom) and by.symptom_kind is SymptomKind.METRIC_SHIFT:
        return False
    if kind.said.search(text):
        return True
    return kind.cause_class is CauseClass.EXTERNAL_PROVIDER and _is_outside(text, by.service, situation)


def _is_outside(text: str, service: str, situation: Situation) -> bool:
    """Tell whether a service speaks of trouble with, or is, a party that the catalog calls external."""
    if _is_external(service, situation):
        return True
    if TROUBLE.search(text) is None:
        return False
    said = f" {' '.join(words(text))} "
    return any(
        _is_external(each, situation) and f" {' '.join(words(each))} " in said
        for each in situation.catalog.dependencies(service, situation.as_of)
    )


def _is_external(service: str, situation: Situation) -> bool:
    entry = situation.catalog.entry(service, situation.as_of)
    return entry is not None and entry.is_external


def _surging(situation: Situation) -> dict[str, list[str]]:
    tracks = {each.worst.service: each for each in blast_radius.tracks(situation.incident) if _is_surge(each)}
    affected = blast_radius.services(situation.incident)
    # More requests at a callee alone are made by its callers; only what enters from outside is traffic.
    entered = {
        service
        for service in tracks
        if all(
            caller in tracks or situation.catalog.path(caller, service, situation.as_of) is None
            for caller in affected
        )
    }
    callers = {
        service
        for service in entered
        if not any(
            other != service and situation.catalog.path(other, service, situation.as_of) for other in entered
        )
    }
    if not callers:
        return {}
    return {
        service: [evidence_id(track.worst.event_id)]
        for service, track in sorted(tracks.items())
        if service in entered
    }


def _is_surge(track: SymptomTrack) -> bool:
    worst = track.worst
    said = set(words(worst.subject)) | set(words(worst.text))
    return (
        worst.symptom_kind is SymptomKind.METRIC_SHIFT
        and bool(said & _REQUESTS)
        and not said & _NOT_REQUESTS
        and worst.baseline > 0
        and worst.value >= CIRCUMSTANCE.surge * worst.baseline
    )


def _surge_text(situation: Situation, service: str) -> str:
    worst = next(each.worst for each in blast_radius.tracks(situation.incident, service) if _is_surge(each))
    level = f"{quantity(worst.value, worst.unit)} (baseline {quantity(worst.baseline, worst.unit)})"
    return f"{worst.text} of {service} rose to {level}, and no affected caller stayed at its level"
