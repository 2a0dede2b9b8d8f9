"""Whose is the incident, and does evidence or a responder's word move it to somebody else?

The order in which answers are taken: what a responder assigned; else the owner of the service where the
leading cause lies; else whoever a leading cause gave it to before; else the owner of the service that
users see failing. An assignment holds until a responder assigns anew, says that the owner is wrong, or
confirms a cause after it. A confirmed cause and a responder's word move it at once; a likely cause only
by a margin, and not within the cool-down of the last change.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from detectors.incidents import memory, narration
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.routing import witness, word
from detectors.incidents.routing.known import is_known, kind_of
from detectors.incidents.routing.place import Place, leading, owner_of, places
from detectors.incidents.routing.policy import ROUTING
from detectors.incidents.state import OpenIncident, Situation, evidence_id
from detectors.incidents.wording import clock, number
from models.cause import CauseVerdict
from models.event import FeedbackAction
from models.evidence import Evidence
from models.incident import IncidentStatus
from models.routing import CandidateKind, OwnershipChange, Part
from models.timeline import EntryKind
from models.topic import Outgoing

UNKNOWN_OWNER = "unknown"

_GOES_ON = (IncidentStatus.OPEN, IncidentStatus.MITIGATED)


class Finding(NamedTuple):
    """Whose the incident is by the evidence of the moment."""

    owner: str
    service: str
    reason: str
    evidence: list[str]
    by_cause: bool = False
    by_word: str = ""
    is_certain: bool = False
    """A responder's word, or nothing that could be weighed against it: it moves at once."""


class Held(NamedTuple):
    """Why evidence does not move the incident yet."""

    why: str = ""
    until: datetime | None = None
    """When to look again (event time)."""


def settle(situation: Situation, causes: CauseFinding | None) -> Iterator[Outgoing]:
    """Bring the owner up to date: evidence first, and a change of it into the timeline."""
    incident, routing = situation.incident, situation.incident.routing
    word.hear(situation)
    found, made = find(situation, causes)
    held = _held_back(situation, causes, found)
    routing.held_back, routing.look_again_at = held.why, held.until
    if held.why:
        return
    for each in made:
        yield from memory.keep(incident, each)
    known = [each for each in found.evidence if each in incident.evidence]
    found = found._replace(evidence=known or witness.of_anything(incident))
    if routing.owner and routing.owner != found.owner and not incident.noise:
        _change(situation, causes, found)
    routing.owner, routing.service, routing.reason = found.owner, found.service, found.reason
    routing.evidence = found.evidence
    routing.by_cause, routing.by_word = found.by_cause, found.by_word


def deadline(incident: OpenIncident) -> datetime | None:
    """Give when a cool-down ends that holds a change of the owner back (event time); None: none does."""
    return incident.routing.look_again_at if incident.status in _GOES_ON else None


def find(situation: Situation, causes: CauseFinding | None) -> tuple[Finding, list[Evidence]]:
    """Give whose the incident is by the evidence of the moment alone, and the evidence made for that."""
    routing = situation.incident.routing
    given = word.assignment(routing)
    if given is not None and not _confirmed_since(situation, causes, given.said_at):
        said = evidence_id(given.event_id)
        service = _concerned(situation, causes, given.assigned)
        reason = f"a responder gave it to {given.assigned}"
        if not is_known(situation, given.assigned):
            reason += ", whom neither the catalog nor an on-call schedule knows"
        return Finding(given.assigned, service, reason, [said], by_word=given.event_id, is_certain=True), []
    wrong = word.refused(routing)
    candidates = places(situation, causes)
    owned = [(owner, each) for each in candidates if (owner := owner_of(situation, each.service))]
    free = [(owner, each) for owner, each in owned if owner not in wrong] or owned
    if not free:
        return _unowned(situation, candidates), []
    owner, place = free[0]
    if routing.by_cause and place.part is not Part.LEADING_CAUSE and routing.owner not in wrong:
        kept = Finding(
            routing.owner, routing.service, routing.reason, routing.evidence, by_cause=True,
            by_word=routing.by_word,
        )  # fmt: skip
        return kept, []
    reason = f"{owner} owns {place.service}, {place.why}"
    if candidates[0].service != place.service and owner_of(situation, candidates[0].service) is None:
        reason += f"; the catalog knows no owner of {candidates[0].service}"
    made = witness.of_owner(situation, place.service, owner)
    leader = leading(causes)
    by_cause = place.part is Part.LEADING_CAUSE
    return Finding(
        owner, place.service, reason, [*place.evidence, made.evidence_id], by_cause=by_cause,
        is_certain=not by_cause or (leader is not None and leader.verdict is CauseVerdict.CONFIRMED),
    ), [made]  # fmt: skip


