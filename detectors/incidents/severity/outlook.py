"""Which rules came close, and what would make it worse?"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from detectors.incidents.severity.measurement import WHOLE
from detectors.incidents.severity.table import IMPACTS, URGENCIES, Condition, Judged, Outcome, State
from detectors.incidents.state import Situation
from detectors.incidents.wording import number, quantity
from models.measure import NUMBERS, WORDS, Measure
from models.severity_table import Bounds, FloorRule, ImpactRule, SeverityTable, UrgencyRule
from models.triage import NearMiss, Raise, Severity

_MOST_NEAR_MISSES = 10
_MOST_CITED = 10
_MOST_CLAUSES = 3
"""What would make it worse, in one sentence."""

_NOUNS = {
    Measure.TIER: "the tier",
    Measure.ERROR_SHARE: "the share of errors",
    Measure.LATENCY_FACTOR: "latency over its baseline",
    Measure.OVERSHOOT: "the alert's value over its threshold",
    Measure.TRANSACTION_LOSS: "the loss of transactions",
    Measure.SATURATION: "the fill level",
    Measure.EXHAUSTION: "the time until it is full",
    Measure.BURN_RATE_5M: "the burn rate over 5 minutes",
    Measure.BURN_RATE_30M: "the burn rate over 30 minutes",
    Measure.BURN_RATE_1H: "the burn rate over 1 hour",
    Measure.BURN_RATE_6H: "the burn rate over 6 hours",
    Measure.GROWTH: "the growth of errors",
    Measure.FAILED_CREDENTIALS: "the number of failed credentials",
    Measure.FAILING_SERVICES: "the number of failing services",
    Measure.ERRING_SERVICES: "the number of services with errors",
    Measure.AFFECTED_SERVICES: "the number of affected services",
    Measure.REGIONS: "the number of regions that are hit",
    Measure.TENANTS: "the number of tenants that are hit",
    Measure.RECENT_CHANGE: "the age of the latest change",
}

_IF = {
    Measure.ERROR_SHARE: "errors{of} reach {limit}",
    Measure.LATENCY_FACTOR: "latency{of} reaches {limit} its baseline",
    Measure.OVERSHOOT: "an alert{of} reaches {limit} its threshold",
    Measure.TRANSACTION_LOSS: "{limit} of the transactions{of} are lost",
    Measure.SATURATION: "a resource{of} is at {limit}",
    Measure.EXHAUSTION: "a resource{of} has less than {limit} left",
    Measure.BURN_RATE_5M: "errors{of} spend the budget {limit} as fast as allowed over 5 minutes",
    Measure.BURN_RATE_30M: "errors{of} spend the budget {limit} as fast as allowed over 30 minutes",
    Measure.BURN_RATE_1H: "errors{of} spend the budget {limit} as fast as allowed over an hour",
    Measure.BURN_RATE_6H: "errors{of} spend the budget {limit} as fast as allowed over 6 hours",
    Measure.GROWTH: "errors{of} grow to {limit} their first share",
    Measure.FAILED_CREDENTIALS: "{limit} of failed credentials{of} come in one window",
    Measure.FAILING_SERVICES: "{limit} fail",
    Measure.ERRING_SERVICES: "{limit} have errors",
    Measure.AFFECTED_SERVICES: "{limit} are affected",
    Measure.REGIONS: "{limit} fail",
    Measure.TENANTS: "{limit} are hit",
    Measure.FAILING: "{service} fails",
    Measure.ERROR_LINES: "{service} logs new errors",
    Measure.LOG_ERROR_SHARE: "more of the lines of {service} are errors",
    Measure.UNCOUNTED_ERRORS: "errors{of} exceed their threshold",
    Measure.DATA_EXPOSURE: "log lines tell of exposed data",
    Measure.DEPENDENCY_ALERTING: "a dependency alerts",
    Measure.KEY_TENANT: "a key tenant is hit",
    Measure.PEAK: "a busy time begins",
    Measure.MARKET_HOURS: "the market opens",
    Measure.SENT_SEVERITY: "an alert is sent as {limit}",
}
"""How a condition is told that may come to hold; the others do not change while an incident lasts."""

_FROM_NOTHING = {Measure.ERROR_SHARE: "requests{of} fail", Measure.LATENCY_FACTOR: "latency{of} rises"}
"""The same where any error, or any rise, is enough."""

_SECOND = {Measure.REGIONS: "a second region fails", Measure.TENANTS: "a second tenant is hit"}


class _Lack(NamedTuple):
    """A rule that lacks one condition at one service."""

    outcome: Outcome
    condition: Condition
    closeness: float
    """Value by limit, 0 to 1; 1 where only the sample is too small."""
    severity: Severity
    """What the incident would be, if the rule fired."""


def near_misses(situation: Situation, judged: Judged) -> list[NearMiss]:
    """Give the rules that lack one number and are near it, the most severe first; one of each rule."""
    near = situation.policy.severity.near
    found = [
        each for each in _lacks(situation, judged) if each.closeness >= near and _is_number(each.condition)
    ]
    closest: dict[str, _Lack] = {}
    for each in sorted(found, key=lambda each: -each.closeness):
        closest.setdefault(each.outcome.rule.rule, each)
    ordered = sorted(closest.values(), key=lambda each: (each.severity, -each.closeness))
    return [miss for each in ordered if (miss := _near_miss(each))][:_MOST_NEAR_MISSES]


def raises(situation: Situation, judged: Judged, severity: Severity) -> list[Raise]:
    """Give what would make it worse than it is held now: one sentence for each severity, the worst first."""
    found: list[Raise] = []
    lacks = [
        each for each in _lacks(situation, judged) if each.severity < severity and _may_come(each.condition)
    ]
    for worse in sorted({each.severity for each in lacks}):
        alike = [each for each in lacks if each.severity == worse]
        chosen: dict[str, _Lack] = {}
        for each in sorted(alike, key=lambda each: (_is_elsewhere(situation, each), -each.closeness)):
            chosen.setdefault(each.outcome.rule.rule, each)
        told = sorted(_nearest_of_each(chosen.values()), key=_distance)[:_MOST_CLAUSES]
        clauses = [_clause(situation, each) for each in told]
        rules = [each.outcome.rule.rule for each in told]
        found.append(Raise(severity=worse, text=f"{worse.name} if {_either(clauses)}", rules=rules))
    return found


def _lacks(situation: Situation, judged: Judged) -> Iterator[_Lack]:
    for outcome in judged.close:
        severity = _severity_if(situation.policy.severity, judged, outcome)
        if severity is not None:
            condition = outcome.lacking[0]
            yield _Lack(outcome, condition, _closeness(condition), severity)


def _nearest_of_each(lacks: Iterable[_Lack]) -> Iterable[_Lack]:
    """Give of several rules that lack the same measure the one that is nearest, in the order of the table."""
    found: dict[Measure, _Lack] = {}
    for each in lacks:
        known = found.setdefault(each.condition.measure, each)
        if (-each.closeness, _bound(each.condition)) < (-known.closeness, _bound(known.condition)):
            found[each.condition.measure] = each
    return found.values()


def _distance(lack: _Lack) -> tuple[float, bool]:
    """Order what is near first, and a sender's word last: what happens says more than what it is called."""
    return -lack.closeness, lack.condition.measure in WORDS


