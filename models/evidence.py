"""What is a piece of evidence? Everything a verdict says cites one by its id."""

from enum import StrEnum

from models.event_time import EventTime
from models.output import Output


class EvidenceKind(StrEnum):
    """What was observed."""

    ALERT = "alert"
    CHANGE = "change"
    SYMPTOM = "symptom"
    FEEDBACK = "feedback"
    TOPOLOGY = "topology"
    QUIET = "quiet"
    HISTORY = "history"
    """What is remembered of earlier deployments and incidents."""
    OWNERSHIP = "ownership"
    """What the catalog says of a service's owner."""
    SCHEDULE = "schedule"
    """What the on-call schedules say of a team."""
    LOAD = "load"
    """Other open incidents that somebody holds."""
    NO_ANSWER = "no_answer"
    """Nobody acknowledged within a time."""


class Evidence(Output, tag="evidence", tag_field="kind", frozen=True, kw_only=True):
    """One observation with all that is needed to check it."""

    evidence_id: str
    evidence_kind: EvidenceKind
    service: str
    occurred_at: EventTime
    """When it happened (event time)."""
    text: str
    """What was observed, as a sentence."""
    window_s: float | None = None
    """Length of the window that was judged (seconds)."""
    value: float | None = None
    baseline: float | None = None
    threshold: float | None = None
    unit: str | None = None
    sample_size: int | None = None
    sample: str | None = None
    """One redacted line or value that shows it."""
    sources: list[str]
    """The event ids or folded buckets that it was drawn from."""