def _concerned(situation: Situation, causes: CauseFinding | None, owner: str) -> str:
    """Give the service for which somebody was given the incident.

    One that evidence points to, else one that such a service calls, else the one that users see failing.
    """
    pointed = [each.service for each in places(situation, causes)]
    called = [other for each in pointed for other in situation.catalog.dependencies(each, situation.as_of)]
    theirs = (each for each in (*pointed, *called) if owner_of(situation, each) == owner)
    return next(theirs, situation.incident.service)


def _unowned(situation: Situation, candidates: list[Place]) -> Finding:
    service = candidates[0].service if candidates else situation.incident.service
    why = f", {candidates[0].why}" if candidates else ""
    reason = f"the catalog does not know {service}{why}: add it with spec.owner to the catalog"
    cited = candidates[0].evidence if candidates else witness.of_anything(situation.incident)
    return Finding(UNKNOWN_OWNER, service, reason, cited, is_certain=True)


def _held_back(situation: Situation, causes: CauseFinding | None, found: Finding) -> Held:
    routing = situation.incident.routing
    is_free = not routing.by_cause or routing.owner in word.refused(routing)
    if found.owner == routing.owner or found.is_certain or is_free:
        return Held()
    lead = _margin(situation, causes, routing.owner)
    if lead is not None and lead < ROUTING.margin:
        told = f"{found.reason}, but what lies with {routing.owner} is only {number(lead)} points behind"
        return Held(f"{told} ({number(ROUTING.margin)} are needed)")
    if routing.changes:
        ends = routing.changes[-1].changed_at + ROUTING.cool_down
        if situation.as_of < ends:
            return Held(f"{found.reason}; the last change is too recent, it moves at {clock(ends)}", ends)
    return Held()


def _margin(situation: Situation, causes: CauseFinding | None, owner: str) -> float | None:
    """Give by how many points the leading cause leads the best that lies with an owner."""
    leader = leading(causes)
    if leader is None or causes is None:
        return None
    theirs = [
        each.score for each in causes.candidates
        if each.verdict is not CauseVerdict.RULED_OUT and owner_of(situation, each.service) == owner
    ]  # fmt: skip
    return round(leader.score - max(theirs, default=0.0), 3)


def _change(situation: Situation, causes: CauseFinding | None, found: Finding) -> None:
    incident, routing, as_of = situation.incident, situation.incident.routing, situation.as_of
    informed = [each.from_owner for each in routing.changes if each.from_owner != found.owner]
    change = OwnershipChange(
        changed_at=as_of,
        from_owner=routing.owner,
        to_owner=found.owner,
        service=found.service,
        reason=found.reason,
        evidence=found.evidence,
        margin=_margin(situation, causes, routing.owner) if found.by_cause else None,
        cool_down_ends_at=as_of + ROUTING.cool_down if found.by_cause else None,
        kept_informed=list(dict.fromkeys([*informed, routing.owner])),
    )
    routing.changes = [*routing.changes, change][-ROUTING.most_changes :]
    memory.tell(
        incident,
        narration.status_entry(
            entry_kind=EntryKind.OWNERSHIP, service=found.service, rule="ownership.changed",
            text=f"the incident passes from {_shown(situation, routing.owner)} to "
            f"{_shown(situation, found.owner)}: {_told(situation, found)}",
            evidence_id=found.evidence[0], occurred_at=as_of, learned_at=as_of,
        ),
    )  # fmt: skip


def _shown(situation: Situation, owner: str) -> str:
    """Name a team; a handle is a person's, whom no timeline names."""
    if owner == UNKNOWN_OWNER or kind_of(situation, owner) is CandidateKind.TEAM:
        return owner
    if is_known(situation, owner):
        return "a responder"
    return "somebody whom neither the catalog nor an on-call schedule knows"


def _told(situation: Situation, found: Finding) -> str:
    return "a responder said so" if found.by_word else found.reason


def _confirmed_since(situation: Situation, causes: CauseFinding | None, moment: datetime) -> bool:
    leader = leading(causes)
    if leader is None or leader.verdict is not CauseVerdict.CONFIRMED:
        return False
    return any(
        each.action is FeedbackAction.CONFIRM_CAUSE
        and each.candidate_id == leader.candidate_id
        and each.timestamp > moment
        for each in situation.incident.feedback
    )