def _is_elsewhere(situation: Situation, lack: _Lack) -> bool:
    return lack.outcome.service != situation.incident.service


def _severity_if(table: SeverityTable, judged: Judged, outcome: Outcome) -> Severity | None:
    impact, urgency = IMPACTS.index(judged.impact), URGENCIES.index(judged.urgency)
    match outcome.rule:
        case ImpactRule(impact=level):
            reached = IMPACTS.index(level) + (1 if judged.eased_by else 0)
            impact = min(impact, reached)
        case UrgencyRule(urgency=level):
            urgency = min(urgency, URGENCIES.index(level))
        case FloorRule(severity=name):
            return min(judged.severity, Severity[name])
        case _:
            return None
    return min(judged.severity, Severity[table.matrix[IMPACTS[impact]][URGENCIES[urgency]]])


def _closeness(condition: Condition) -> float:
    if condition.state is State.SMALL:
        return 1.0
    if condition.seen is None or not _is_number(condition):
        return 0.0
    value, limit = condition.seen.value, _bound(condition)
    is_highest = isinstance(condition.limit, Bounds) and condition.limit.at_most is not None
    return _part(limit, value) if is_highest else _part(value, limit)


def _part(smaller: float, larger: float) -> float:
    return min(smaller / larger, 1.0) if larger > 0 else 0.0


