"""What is a signal? The records on a scope's one ordered topic."""

from enum import StrEnum

from models.event import Alert, Change, Event, Feedback, Name
from models.event_time import EventTime
from models.tick import Tick


class SymptomKind(StrEnum):
    """What is abnormal at a service."""

    NEW_SIGNATURE = "new_signature"
    SURGING_SIGNATURE = "surging_signature"
    VANISHED_SIGNATURE = "vanished_signature"
    METRIC_SHIFT = "metric_shift"
    ERROR_RATE = "error_rate"
    LATENCY = "latency"


class Symptom(Event, tag="symptom", tag_field="kind", frozen=True, kw_only=True):
    """Something abnormal at one service, judged when a bucket closed; its timestamp is the bucket's end."""

    service: Name
    symptom_kind: SymptomKind
    subject: str
    """What deviates: a signature id, a metric name, an operation."""
    peer: str = ""
    """The service that is called, where calls deviate; empty: the service itself does."""
    text: str
    """The same for people: the template, the metric name, the operation."""
    onset_at: EventTime
    """When it first deviated, as far as the buckets tell (event time)."""
    window_s: float
    """Length of the window that was judged (seconds)."""
    value: float
    baseline: float
    threshold: float
    unit: str
    sample_size: int
    score: float
    """How strongly it deviates, in standard deviations of the statistic that is named in `statistic`."""
    statistic: str
    severity: str = "unknown"
    """The worst log severity behind it; unknown for metrics and spans."""
    sample: str = ""
    """One redacted line or value that shows it."""
    sources: list[str] = []
    """The folded buckets that it was drawn from."""
    first_seen_at: EventTime | None = None
    """Of a log signature: when its first line was seen (event time), as far as is remembered."""
    last_seen_at: EventTime | None = None
    """Of a log signature: when its latest line was seen (event time)."""
    concentration: dict[str, dict[str, int]] = {}
    """Of a log signature: lines of the bucket by dimension (tenant, region, version, host) and value."""
    sensitive: list[str] = []
    """Why a log signature concerns security or compliance; its sample is masked then."""
    merged: list[str] = []
    """Ids of signatures that are part of the subject since the bucket; they are not told of any more."""


Signal = Alert | Change | Feedback | Symptom
"""What is decided in event-time order; `Tick` only makes time pass."""

SignalRecord = Alert | Change | Feedback | Symptom | Tick
