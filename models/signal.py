"""What is a signal? The records on a scope's one ordered topic."""

from enum import StrEnum

from models.event import Alert, Change, Event, Feedback, Name
from models.event_time import EventTime
from models.record import Record
from models.tick import Tick


class SymptomKind(StrEnum):
    """What is abnormal at a service."""

    NEW_SIGNATURE = "new_signature"
    SURGING_SIGNATURE = "surging_signature"
    VANISHED_SIGNATURE = "vanished_signature"
    METRIC_SHIFT = "metric_shift"
    ERROR_RATE = "error_rate"
    LATENCY = "latency"
    ERROR_SHARE = "error_share"
    """Of all log lines of a service, more than usual tell of errors."""
    FLOW_BREAK = "flow_break"
    """Requests of an operation no longer go through a service as they usually do."""
    NETWORK_GAP = "network_gap"
    """Calls take longer at the caller than at the service that is called: evidence of the way between."""
    SILENT_SERVICE = "silent_service"
    """It logged steadily and has stopped: evidence, no failure by itself; the log shipper may be down."""
    DEPLOY_COMPARISON = "deploy_comparison"
    """Log signatures before and after a change: evidence, not a failure by itself."""


class Difference(StrEnum):
    """How the lines of a signature after a change differ from those before it."""

    NEW = "new"
    GONE = "gone"
    UP = "up"
    DOWN = "down"


class SignatureDifference(Record, frozen=True, kw_only=True):
    """One log signature before and after a change, over equally long windows."""

    signature_id: str
    template: str
    """Masked where the signature is sensitive."""
    difference: Difference
    severity: str
    before: int
    """Lines in the window before the change; by version, of the other versions after it."""
    after: int
    """Lines in the window after it; by version, of the new one."""
    expected: float
    """Lines that there would have been after it, at that traffic, had nothing changed."""
    score: float
    """Two-sample Poisson score, in standard deviations; negative: fewer than expected."""


class DeployComparison(Record, frozen=True, kw_only=True):
    """What a service's log says after a change, compared with what it said before."""

    change_id: str
    """Event id of the change."""
    change_kind: str
    version: str = ""
    previous_version: str = ""
    lines_before: int
    """Lines below error in the window before, or of the other versions: what counts are scaled by."""
    lines_after: int
    by_version: bool = False
    """The lines of the new version are compared with those of others in the same minutes that follow the
    change; else those after it with those before."""
    differences: list[SignatureDifference]
    """The strongest first, at most ten."""


class Lift(Record, frozen=True, kw_only=True):
    """A value in which the lines of a signature concentrate, against all lines of its service before."""

    dimension: str
    """tenant, region, version or host; of failed credentials source or actor, whose values are hashes."""
    value: str
    count: int
    """Lines of the signature with that value, in the bucket; about, where the dimension has many values."""
    of: int
    """Lines of the signature in the bucket."""
    usual_share: float
    """Share of the value among all lines of the service before, 0 to 1, smoothed."""
    lift: float
    """Share in the bucket by usual share."""


class Symptom(Event, tag="symptom", tag_field="kind", frozen=True, kw_only=True, omit_defaults=True):
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
    baseline_windows: int = 0
    """Of a count: windows of the same length that the baseline rests on, empty ones included."""
    dispersion: float = 0.0
    """Of a count: variance by mean of those windows; 1 is Poisson, 0: not estimated."""
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
    """Of a log signature: lines of the bucket by dimension (tenant, region, version, host) and value; of a
    dimension with many values the one that prevails alone, with about as many lines as have it."""
    lift: Lift | None = None
    """Where `concentration` stands out against the service's lines before."""
    sensitive: list[str] = []
    """Why a log signature concerns security or compliance; its text and sample are masked then."""
    merged: list[str] = []
    """Ids of signatures that are part of the subject since the bucket; they are not told of any more."""
    comparison: DeployComparison | None = None
    """Of a deploy comparison: what differs, with its counts."""


Signal = Alert | Change | Feedback | Symptom
"""What is decided in event-time order; `Tick` only makes time pass."""

SignalRecord = Alert | Change | Feedback | Symptom | Tick
