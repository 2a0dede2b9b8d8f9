"""Which evidence is made for routing: of owners, schedules, other incidents, and of silence?"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from detectors.incidents.state import OpenIncident, Situation
from detectors.incidents.wording import day_and_clock, sentence, span
from models.evidence import Evidence, EvidenceKind
from models.oncall import Shift
from models.record import content_id
from models.routing import CandidateKind


def of_owner(situation: Situation, service: str, owner: str) -> Evidence:
    """Give the evidence that the catalog names an owner of a service."""
    return _piece(
        situation, EvidenceKind.OWNERSHIP, content_id("evidence", "owner", service, owner), service,
        f"the catalog says that {owner} owns {service}", [f"catalog:{service}"],
    )  # fmt: skip


def of_annotation(situation: Situation, service: str, name: str, value: str) -> Evidence:
    """Give the evidence that the catalog names somebody in an annotation of a service."""
    return _piece(
        situation, EvidenceKind.OWNERSHIP, content_id("evidence", "annotation", service, name, value),
        service, f"the catalog names a contact of {service} in {name}", [f"catalog:{service}"],
    )  # fmt: skip


def of_shift(situation: Situation, shift: Shift) -> Evidence:
    """Give the evidence that a team has somebody on call; it names nobody."""
    return _piece(
        situation,
        EvidenceKind.SCHEDULE,
        content_id(
            "evidence", "shift", shift.team, shift.level, shift.handle, shift.starts_at, shift.ends_at
        ),
        situation.incident.service,
        f"level {shift.level} of {shift.team} is on call from {day_and_clock(shift.starts_at)} to "
        f"{day_and_clock(shift.ends_at)}",
        [f"oncall:{shift.team}"],
    )


def of_nobody(situation: Situation, team: str) -> Evidence:
    """Give the evidence that no schedule has anybody of a team on call."""
    return _piece(
        situation, EvidenceKind.SCHEDULE, content_id("evidence", "nobody", team), situation.incident.service,
        f"at {day_and_clock(situation.as_of)} the schedules have nobody of {team} on call",
        [f"oncall:{team}"],
    )  # fmt: skip


def of_load(situation: Situation, who: str, kind: CandidateKind, others: Iterable[str]) -> Evidence:
    """Give the evidence that somebody holds other incidents that are not over; it names no responder."""
    ids = sorted(others)
    name = who if kind is CandidateKind.TEAM else "a responder"
    many = f"{len(ids)} other open {'incident' if len(ids) == 1 else 'incidents'}"
    return _piece(
        situation, EvidenceKind.LOAD, content_id("evidence", "holds", who, *ids),
        situation.incident.service, f"{name} holds {many}", ids,
    )  # fmt: skip


def of_no_answer(situation: Situation, level: int, since: datetime) -> Evidence:
    """Give the evidence that nobody acknowledged from one moment to that of the decision."""
    until = situation.as_of
    return _piece(
        situation,
        EvidenceKind.NO_ANSWER,
        content_id("evidence", "no_answer", situation.incident.incident_id, level, since, until),
        situation.incident.service,
        f"nobody acknowledged the incident for {span(until - since)}, from {day_and_clock(since)} to "
        f"{day_and_clock(until)}",
        of_anything(situation.incident)[:1],
        window=until - since,
    )


def of_anything(incident: OpenIncident) -> list[str]:
    """Give the id of the earliest evidence that an incident has; empty: it has none."""
    first = min(
        incident.evidence.values(), key=lambda each: (each.occurred_at, each.evidence_id), default=None
    )
    return [first.evidence_id] if first is not None else []


def _piece(
    situation: Situation,
    kind: EvidenceKind,
    evidence_id: str,
    service: str,
    text: str,
    sources: list[str],
    window: timedelta | None = None,
) -> Evidence:
    return Evidence(
        incident_id=situation.incident.incident_id,
        as_of=situation.as_of,
        rules_version=situation.rules_version,
        evidence_id=evidence_id,
        evidence_kind=kind,
        service=service,
        occurred_at=situation.as_of,
        text=sentence(text),
        window_s=None if window is None else window.total_seconds(),
        value=None if window is None else 0.0,
        unit=None if window is None else "acknowledgements",
        sources=sources,
    )
