"""Which services are called more than before by those that call them?

Method: calls of a service that rose by half or more although none of its callers got more requests
itself: somebody calls it more often for each request (a cache that is gone, a query for each row, retries).
Who calls is then to blame rather than who is called. Weakness: it takes a metric that counts calls, and
callers whose own requests are measured or do not rise.
"""

from detectors.incidents import blast_radius
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.state import Situation
from detectors.incidents.wording import words
from models.signal import Symptom, SymptomKind

_CALLS = {
    "requests", "request", "rps", "qps", "queries", "query", "calls", "commands", "transactions", "tps",
    "reads", "writes", "operations", "ops", "invocations", "lookups",
}  # fmt: skip
_NO_COUNT = {
    "error", "errors", "failed", "failures", "duration", "latency", "time", "seconds", "ms", "size", "bytes",
    "queue", "depth", "ratio", "cpu", "memory", "slow", "timeout", "timeouts", "rejected", "throttled",
    "p50", "p90", "p95", "p99", "lag", "age", "4xx", "5xx",
}  # fmt: skip


def risen(situation: Situation) -> dict[str, Symptom]:
    """Give the services that are called more by those that call them, each with what shows it most."""
    surging: dict[str, Symptom] = {}
    for track in blast_radius.tracks(situation.incident):
        worst = track.worst
        if _is_calls(worst) and worst.value >= CAUSE.amplified * worst.baseline:
            known = surging.get(worst.service, worst)
            surging[worst.service] = max(known, worst, key=lambda each: (each.score, each.event_id))
    services = situation.catalog.services(situation.incident.scope, situation.as_of)
    callers = {
        called: [each for each in services if called in situation.catalog.dependencies(each, situation.as_of)]
        for called in surging
    }
    return {
        called: symptom
        for called, symptom in surging.items()
        if callers[called] and not any(each in surging for each in callers[called])
    }


def _is_calls(symptom: Symptom) -> bool:
    said = set(words(symptom.subject)) | set(words(symptom.text))
    is_metric = symptom.symptom_kind is SymptomKind.METRIC_SHIFT
    return is_metric and bool(said & _CALLS) and not said & _NO_COUNT and symptom.baseline > 0
