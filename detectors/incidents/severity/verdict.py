"""Is it real, how bad is it for users, and which rules say so?"""

from datetime import datetime, timedelta

import msgspec

from detectors.incidents import blast_radius, reality
from detectors.incidents.policy import SEVERITY
from detectors.incidents.severity import (
    alert_rule,
    burn_rule,
    capacity_rule,
    catalog_rule,
    context_rule,
    error_rule,
    headline,
    missing_input,
    outlook,
    scope_rule,
    sensitive_rule,
    symptom_rule,
    table,
    word,
)
from detectors.incidents.severity.fact import Facts
from detectors.incidents.severity.measurement import WHOLE, Rule, Told
from detectors.incidents.severity.table import IMPACTS, Judged, Outcome
from detectors.incidents.state import Situation
from models.incident import IncidentStatus
from models.measure import Measure
from models.severity_table import FloorRule, ImpactLevel, ImpactRule, UrgencyLevel
from models.triage import MissingInput, NearMiss, Raise, Reason, Severity, Verdict

RULES: tuple[Rule, ...] = (
    error_rule.errors,
    symptom_rule.latency,
    sensitive_rule.sensitive,
    capacity_rule.transactions,
    alert_rule.sent_severity,
    alert_rule.overshoot,
    context_rule.dependency,
    context_rule.spread,
    scope_rule.hit,
    symptom_rule.signature,
    symptom_rule.log_volume,
    catalog_rule.tier,
    catalog_rule.users,
    catalog_rule.calendar,
    catalog_rule.duties,
    catalog_rule.recurrence,
    capacity_rule.saturation,
    burn_rule.burn,
    symptom_rule.metric,
    context_rule.recent_change,
    context_rule.announced_work,
    context_rule.experiment,
    reality.precision_of_rules,
    reality.confirmation,
    reality.flapping,
    word.confirmed,
)
"""Everything that is measured and told, what harms users first."""

_CONDITIONS_ONLY = (Measure.CUSTOMER_FACING, Measure.FAILING)
"""What many rules ask for besides what they are about: no clause is told because of it."""

_LIVE = (IncidentStatus.OPEN, IncidentStatus.MITIGATED)


class SeverityFinding(msgspec.Struct, frozen=True, kw_only=True):
    """How bad it is, and everything that says something about it."""

    verdict: Verdict
    severity: Severity
    impact: ImpactLevel
    urgency: UrgencyLevel
    reasons: list[Reason]
    """The most important first; each cites evidence."""
    near_misses: list[NearMiss]
    raises: list[Raise]
    missing_inputs: list[MissingInput]
    lower_since: datetime | None
    """Since when the severity has clearly been too high (event time); None: it is not."""
    judge_at: datetime | None
    """When passing time alone may change it (event time); None: it stays until a signal comes."""


def judge(situation: Situation) -> SeverityFinding:
    """Give verdict, severity and reasons of an incident at one moment.

    The table of the policy is asked about what is measured now. A severity goes up at once. It goes
    down when the table has given less for `lower_after_min`, also with every limit eased to `clearly`
    of itself, never below what a responder confirmed, and only while the incident lasts: once it is
    resolved it stays what it was, and so do impact, urgency and what was missing. Where something is
    not known, the higher severity is taken, and `missing_inputs` says so. Noise is SEV4, and so is what
    turned out to be noise when it is over. There is at least one reason as soon as there is an alert or a
    symptom.
    """
    told = [each for each in (rule(situation) for rule in RULES) if each is not None]
    measurements = [each for one in told for each in one.measurements]
    facts = Facts(measurements, blast_radius.services(situation.incident))
    judged = table.judge(situation.policy.severity, facts)
    verdict = reality.verdict(situation)
    severity, lower_since = _held(situation, judged, facts)
    if verdict is Verdict.NOISE and not lasts(situation):
        severity = Severity.SEV4
    reasons = [_with_rules(situation, each, judged) for each in told if each.reason and each.reason.evidence]
    for each in reasons:
        headline.check_reason(each)
    before = None if lasts(situation) else situation.incident.triage
    missing = missing_input.missing(situation, facts, judged)
    return SeverityFinding(
        verdict=verdict,
        severity=severity,
        impact=before.impact if before else judged.impact,
        urgency=before.urgency if before else judged.urgency,
        reasons=sorted(reasons, key=_importance),
        near_misses=outlook.near_misses(situation, judged) if lasts(situation) else [],
        raises=outlook.raises(situation, judged, severity) if lasts(situation) else [],
        missing_inputs=before.missing_inputs if before else [] if situation.incident.noise else missing,
        lower_since=lower_since,
        judge_at=_judge_at(situation, lower_since),
    )


def lasts(situation: Situation) -> bool:
    """Whether the severity is still a matter of what is measured now."""
    incident = situation.incident
    return incident.status in _LIVE and not incident.noise


def _held(situation: Situation, judged: Judged, facts: Facts) -> tuple[Severity, datetime | None]:
    incident, policy, as_of = situation.incident, situation.policy.severity, situation.as_of
    if incident.noise:
        return Severity.SEV4, None
    held = incident.held
    if held is not None and not lasts(situation):
        return held, None
    floor = incident.confirmed.severity if incident.confirmed else Severity.SEV4
    now = min(judged.severity, floor)
    if held is None or now <= held:
        return now, None
    clearly = min(table.judge(policy, facts, policy.clearly).severity, floor)
    if clearly <= held:
        return held, None
    since = incident.lower_since or as_of
    if as_of - since < timedelta(minutes=policy.lower_after_min):
        return held, since
    return clearly, None


def _judge_at(situation: Situation, lower_since: datetime | None) -> datetime | None:
    if not lasts(situation):
        return None
    quiet = situation.as_of - situation.incident.last_signal_at
    moments = [situation.as_of + max(SEVERITY.look_again, quiet * SEVERITY.look_again_share)]
    if lower_since is not None:
        moments.append(lower_since + timedelta(minutes=situation.policy.severity.lower_after_min))
    return min(moments)


def _with_rules(situation: Situation, told: Told, judged: Judged) -> Reason:
    """Give a clause with the rules that its measurements made fire, and what these call for."""
    assert told.reason is not None  # the caller has looked
    measured = {(each.measure, each.service) for each in told.measurements if each.is_current}
    fired = [each for each in judged.fired if _rests_on(each, measured)]
    called = [each for each in (_calls_for(situation, judged, one) for one in fired) if each is not None]
    return msgspec.structs.replace(
        told.reason,
        fired=list(dict.fromkeys(each.rule.rule for each in fired)),
        severity=min(called, default=None),
    )


def _rests_on(outcome: Outcome, measured: set[tuple[Measure, str]]) -> bool:
    return any(
        (each.measure, outcome.service) in measured or (each.measure, WHOLE) in measured
        for each in outcome.conditions
        if each.seen is not None and each.measure not in _CONDITIONS_ONLY
    )


def _calls_for(situation: Situation, judged: Judged, outcome: Outcome) -> Severity | None:
    match outcome.rule:
        case ImpactRule(impact=level):
            eased = min(IMPACTS.index(level) + (1 if judged.eased_by else 0), len(IMPACTS) - 1)
            return Severity[situation.policy.severity.matrix[IMPACTS[eased]][judged.urgency]]
        case FloorRule(severity=name):
            return Severity[name]
    return None


def _importance(reason: Reason) -> int:
    # Equal ones keep the order of the table, which puts the harm to users first.
    return len(Severity) + 1 if reason.severity is None else int(reason.severity)
