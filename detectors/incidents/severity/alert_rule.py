"""How urgent is the worst alert, and how far beyond its threshold is the farthest?"""

from detectors.incidents import blast_radius, narration, urgency
from detectors.incidents.policy import SEVERITY
from detectors.incidents.severity.error_rule import measures_errors
from detectors.incidents.severity.raised import Raised, factor, fires, ids, raised
from detectors.incidents.state import Situation
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import cut, number
from models.triage import Severity

_BY_URGENCY = {
    Urgency.EMERGENCY: Severity.SEV1,
    Urgency.CRITICAL: Severity.SEV2,
    Urgency.HIGH: Severity.SEV2,
    Urgency.UNKNOWN: Severity.SEV2,
    Urgency.WARNING: Severity.SEV3,
    Urgency.INFORMATIONAL: Severity.SEV4,
}
"""What the sender's word calls for by itself: many call critical whatever pages, so SEV1 takes more."""


def sent_severity(situation: Situation) -> Raised | None:
    """The most urgent alert, by its sender's word."""
    episodes = blast_radius.episodes(situation.incident)
    if not episodes:
        return None
    worst = min(episodes, key=lambda each: urgency.of_alert(each.first))
    alert, alike = worst.first, len(episodes)
    more = f", with {number(alike - 1)} more" if alike > 1 else ""
    what = f"the alert {cut(alert.name, 80)} of {alert.service} ({urgency.told(alert)}){more}"
    text = f"{what} {fires(situation, worst)}"
    return raised("sent_severity", text, _BY_URGENCY[urgency.of_alert(alert)], ids(worst))


def overshoot(situation: Situation) -> Raised | None:
    """The alert whose value is farthest from its threshold, for what does not measure errors."""
    measured = [
        (factor(each.latest.value, each.latest.threshold), each)
        for each in blast_radius.episodes(situation.incident)
        if not measures_errors(each) and each.latest.value is not None and each.latest.threshold is not None
    ]
    if not measured:
        return None
    times, worst = max(measured, key=lambda pair: pair[0])
    is_now = worst.resolved_at is None
    text = f"{cut(worst.first.name, 80)} of {worst.first.service} {'is' if is_now else 'was'} at "
    severity = Severity.SEV2 if times >= SEVERITY.far_beyond else None
    return raised(
        "overshoot", text + narration.alert_value(worst.latest), severity, ids(worst),
        value=worst.latest.value, threshold=worst.latest.threshold, unit=worst.latest.unit,
    )  # fmt: skip
