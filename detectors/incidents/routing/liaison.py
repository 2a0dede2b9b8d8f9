"""Who watches over security or compliance, and is it a matter for them?"""

from collections.abc import Iterator
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.routing import witness
from detectors.incidents.routing.place import cited, leading
from detectors.incidents.state import Situation, evidence_id
from models.annotation import COMPLIANCE, COMPLIANCE_LIAISON, SECURITY_LIAISON, value_of
from models.cause import CauseClass
from models.evidence import Evidence

_CONCERNS = {
    "credential_failure": (SECURITY_LIAISON,),
    "privilege_change": (SECURITY_LIAISON,),
    "data_exposure": (SECURITY_LIAISON, COMPLIANCE_LIAISON),
    "audit_tampering": (SECURITY_LIAISON, COMPLIANCE_LIAISON),
}
"""Who has to know of a sensitive signature: whoever a person or a duty to report is about."""
_DUTIES = ("patient-safety", "regulated-trading")
"""Duties of a service that any failure of it touches; those about data are touched where data is."""
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
            value = (value_of(entry.annotations, annotation) or "") if entry else ""
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
    for service, onset in blast_radius.onsets(situation.incident).items():
        entry = situation.catalog.entry(service, situation.as_of)
        carried = (value_of(entry.annotations, COMPLIANCE) or ()) if entry else ()
        for duty in (each for each in carried if each in _DUTIES):
            yield COMPLIANCE_LIAISON, service, f"it fails, and carries {duty}", [onset.evidence]
    leader = leading(causes)
    if leader is not None and leader.cause_class is CauseClass.SECURITY:
        yield SECURITY_LIAISON, leader.service, f"the leading cause is {leader.text}", cited(leader)
