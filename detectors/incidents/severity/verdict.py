"""Is it real, how bad is it for users, and which rules say so?"""

from detectors.incidents import blast_radius, urgency
from detectors.incidents.severity import alert_rule, context_rule, error_rule, sensitive_rule, symptom_rule
from detectors.incidents.severity.raised import Raised, Rule
from detectors.incidents.state import Situation
from detectors.incidents.urgency import Urgency
from models.record import Record
from models.signal import SymptomKind
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
)
"""Every rule there is, what harms users first."""

_TELEMETRY = {
    SymptomKind.NEW_SIGNATURE: "logs",
    SymptomKind.SURGING_SIGNATURE: "logs",
    SymptomKind.VANISHED_SIGNATURE: "logs",
    SymptomKind.METRIC_SHIFT: "metrics",
    SymptomKind.ERROR_RATE: "spans",
    SymptomKind.LATENCY: "spans",
    SymptomKind.ERROR_SHARE: "logs",
    SymptomKind.SILENT_SERVICE: "logs",
    SymptomKind.DEPLOY_COMPARISON: "logs",
}
"""Which telemetry a symptom is drawn from: two that agree are two witnesses."""


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
        verdict=_verdict(situation),
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


def _verdict(situation: Situation) -> Verdict:
    incident = situation.incident
    if incident.noise:
        return Verdict.NOISE
    urgencies = [urgency.of_alert(each.first) for each in incident.alerts.values()]
    if any(each <= Urgency.WARNING for each in urgencies):
        return Verdict.INCIDENT
    tracks = blast_radius.tracks(incident)
    witnesses = {_TELEMETRY[track.first.symptom_kind] for track in tracks}
    if len({track.first.service for track in tracks}) >= 2 or len(witnesses) >= 2:
        return Verdict.INCIDENT
    return Verdict.CANDIDATE if tracks else Verdict.NOISE
