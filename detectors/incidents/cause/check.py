"""What should a person look at to confirm or refute a candidate?"""

from collections.abc import Iterable, Sequence

from detectors.incidents import blast_radius
from detectors.incidents.cause import touched_words
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


def of_candidates(candidates: Iterable[Candidate], situation: Situation) -> list[NextAction]:
    """Give the checks of the first candidates that are still open, the strongest candidate's first."""
    still_open = [each for each in candidates if each.verdict is not CauseVerdict.RULED_OUT]
    found: dict[str, NextAction] = {}
    for candidate in still_open[: TELLING.checked_candidates]:
        for action in _of_candidate(candidate, situation)[: TELLING.checks_per_candidate]:
            found.setdefault(action.text, action)
    return list(found.values())


def sentences(candidates: Sequence[Candidate], situation: Situation) -> list[str]:
    """Give the same checks as sentences, each with its reason."""
    checks = of_candidates(candidates, situation)[: TELLING.next_actions]
    return [sentence(f"{each.text}, because {each.why}") for each in checks]


def _of_candidate(candidate: Candidate, situation: Situation) -> list[NextAction]:
    arguments = [*candidate.supporting, *candidate.contradicting]
    if not arguments:
        return []
    why, cited = arguments[0].text, arguments[0].evidence
    standing = _STANDING[candidate.verdict]
    change = _change(candidate, situation)
    texts = _of_change(change, candidate, situation) if change else _of_fault(candidate, situation)
    return [
        NextAction(text=text, why=f"{candidate.text} is {standing}: {why}", evidence=cited) for text in texts
    ]


def _change(candidate: Candidate, situation: Situation) -> Change | None:
    change_id = candidate.change.change_id if candidate.change else None
    return next((each for each in situation.changes if each.event_id == change_id), None)


def _of_change(change: Change, candidate: Candidate, situation: Situation) -> list[str]:
    service, name = candidate.service, cut(change.name or "", 60)
    match change.change_kind:
        case ChangeKind.DEPLOY | ChangeKind.ROLLBACK if change.version and change.previous_version:
            old, new = cut(change.previous_version, 60), cut(change.version, 60)
            first = f"compare the error signatures of {new} and {old} of {service}"
        case ChangeKind.DEPLOY | ChangeKind.ROLLBACK:
            first = f"compare the error signatures of {service} before and after {clock(change.timestamp)}"
        case ChangeKind.FEATURE_FLAG:
            first = f"compare requests of {service} with the flag {name or 'that was changed'} on and off"
        case ChangeKind.CONFIG:
            first = f"read the difference of the configuration {name or 'change'} of {service}"
        case ChangeKind.SCALING:
            first = f"compare load and capacity of {service} before and after {clock(change.timestamp)}"
        case _:
            first = f"check reachability and capacity of {service} since {clock(change.timestamp)}"
    files = touched_words.files(change, situation.changes)
    if files:
        return [first, f"read what changed in {listed([cut(each, 80) for each in files[:3]])}"]
    return [first, *_spans(candidate.service, situation)]


def _of_fault(candidate: Candidate, situation: Situation) -> list[str]:
    service = candidate.service
    onset = blast_radius.onsets(situation.incident).get(service)
    since = f" since {clock(onset.at)}" if onset else ""
    match candidate.cause_class:
        case CauseClass.CAPACITY:
            first = f"look at CPU, memory, pools and queues of {service}{since}"
        case CauseClass.NETWORK:
            first = f"compare client and server durations of the calls to {service}{since}"
        case CauseClass.TRAFFIC:
            first = f"look at who sends the additional requests to {service}{since}"
        case CauseClass.DATA:
            first = f"look at the record that {service} cannot read{since}, and at who sent it"
        case CauseClass.SECURITY:
            first = f"check expiry of certificates and credentials of {service}, and who sends its requests"
        case CauseClass.INFRASTRUCTURE:
            first = f"check resolver, machines and network under {service}{since}"
        case CauseClass.EXTERNAL_PROVIDER if situation.catalog.entry(service, situation.as_of) is not None:
            first = f"look at the status page of the provider that the errors of {service} name"
        case CauseClass.EXTERNAL_PROVIDER:
            first = f"look at the status page of {service}"
        case _:
            first = f"read the logs of {service}{since}"
    calls = _spans(service, situation)
    return [*calls, first] if candidate.cause_class is CauseClass.DEPENDENCY else [first, *calls]


def _spans(service: str, situation: Situation) -> list[str]:
    entry = situation.incident.service
    if service == entry:
        return []
    chain = situation.catalog.path(entry, service, situation.as_of)
    return [f"inspect the spans of {' → '.join(chain)}"] if chain else []
