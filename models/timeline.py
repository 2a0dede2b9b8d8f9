"""What happened when, and when did we learn it?"""

from enum import StrEnum

from models.event_time import EventTime
from models.output import Output, Timed


class EntryKind(StrEnum):
    """What a timeline entry tells of."""

    SYMPTOM = "symptom"
    ALERT = "alert"
    CHANGE = "change"
    HUMAN_ACTION = "human_action"
    STATUS = "status"
    MEMBERSHIP = "membership"
    """Two incidents turned out to be one, or one to be two."""
    SEVERITY = "severity"
    CAUSE = "cause"
    OWNERSHIP = "ownership"
    ESCALATION = "escalation"


class Certainty(StrEnum):
    """Observed, or concluded by us."""

    FACT = "fact"
    INFERENCE = "inference"


class TimelineEntry(Timed, frozen=True, kw_only=True):
    """One thing that happened; no person is named."""

    occurred_at: EventTime
    learned_at: EventTime
    """The event time at which Headwater took it into account."""
    entry_kind: EntryKind
    service: str
    text: str
    source: str
    """The event id, or the rule, that it comes from."""
    evidence_id: str
    certainty: Certainty


class Anchors(Timed, frozen=True, kw_only=True):
    """The five moments by which incidents are measured (event time); None: has not happened."""

    first_symptom_at: EventTime | None = None
    first_alert_at: EventTime | None = None
    first_human_action_at: EventTime | None = None
    mitigated_at: EventTime | None = None
    recovered_at: EventTime | None = None


class Timeline(Output, tag="timeline", tag_field="kind", frozen=True, kw_only=True):
    """The whole timeline so far, entries by (occurred_at, text); a newer record replaces an older one."""

    anchors: Anchors
    entries: list[TimelineEntry]
    left_out: int = 0
    """Entries beyond the bound that are not listed."""