def _bound(condition: Condition) -> float:
    limit = condition.limit
    if isinstance(limit, Bounds):
        return (limit.at_most if limit.at_most is not None else limit.at_least) or 0.0
    return float(limit) if isinstance(limit, int | float) else 0.0


def _is_number(condition: Condition) -> bool:
    return condition.measure in NUMBERS


def _may_come(condition: Condition) -> bool:
    if condition.measure not in _IF:
        return False
    return not isinstance(condition.limit, bool) or condition.limit


def _near_miss(lack: _Lack) -> NearMiss | None:
    condition, seen = lack.condition, lack.condition.seen
    if seen is None:
        return None
    unit, limit = NUMBERS[condition.measure], _bound(condition)
    place = f" at {lack.outcome.service}" if seen.service != WHOLE else ""
    told = f"{_NOUNS[condition.measure]}{place} is {_amount(seen.value, unit)}"
    if condition.state is State.SMALL and isinstance(condition.limit, Bounds):
        text = (
            f"{told}, but of {seen.sample_size} only; {lack.outcome.rule.rule} needs {condition.limit.sample}"
        )
    else:
        is_highest = isinstance(condition.limit, Bounds) and condition.limit.at_most is not None
        needed = f"at {'most' if is_highest else 'least'} {_amount(limit, unit)}"
        text = f"{told}; {lack.outcome.rule.rule} needs {needed}"
    return NearMiss(
        rule=lack.outcome.rule.rule,
        severity=lack.severity,
        text=text,
        service=seen.service,
        value=round(seen.value, 3),
        threshold=limit,
        unit=unit,
        window_s=seen.window_s,
        sample_size=seen.sample_size,
        evidence=list(dict.fromkeys(seen.evidence))[:_MOST_CITED],
    )


def _amount(value: float, unit: str) -> str:
    """Write a value whose noun has named its unit already, where it is a count."""
    return number(value) if unit in ("services", "regions", "tenants", "tier") else quantity(value, unit)


def _clause(situation: Situation, lack: _Lack) -> str:
    measure, service = lack.condition.measure, lack.outcome.service
    limit = _bound(lack.condition)
    of = "" if service in (situation.incident.service, WHOLE) else f" of {service}"
    if measure in _SECOND and limit == 2:
        return _SECOND[measure]
    if lack.condition.state is State.SMALL and isinstance(lack.condition.limit, Bounds):
        return f"the share of errors{of} holds over {lack.condition.limit.sample} requests"
    if measure in _FROM_NOTHING and limit <= 1:
        return _FROM_NOTHING[measure].format(of=of)
    shown = str(lack.condition.limit) if measure not in NUMBERS else quantity(limit, NUMBERS[measure])
    return _IF[measure].format(of=of, service=service or "a service", limit=shown)


def _either(clauses: list[str]) -> str:
    return clauses[0] if len(clauses) == 1 else f"{', '.join(clauses[:-1])} or {clauses[-1]}"
