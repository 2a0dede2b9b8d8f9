"""Who should act, why they, and who is the second best?"""

from collections.abc import Iterator

from detectors.incidents import blast_radius
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.changed_service import UNKNOWN_SERVICE
from detectors.incidents.state import Situation
from models.cause import CauseVerdict
from models.triage import Owner

UNKNOWN_OWNER = "unknown"

_DECIDED = (CauseVerdict.LIKELY, CauseVerdict.CONFIRMED)


def find(situation: Situation, causes: CauseFinding | None) -> Owner:
    """Give the owner of the service with the strongest evidence, and the second best.

    That service is the leading cause's if it is likely or confirmed, else the one that users see
    failing. The second best is the next service, by the strength of its evidence, that somebody else owns.
    """
    places = [(service, why) for service, why in _places(situation, causes) if service != UNKNOWN_SERVICE]
    service, why = places[0]
    entry = situation.catalog.entry(service, situation.as_of)
    owner = entry.owner if entry else UNKNOWN_OWNER
    reason = f"{owner} owns {service}, {why}"
    if entry is None:
        reason = f"the catalog does not know {service}, {why}: add it with spec.owner to the catalog"
    second = next((each for each in _owned(situation, places[1:]) if each[0] != owner), None)
    return Owner(
        owner=owner,
        reason=reason,
        service=service,
        runbook=entry.runbook if entry else None,
        second_best=second[0] if second else None,
        second_reason=f"{second[0]} owns {second[1]}, {second[2]}" if second else None,
    )


def _places(situation: Situation, causes: CauseFinding | None) -> Iterator[tuple[str, str]]:
    incident = situation.incident
    candidates = causes.candidates if causes else []
    if candidates and candidates[0].verdict in _DECIDED:
        yield (
            candidates[0].service,
            f"where the {candidates[0].verdict.value} cause lies: {candidates[0].text}",
        )
    yield incident.service, "where the incident was seen first"
    for candidate in candidates:
        if candidate.verdict is not CauseVerdict.RULED_OUT:
            yield candidate.service, f"where candidate {candidate.rank} lies: {candidate.text}"
    for service in blast_radius.services(incident):
        yield service, "which is affected"


def _owned(situation: Situation, places: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for service, why in places:
        entry = situation.catalog.entry(service, situation.as_of)
        if entry is not None:
            yield entry.owner, service, why
