"""What should a person look at to confirm or refute a candidate?"""

from collections.abc import Iterable, Iterator, Sequence

from detectors.incidents import blast_radius
from detectors.incidents.cause import content, sighting, touched_words
from detectors.incidents.cause.sighting import Sighting
from detectors.incidents.policy import TELLING
from detectors.incidents.state import Situation
from detectors.incidents.wording import clock, cut, listed, sentence
from models.cause import Candidate, CauseClass, CauseVerdict
from models.event import Change, ChangeKind
from models.triage import NextAction

_STANDING = {
    CauseVerdict.CANDIDATE: "a candidate",
    CauseVerdict.LIKELY: "the likely cause",
    CauseVerdict.CONFIRMED: "a confirmed cause",
    CauseVerdict.RULED_OUT: "ruled out",
}

_ABOUT_CONTENT = ("missing_name", "hint", "shared_words", "behaviour")
"""Parts of a score that say what a change did: why its files are worth reading."""


def of_candidates(candidates: Iterable[Candidate], situation: Situation) -> list[NextAction]:
    """Give the checks of the first candidates that are still open, the strongest candidate's first.

    Each says why it is worth the time and cites what shows it: the evidence of the symptom to look at
    where there is one, else that of the candidate's strongest argument.
    """
    still_open = [each for each in candidates if each.verdict is not CauseVerdict.RULED_OUT]
    found: dict[str, NextAction] = {}
    for candidate in still_open[: TELLING.checked_candidates]:
        new = [each for each in _of_candidate(candidate, situation) if each.text not in found]
        found |= {each.text: each for each in new[: TELLING.checks_per_candidate]}
    return list(found.values())


def sentences(candidates: Sequence[Candidate], situation: Situation) -> list[str]:
    """Give the same checks as sentences, each with its reason."""
    checks = of_candidates(candidates, situation)[: TELLING.next_actions]
    return [sentence(f"{each.text}, because {each.why}") for each in checks]


def _of_candidate(candidate: Candidate, situation: Situation) -> Iterator[NextAction]:
    arguments = [*candidate.supporting, *candidate.contradicting]
    if not arguments:
        return
    change = _change(candidate, situation)
    general = f"{candidate.text} is {_STANDING[candidate.verdict]}: {arguments[0].text}"
    looks = _of_change(change, candidate, situation) if change else _of_fault(candidate, situation)
    for each in looks:
        why, evidence = each.why or general, each.evidence or arguments[0].evidence
        yield NextAction(text=each.text, why=why, evidence=evidence)


def _change(candidate: Candidate, situation: Situation) -> Change | None:
    change_id = candidate.change.change_id if candidate.change else None
    return next((each for each in situation.changes if each.event_id == change_id), None)


def _of_change(change: Change, candidate: Candidate, situation: Situation) -> Iterator[Sighting]:
    service, name = candidate.service, cut(change.name or "", 60)
    match change.change_kind:
        case ChangeKind.DEPLOY | ChangeKind.ROLLBACK:
            yield _compared(change, service, situation)
        case ChangeKind.FEATURE_FLAG:
            yield _look(
                f"compare requests of {service} with the flag {name or 'that was changed'} on and off"
            )
        case ChangeKind.CONFIG:
            yield _look(f"read the difference of the configuration {name or 'change'} of {service}")
        case ChangeKind.SCALING:
            yield _look(f"compare load and capacity of {service} before and after {clock(change.timestamp)}")
        case _:
            yield _look(f"check reachability and capacity of {service} since {clock(change.timestamp)}")
    files = touched_words.files(change, situation.changes)
    telling = [each for each in files if not content.is_harmless(each)] or files
    if telling:
        told = _argument(candidate, _ABOUT_CONTENT)
        yield Sighting(f"read what changed in {listed([cut(each, 80) for each in telling[:3]])}", *told)
    yield from _spans(service, situation)
    yield from _optional(sighting.of_slice(service, situation))


def _compared(change: Change, service: str, situation: Situation) -> Sighting:
    if change.version and change.previous_version:
        old, new = cut(change.previous_version, 60), cut(change.version, 60)
        text = f"compare the error signatures of {new} and {old} of {service}"
    else:
        text = f"compare the error signatures of {service} before and after {clock(change.timestamp)}"
    found = sighting.of_comparison(change, service, situation)
    return _look(text) if found is None else found._replace(text=f"{text}, {found.text}")


def _argument(candidate: Candidate, names: tuple[str, ...]) -> tuple[str, list[str]]:
    """Give the text and the evidence of the first argument of such a name; empty: there is none."""
    for name in names:
        texts = {each.text for each in candidate.parts if each.name == name}
        for each in candidate.supporting:
            if each.text in texts:
                return each.text, each.evidence
    return "", []


def _of_fault(candidate: Candidate, situation: Situation) -> Iterator[Sighting]:
    service = candidate.service
    onset = blast_radius.onsets(situation.incident).get(service)
    since = f" since {clock(onset.at)}" if onset else ""
    entry = situation.catalog.entry(service, situation.as_of)
    is_ours = entry is not None and not entry.is_external
    if candidate.cause_class is CauseClass.DEPENDENCY:
        yield from _spans(service, situation)
    match candidate.cause_class:
        case CauseClass.CAPACITY:
            general = _look(f"look at CPU, memory, pools and queues of {service}{since}")
            yield sighting.of_resource(service, situation) or general
        case CauseClass.NETWORK:
            yield _look(f"compare client and server durations of the calls to {service}{since}")
        case CauseClass.TRAFFIC:
            yield _look(f"look at who sends the additional requests to {service}{since}")
        case CauseClass.DATA:
            yield _look(f"look at the record that {service} cannot read{since}, and at who sent it")
        case CauseClass.SECURITY:
            yield _look(
                f"check expiry of certificates and credentials of {service}, and who sends its requests"
            )
        case CauseClass.INFRASTRUCTURE:
            yield _look(f"check resolver, machines and network under {service}{since}")
        case CauseClass.EXTERNAL_PROVIDER if is_ours:
            yield _look(f"look at the status page of the provider that the errors of {service} name")
        case CauseClass.EXTERNAL_PROVIDER:
            yield _look(f"look at the status page of {service}")
        case _:
            yield sighting.of_signature(service, situation) or _look(f"read the logs of {service}{since}")
    yield from _spans(service, situation)
    yield from _optional(sighting.of_slice(service, situation))
    yield from _optional(sighting.of_signature(service, situation))


def _spans(service: str, situation: Situation) -> Iterator[Sighting]:
    """Point along the calls from what users see to a service: to its last edge where that is seen to fail."""
    chain = situation.catalog.path(situation.incident.service, service, situation.as_of) or []
    if len(chain) > 1:
        edge = sighting.of_edge(chain[-2], chain[-1], situation)
        yield edge or _look(f"inspect the spans of {' → '.join(chain)}")


def _look(text: str) -> Sighting:
    """Give a check whose reason is the candidate's own."""
    return Sighting(text, "", [])


def _optional(found: Sighting | None) -> list[Sighting]:
    return [] if found is None else [found]
