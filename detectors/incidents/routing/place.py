"""Where does the evidence lie, in which order, and who owns what is there?"""

from collections.abc import Iterator
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.changed_service import UNKNOWN_SERVICE
from detectors.incidents.routing import witness
from detectors.incidents.state import Situation
from models.cause import Candidate, CauseVerdict
from models.routing import Part

DECIDED = (CauseVerdict.LIKELY, CauseVerdict.CONFIRMED)


class Place(NamedTuple):
    """A service that the evidence points to."""

    service: str
    part: Part
    why: str
    """Continues the service's name, for example "which is affected"."""
    evidence: list[str]


def places(situation: Situation, causes: CauseFinding | None) -> list[Place]:
    """Give the services that evidence points to, the strongest evidence first; one may come several times."""
    return [each for each in _places(situation, causes) if each.service != UNKNOWN_SERVICE and each.evidence]


def leading(causes: CauseFinding | None) -> Candidate | None:
    """Give the cause that leads; None: nothing is likely or confirmed."""
    first = causes.candidates[0] if causes is not None and causes.candidates else None
    return first if first is not None and first.verdict in DECIDED else None


def owner_of(situation: Situation, service: str) -> str | None:
    """Give who owns a service at the moment of the decision; None: the catalog does not know it."""
    entry = situation.catalog.entry(service, situation.as_of)
    return entry.owner if entry else None


def _places(situation: Situation, causes: CauseFinding | None) -> Iterator[Place]:
    incident, leader = situation.incident, leading(causes)
    onsets = blast_radius.onsets(incident)
    if leader is not None:
        text = f"where the {leader.verdict.value} cause lies: {leader.text}"
        yield Place(leader.service, Part.LEADING_CAUSE, text, cited(leader))
    first = onsets.get(incident.service) or blast_radius.first_onset(incident)
    seen = [first.evidence] if first else witness.of_anything(incident)
    yield Place(incident.service, Part.USERS_SEE, "where the incident was seen first", seen)
    for candidate in causes.candidates if causes is not None else []:
        if candidate.verdict is not CauseVerdict.RULED_OUT and candidate is not leader:
            text = f"where candidate {candidate.rank} lies: {candidate.text}"
            yield Place(candidate.service, Part.CAUSE_CANDIDATE, text, cited(candidate))
    for service, onset in onsets.items():
        chain = situation.catalog.path(incident.service, service, situation.as_of) or []
        if len(chain) > 1:
            text = f"which is affected, and on which {incident.service} depends"
            yield Place(service, Part.DEPENDENCY, text, [onset.evidence])
        else:
            yield Place(service, Part.AFFECTED, "which is affected", [onset.evidence])


def cited(candidate: Candidate) -> list[str]:
    """Give the evidence of the strongest argument for a candidate, else of what speaks against it."""
    arguments = [*candidate.supporting, *candidate.contradicting]
    return list(arguments[0].evidence) if arguments else []
