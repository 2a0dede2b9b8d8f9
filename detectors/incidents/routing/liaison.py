"""Who watches over security or compliance, and is it a matter for them?"""

from collections.abc import Iterator
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.routing import witness
from detectors.incidents.routing.place import cited, leading
from detectors.incidents.state import Situation, evidence_id
from models.cause import CauseClass
from models.evidence import Evidence

SECURITY = "headwater.dev/security-liaison"
COMPLIANCE = "headwater.dev/compliance-liaison"
"""Annotations of a service whose value is a team or handle."""

_CONCERNS = {
    "credential_failure": (SECURITY,),
    "privilege_change": (SECURITY,),
    "data_exposure": (SECURITY, COMPLIANCE),
    "audit_tampering": (SECURITY, COMPLIANCE),
}
"""Who has to know of a sensitive signature: whoever a person or a duty to report is about."""
_TOLD = {
    "credential_failure": "failed credentials",
    "privilege_change": "a change of privileges",
    "data_exposure": "exposed data",
    "audit_tampering": "a lost audit trail",
}


class Liaison(NamedTuple):
    """Somebody to be told because of what it is about; `who` is empty where the catalog names nobody."""

    who: str
    service: str
    annotation: str
    why: str
    evidence: list[str]
    made: Evidence | None


def liaisons(situation: Situation, causes: CauseFinding | None) -> list[Liaison]:
    """Give who is concerned, in the order of annotation and service, each once a service."""
    found: dict[tuple[str, str], Liaison] = {}
    for annotation, service, why, evidence in _concerns(situation, causes):
        if (annotation, service) not in found:
            entry = situation.catalog.entry(service, situation.as_of)
            value = str(entry.annotations.get(annotation) or "").strip() if entry else ""
            made = witness.of_annotation(situation, service, annotation, value) if value else None
            ids = [*evidence, *([made.evidence_id] if made else [])]
            found[annotation, service] = Liaison(value, service, annotation, why, ids, made)
    return [found[each] for each in sorted(found)]


def _concerns(situation: Situation, causes: CauseFinding | None) -> Iterator[tuple[str, str, str, list[str]]]:
    for track in blast_radius.tracks(situation.incident):
        for kind in track.first.sensitive:
            for annotation in _CONCERNS.get(kind, ()):
                why = f"its logs tell of {_TOLD[kind]}"
                yield annotation, track.first.service, why, [evidence_id(track.first.event_id)]
    leader = leading(causes)
    if leader is not None and leader.cause_class is CauseClass.SECURITY:
        yield SECURITY, leader.service, f"the leading cause is {leader.text}", cited(leader)
