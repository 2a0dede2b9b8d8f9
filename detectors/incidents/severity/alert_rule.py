"""How urgent is the worst alert, and how far beyond its threshold is the farthest?"""

from detectors.incidents import blast_radius, crowd, narration, urgency
from detectors.incidents.severity.error_rule import measures_errors
from detectors.incidents.severity.measurement import WHOLE, Measurement, Told, clause, factor, fires, ids
from detectors.incidents.state import Episode, Situation
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import cut, number
from models.measure import SENT_WORDS, Measure

_WORD_OF = {
    Urgency.EMERGENCY: "emergency",
    Urgency.CRITICAL: "critical",
    Urgency.HIGH: "high",
    Urgency.UNKNOWN: "high",
    Urgency.WARNING: "warning",
    Urgency.INFORMATIONAL: "informational",
}
"""What the table calls the sender's word; one that is not known is taken for high, and the clause says so."""


def sent_severity(situation: Situation) -> Told | None:
    """The most urgent alert, by its sender's word; one that still fires before one that does not."""
    episodes = blast_radius.episodes(situation.incident)
    if not episodes:
        return None
    worst = min(episodes, key=lambda each: (each.resolved_at is not None, urgency.of_alert(each.first)))
    alert, alike = worst.first, len(episodes) + crowd.size(situation.incident)
    more = f", with {number(alike - 1)} more" if alike > 1 else ""
    what = f"the alert {cut(alert.name, 80)} of {alert.service} ({urgency.told(alert)}){more}"
    until = worst.resolved_at or situation.as_of
    told = clause(
        "sent_severity", f"{what} {fires(situation, worst)}", alert.timestamp, ids(worst),
        value=(until - alert.timestamp).total_seconds() / 60, unit="minutes",
    )  # fmt: skip
    return Told(told, [_of_word(worst)])


def overshoot(situation: Situation) -> Told | None:
    """The alert whose value is farthest from its threshold, for what does not measure errors."""
    measured = [
        (factor(each.latest.value, each.latest.threshold), each)
        for each in blast_radius.episodes(situation.incident)
        if not measures_errors(each) and each.latest.value is not None and each.latest.threshold is not None
    ]
    if not measured:
        return None
    _, worst = max(measured, key=lambda pair: (pair[1].resolved_at is None, pair[0]))
    latest = worst.latest
    verb = "is" if worst.resolved_at is None else "was"
    text = f"{cut(worst.first.name, 80)} of {worst.first.service} {verb} at {narration.alert_value(latest)}"
    told = clause(
        "overshoot", text, worst.first.timestamp, ids(worst),
        value=latest.value or 0.0, threshold=latest.threshold, unit=latest.unit or "",
    )  # fmt: skip
    return Told(
        told,
        [
            Measurement(Measure.OVERSHOOT, times, each.first.service, ids(each), each.resolved_at is None)
            for times, each in measured
        ],
    )


def _of_word(episode: Episode) -> Measurement:
    alert = episode.first
    sent = urgency.of_alert(alert)
    assumed = urgency.told(alert) + ": taken for high" if sent is Urgency.UNKNOWN else ""
    return Measurement(
        Measure.SENT_SEVERITY, float(SENT_WORDS.index(_WORD_OF[sent])), WHOLE, ids(episode),
        episode.resolved_at is None, assumed=assumed,
    )  # fmt: skip
