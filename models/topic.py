"""Which record goes to which topic? The names that models, stages and sinks agree on."""

from models.record import Record

ALERTS = "alerts"
DEPLOYS = "deploys"
LOGS = "logs"
METRICS = "metrics"
SPANS = "spans"
FEEDBACK = "feedback"
CATALOG = "catalog"

LOG_PATTERNS = "log-patterns"
METRIC_BUCKETS = "metric-buckets"
SPAN_BUCKETS = "span-buckets"
TRACE_SAMPLES = "trace-samples"
SIGNALS = "signals"

INCIDENTS = "incidents"
TRIAGE = "incident.triage"
ROUTING = "incident.routing"
CAUSES = "incident.causes"
EVIDENCE = "incident.evidence"
TIMELINE = "incident.timeline"
POSTMORTEMS = "incident.postmortems"
LOG_SIGNATURES = "log-signatures"
DEAD_LETTERS = "dead-letters"

BULK = (LOGS, METRICS, SPANS)
"""Inputs that the intake folds into counts."""
DIRECT = (ALERTS, DEPLOYS, FEEDBACK)
"""Inputs that the intake passes on one by one as signals."""
INPUTS = DIRECT + BULK
OUTPUTS = (INCIDENTS, TRIAGE, ROUTING, CAUSES, EVIDENCE, TIMELINE, POSTMORTEMS, LOG_SIGNATURES)


class Outgoing(Record, frozen=True, kw_only=True):
    """A record on its way to a topic."""

    topic: str
    key: str
    value: Record


def path_name(topic: str, partition: int) -> str:
    """Name a path by which signals come, for example `logs:3`."""
    return f"{topic}:{partition}"
