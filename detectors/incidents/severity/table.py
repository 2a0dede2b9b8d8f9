"""Which rules of the policy's table fire, and what do impact times urgency give?"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from detectors.incidents.severity.fact import Facts
from detectors.incidents.severity.measurement import Measurement
from models.measure import SENT_WORDS, Measure
from models.severity_table import (
    Bounds,
    ImpactLevel,
    ImpactRule,
    Limit,
    SeverityRule,
    SeverityTable,
    UrgencyLevel,
    UrgencyRule,
)
from models.triage import Severity

IMPACTS = list(ImpactLevel)
URGENCIES = list(UrgencyLevel)

TELL_OF_URGENCY = (
    Measure.BURN_RATE_5M,
    Measure.BURN_RATE_1H,
    Measure.BURN_RATE_30M,
    Measure.BURN_RATE_6H,
    Measure.EXHAUSTION,
)
"""Where one of these was measured, urgency is known; a sender's word, or the time of day, only raises it."""


class State(Enum):
    """Whether a condition holds."""

    MET = auto()
    MISSED = auto()
    SMALL = auto()
    """The value would do, the sample is too small."""
    UNKNOWN = auto()


class Condition(NamedTuple):
    """One condition of a rule at one service, with what was measured."""

    measure: Measure
    limit: Limit
    state: State
    seen: Measurement | None


class Outcome(NamedTuple):
    """One rule at one service."""

    rule: SeverityRule
    service: str
    conditions: list[Condition]
    lacking: list[Condition]
    """Those that do not hold."""


class Judged(NamedTuple):
    """What the table gives."""

    impact: ImpactLevel
    urgency: UrgencyLevel
    severity: Severity
    fired: list[Outcome]
    """The rules that fired, once for each service at which they did, in the order of the table."""
    close: list[Outcome]
    """Those that lacked one condition at a service, and fired at none."""
    eased_by: str
    """The rule by which the impact counts one level lower; empty: none."""
    is_urgency_known: bool


def judge(table: SeverityTable, facts: Facts, relaxed: float = 1.0) -> Judged:
    """Give what a table says of some facts.

    Args:
        table: The policy's table.
        facts: What was measured.
        relaxed: What every limit is multiplied by; below 1 the result is at least as severe.
    """
    outcomes = [
        _outcome(rule, service, facts, relaxed) for rule in table.rules() for service in facts.services
    ]
    reached = [each for each in outcomes if not each.lacking]
    fired = [each.rule for each in reached]
    names = {each.rule for each in fired}
    close = [each for each in outcomes if len(each.lacking) == 1 and each.rule.rule not in names]
    impact = min(
        (IMPACTS.index(each.impact) for each in fired if isinstance(each, ImpactRule)),
        default=len(IMPACTS) - 1,
    )
    eased_by = next((each.rule for each in fired if each in table.eases), "")
    if eased_by:
        impact = min(impact + 1, len(IMPACTS) - 1)
    is_known = any(facts.known(each) for each in TELL_OF_URGENCY)
    calm = len(URGENCIES) - 1 if is_known else 0
    urgency = min(
        (URGENCIES.index(each.urgency) for each in fired if isinstance(each, UrgencyRule)), default=calm
    )
    floor = min((Severity[each.severity] for each in table.floors if each in fired), default=Severity.SEV4)
    severity = Severity[table.matrix[IMPACTS[impact]][URGENCIES[urgency]]]
    return Judged(
        IMPACTS[impact], URGENCIES[urgency], min(severity, floor), reached, close, eased_by, is_known
    )


def _outcome(rule: SeverityRule, service: str, facts: Facts, relaxed: float) -> Outcome:
    conditions = list(_conditions(rule, service, facts, relaxed))
    return Outcome(rule, service, conditions, [each for each in conditions if each.state is not State.MET])


def _conditions(rule: SeverityRule, service: str, facts: Facts, relaxed: float) -> Iterator[Condition]:
    for measure, limit in rule.when.items():
        seen = facts.of(service, measure)
        yield Condition(measure, limit, _state(limit, seen, relaxed), seen)


def _state(limit: Limit, seen: Measurement | None, relaxed: float) -> State:
    if seen is None:
        return State.UNKNOWN
    if isinstance(limit, bool):
        return State.MET if bool(seen.value) is limit else State.MISSED
    if isinstance(limit, str):
        return State.MET if seen.value <= SENT_WORDS.index(limit) else State.MISSED
    bounds = limit if isinstance(limit, Bounds) else Bounds(at_least=limit)
    too_low = bounds.at_least is not None and seen.value < bounds.at_least * relaxed
    too_high = bounds.at_most is not None and seen.value > bounds.at_most / relaxed
    if too_low or too_high:
        return State.MISSED
    is_small = bounds.sample is not None and seen.sample_size is not None and seen.sample_size < bounds.sample
    return State.SMALL if is_small else State.MET
