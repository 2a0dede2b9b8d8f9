"""Is it real, how bad is it for users, and which rules say so?"""

from detectors.incidents import reality
from detectors.incidents.severity import alert_rule, context_rule, error_rule, sensitive_rule, symptom_rule
from detectors.incidents.severity.raised import Raised, Rule
from detectors.incidents.state import Situation
from models.record import Record
from models.triage import Reason, Severity, Verdict

RULES: tuple[Rule, ...] = (
    error_rule.errors,
    symptom_rule.latency,
    sensitive_rule.sensitive,
    alert_rule.sent_severity,
    alert_rule.overshoot,
    context_rule.dependency,
    context_rule.spread,
    symptom_rule.signature,
    symptom_rule.log_volume,
    context_rule.tier,
    symptom_rule.metric,
    context_rule.recent_change,
    context_rule.announced_work,
    reality.precision_of_rules,
    reality.confirmation,
    reality.flapping,
)
"""Every rule there is, what harms users first."""


class SeverityFinding(Record, frozen=True, kw_only=True):
    """How bad it is, and every rule that says something about it."""

    verdict: Verdict
    severity: Severity
    reasons: list[Reason]
    """The most important first; each cites evidence."""


def judge(situation: Situation) -> SeverityFinding:
    """Give verdict, severity and reasons of an incident at one moment.

    The severity is the worst that any rule gives over the whole life of the incident so far, so it
    does not fall while users recover. Where something is not known, the higher severity is taken. What
    announced work holds back is noise, and SEV4, until the work is over.
    There is at least one reason as soon as there is an alert or a symptom.
    """
    raised = [
        each for each in (rule(situation) for rule in RULES) if each is not None and each.reason.evidence
    ]
    ordered = sorted(raised, key=_importance)
    return SeverityFinding(
        verdict=reality.verdict(situation),
        severity=_severity(situation, raised),
        reasons=[each.reason for each in ordered],
    )


def _importance(raised: Raised) -> int:
    # Equal ones keep the order of the table, which puts the harm to users first.
    return len(Severity) + 1 if raised.severity is None else int(raised.severity)


def _severity(situation: Situation, raised: list[Raised]) -> Severity:
    if situation.incident.held_until is not None:
        return Severity.SEV4
    return min((each.severity for each in raised if each.severity is not None), default=Severity.SEV4)
