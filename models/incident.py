"""What is an incident, and where does it stand?"""

from datetime import datetime
from enum import StrEnum

from models.event_time import EventTime
from models.membership import Apart, Member
from models.output import Output
from models.record import content_id
from models.triage import Severity, Verdict


class IncidentStatus(StrEnum):
    """Where in its life an incident stands."""

    OPEN = "open"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Incident(Output, tag="incident", tag_field="kind", frozen=True, kw_only=True):
    """The latest state of one incident; the topic `incidents` keeps one per id."""

    scope: str
    verdict: Verdict
    status: IncidentStatus
    severity: Severity
    headline: str
    service: str
    owner: str
    opened_at: EventTime
    mitigated_at: EventTime | None = None
    resolved_at: EventTime | None = None
    closed_at: EventTime | None = None
    services: list[str]
    alerts: int
    """Alerts that belong to it, repetitions not counted."""
    repeated_alerts: int = 0
    """The same alerts sent again: recorded, not dropped."""
    alerts_kept: int = 0
    """Those kept whole, with their evidence; of the others only whether they fire."""
    flaps: int = 0
    """How often an alert came back within the grace after its resolution, or reopened the incident."""
    late_signals: int = 0
    """Signals that came after their time had been decided; taken into account and counted."""
    leading_cause: str | None = None
    """The first candidate as a sentence; None: abstained."""
    previous_incident: str | None = None
    """The latest incident of the day before that hit the same service, or one on the way of its calls."""
    members: list[Member] = []
    """Its services in the order in which they came in, and why they belong to it; the first sixty."""
    apart: list[Apart] = []
    """The incidents of the scope that went on when it opened, and why it is another one."""
    merged_into: str | None = None
    """The incident that this one turned out to be a part of."""
    split_from: str | None = None
    """The incident that this one turned out to be no part of."""
    split_into: list[str] = []
    """Incidents that were taken for a part of this one."""


def incident_id_of(scope: str, opening_event: str, opened_at: datetime) -> str:
    """Name an incident by its scope, the event that opened it, and when.

    >>> scope_of_incident(incident_id_of("shop", "alert-1", datetime(2026, 6, 23, 9, 42)))
    'shop'
    """
    return content_id(scope, opening_event, opened_at)


def scope_of_incident(incident_id: str) -> str:
    """Give the scope that an incident id was made for."""
    return incident_id.rpartition("-")[0]
