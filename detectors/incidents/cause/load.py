"""Is a service called more than before, and do its callers make these calls?

Method: calls of a service that rose by half or more although none of its affected callers got more
requests itself: somebody calls it more often for each request (a cache that is gone, a query for each row,
retries). Who calls is then to blame rather than who is called. Weakness: it takes a metric that
counts calls, and a caller whose own requests are measured or that does not surge.
"""

from collections.abc import Sequence

from detectors.incidents import blast_radius
from detectors.incidents.cause import mechanism
from detectors.incidents.cause.circumstance import Circumstance
from detectors.incidents.cause.circumstance_kind import TRAFFIC
from detectors.incidents.cause.content import Content
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.policy import CAUSE
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import clock, quantity, words
from models.cause import CauseClass
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


def weigh(
    weighing: Weighing,
    service: str,
    cited: list[str],
    content: Content,
    circumstances: Sequence[Circumstance],
) -> None:
    """Weigh a change by who is called more since, and by what is short behind the changed service."""
    situation = weighing.situation
    is_traffic = any(each.kind is TRAFFIC for each in circumstances)
    if not is_traffic and not content.is_innocent and _weigh_calls(weighing, service, cited):
        return
    if content.fitting is None:
        _weigh_short_callee(weighing, service, cited, situation)


def _weigh_calls(weighing: Weighing, service: str, cited: list[str]) -> bool:
    situation = weighing.situation
    for called, symptom in sorted(_called_more(situation).items()):
        level = (
            f"{quantity(symptom.value, symptom.unit)} (baseline {quantity(symptom.baseline, symptom.unit)})"
        )
        ids = [*cited, evidence_id(symptom.event_id)]
        if called == service:
            text = f"{symptom.text} of {service} rose to {level}, and its callers decide on that"
            weighing.weigh("called_more", CAUSE.called_more, text, ids)
            return True
        if called in situation.catalog.dependencies(service, situation.as_of):
            text = (
                f"{symptom.text} of {called}, which it calls, rose to {level}, and no more came from outside"
            )
            weighing.weigh("calls_more", CAUSE.calls_more, text, [*ids, *weighing.depends([service, called])])
            return True
    return False


def _called_more(situation: Situation) -> dict[str, Symptom]:
    """Give the services that are called more by those that call them, each with what shows it most."""
    surging: dict[str, Symptom] = {}
    for track in blast_radius.tracks(situation.incident):
        worst = track.worst
        if is_calls(worst) and worst.value >= CAUSE.amplified * worst.baseline:
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


def is_calls(symptom: Symptom) -> bool:
    """Tell whether a symptom is that of a metric that counts calls."""
    said = set(words(symptom.subject)) | set(words(symptom.text))
    is_metric = symptom.symptom_kind is SymptomKind.METRIC_SHIFT
    return is_metric and bool(said & _CALLS) and not said & _NO_COUNT and symptom.baseline > 0


def _weigh_short_callee(weighing: Weighing, service: str, cited: list[str], situation: Situation) -> None:
    onsets = blast_radius.onsets(situation.incident)
    if service not in onsets:
        return
    for callee, onset in onsets.items():
        chain = situation.catalog.path(service, callee, situation.as_of)
        named = mechanism.of_service(situation.incident, callee)
        if callee == service or chain is None or named is None or named.cause_class is CauseClass.TRAFFIC:
            continue
        if onset.at > onsets[service].at + CAUSE.onset_tolerance:
            continue
        text = f"{callee}, which {service} calls, was short of something already at {clock(onset.at)} "
        text += f"({named.symptom.text}), and nothing that it changed explains that"
        ids = [*cited, onset.evidence, evidence_id(named.symptom.event_id), *weighing.depends(chain)]
        weighing.weigh("short_callee", CAUSE.short_callee, text, ids)
        return
