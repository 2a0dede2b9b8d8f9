"""What do producers tell us? The events of the input topics."""

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from models.event_time import EventTime, to_event_time
from models.record import Record, time_fields

LONGEST_NAME = 512
"""Characters of a name."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
"""A name that identifies something: never empty, never a text."""

if TYPE_CHECKING:
    Labels = dict[str, Any]
else:
    Labels = dict[str, Any] | None
"""Names and values as sent; null on the wire is empty inside."""


@cache
def _label_fields(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(each for each in kind.__struct_fields__ if each in ("attributes", "labels", "extra"))


class Event(Record, frozen=True, kw_only=True):
    """What every event has."""

    timestamp: EventTime
    """When it happened (event time, UTC)."""
    event_id: str = ""
    """Identity of the event; without one it gets a hash of its content at the intake."""
    extra: Labels = {}
    """Fields that the sender added and we do not know, kept as sent."""

    def __post_init__(self) -> None:
        """Bring every time to aware UTC, and null labels to empty ones; an impossible time is an error."""
        for field in _label_fields(type(self)):
            if getattr(self, field) is None:
                msgspec.structs.force_setattr(self, field, {})
        for field in time_fields(type(self)):
            value = getattr(self, field)
            if value is not None:
                msgspec.structs.force_setattr(self, field, to_event_time(value, field))


class AlertStatus(StrEnum):
    """Whether the condition holds."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Alert(Event, tag="alert", tag_field="kind", frozen=True, kw_only=True):
    """A rule of some monitoring system says that a condition holds, or no longer does."""

    service: Name
    name: Name
    status: AlertStatus
    severity: str | None = None
    """As sent; never mapped in silence."""
    summary: str | None = None
    fingerprint: str | None = None
    """The sender's identity of the alert; without one: service, name and labels."""
    starts_at: EventTime | None = None
    ends_at: EventTime | None = None
    labels: Labels = {}
    value: float | None = None
    threshold: float | None = None
    unit: str | None = None
    url: str | None = None
    source: str | None = None


class LogRecord(Event, tag="log", tag_field="kind", frozen=True, kw_only=True):
    """One log line of one service."""

    service: Name
    body: str
    severity: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    attributes: Labels = {}


class LogLine(msgspec.Struct, tag="log", tag_field="kind", kw_only=True, gc=False):
    """A log record as it is read by the hundred thousand: the same fields, nothing made of them yet."""

    timestamp: EventTime
    service: Name
    body: str
    severity: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    attributes: Labels | None = None
    event_id: str = ""
    extra: Labels | None = None


class ChangeKind(StrEnum):
    """What was deliberately changed."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    CONFIG = "config"
    FEATURE_FLAG = "feature_flag"
    COMMIT = "commit"
    SCALING = "scaling"
    INFRASTRUCTURE = "infrastructure"
    MAINTENANCE = "maintenance"


class Change(Event, tag="change", tag_field="kind", frozen=True, kw_only=True):
    """A deliberate change, finished at its timestamp; a commit is merged, not live."""

    change_kind: ChangeKind
    service: Name | None = None
    version: str | None = None
    previous_version: str | None = None
    commit: str | None = None
    name: str | None = None
    author: str | None = None
    """Role or handle; never shown in a timeline."""
    summary: str | None = None
    started_at: EventTime | None = None
    state: str | None = None
    url: str | None = None
    attributes: Labels = {}


class Metric(Event, tag="metric", tag_field="kind", frozen=True, kw_only=True):
    """One measured value of one service."""

    service: Name
    name: Name
    value: float
    unit: str | None = None
    attributes: Labels = {}


class Span(Event, tag="span", tag_field="kind", frozen=True, kw_only=True):
    """One operation of one service within a trace."""

    service: Name
    name: Name
    duration_ms: Annotated[float, msgspec.Meta(ge=0, description="Milliseconds.")]
    status: str | None = None
    """ok, error or unset; failed, failure, STATUS_CODE_ERROR and the text 2 count as error too."""
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    peer_service: str | None = None
    attributes: Labels = {}


class FeedbackAction(StrEnum):
    """What a responder did or said."""

    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    ASSIGN = "assign"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CONFIRM_CAUSE = "confirm_cause"
    REJECT_CAUSE = "reject_cause"
    CONFIRM_SEVERITY = "confirm_severity"
    WRONG_OWNER = "wrong_owner"
    MERGE = "merge"
    """The incident is part of `into_incident_id`."""
    SPLIT = "split"
    """`alerts`, or else all of `service`, are an incident of their own."""
    HELPED = "helped"
    DID_NOT_HELP = "did_not_help"


class Feedback(Event, tag="feedback", tag_field="kind", frozen=True, kw_only=True):
    """A human action; without an incident id it goes to the open incident of the service's scope."""

    action: FeedbackAction
    incident_id: str | None = None
    actor: str | None = None
    """A role or handle."""
    candidate_id: str | None = None
    text: str | None = None
    service: Name | None = None
    into_incident_id: str | None = None
    """Of a merge, which needs it: the incident that goes on."""
    alerts: list[str] = []
    """Of a split: fingerprints or event ids of the alerts that leave; empty: all of `service` leaves."""


InputEvent = Alert | LogRecord | Change | Metric | Span | Feedback
