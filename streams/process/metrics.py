"""Which numbers does a worker tell Prometheus? Every metric, its unit and its bounded labels."""

from collections import Counter as Counts
from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from models.topic import Outgoing

RECORDS = Counter(
    "headwater_records_total", "Records read, ticks and heartbeats included.", ["role", "topic"]
)
RECORDS_REFUSED = Counter(
    "headwater_records_refused_total", "Records set aside on the dead-letter topic.", ["topic", "reason"]
)
RECORDS_REPEATED = Counter(
    "headwater_records_repeated_total", "Records that the position had passed: dropped.", ["topic"]
)
RECORDS_LOST = Counter(
    "headwater_records_lost_total", "Records that the broker had deleted before they were read.", ["topic"]
)
OUTPUTS = Counter("headwater_outputs_total", "Records delivered.", ["role", "topic"])
LAG = Gauge(
    "headwater_lag_seconds",
    "Age of the newest record read from a partition, by the broker's clock.",
    ["topic", "partition"],
    multiprocess_mode="livemostrecent",
)
LATENESS = Gauge(
    "headwater_event_time_behind_seconds",
    "Machine time less the event time up to which a partition is complete.",
    ["topic", "partition"],
    multiprocess_mode="livemostrecent",
)
LATE = Gauge(
    "headwater_late_signals",
    "Signals and folded contents that came after their time had been decided, within the retention.",
    ["table"],
    multiprocess_mode="livesum",
)
STAGE_SECONDS = Histogram(
    "headwater_stage_duration_seconds",
    "From reading a batch until its outputs are on all replicas.",
    ["stage"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
CHECKPOINT_SECONDS = Histogram(
    "headwater_checkpoint_duration_seconds",
    "Writing changed states and the position.",
    ["table"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
STATE_KEYS = Gauge("headwater_state_keys", "Keys that have a state.", ["table"], multiprocess_mode="livesum")
STATE_BYTES = Gauge(
    "headwater_state_largest_bytes",
    "Size of the largest state written at the last checkpoint.",
    ["table"],
    multiprocess_mode="livemax",
)
OPEN_INCIDENTS = Gauge(
    "headwater_open_incidents", "Incidents that are not closed.", ["table"], multiprocess_mode="livesum"
)
BOUNDS_HIT = Gauge(
    "headwater_bounds_hit",
    "What was left out of states to keep them bounded, within the retention.",
    ["table"],
    multiprocess_mode="livesum",
)
UNMATCHED = Gauge(
    "headwater_feedback_unmatched",
    "Feedback that found no incident which is not closed, within the retention.",
    ["table"],
    multiprocess_mode="livesum",
)
ONCALL_GAP_SECONDS = Gauge(
    "headwater_oncall_gap_seconds",
    "Time without anybody on call within two weeks of the worker's start.",
    ["team", "level"],
    multiprocess_mode="livemostrecent",
)


def count_outputs(role: str, delivered: Iterable[Outgoing]) -> None:
    """Count what a role has delivered, by topic."""
    for topic, count in Counts(each.topic for each in delivered).items():
        OUTPUTS.labels(role, topic).inc(count)
