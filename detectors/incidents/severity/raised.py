"""What does a rule of severity say, and on which evidence?"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from detectors.incidents.policy import SEVERITY
from detectors.incidents.state import Episode, Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import clock, quantity, span
from models.incident import IncidentStatus
from models.signal import Symptom
from models.triage import Reason, Severity


class Raised(NamedTuple):
    """What a rule says, and the severity it calls for; None: it informs only."""

    reason: Reason
    severity: Severity | None


Rule = Callable[[Situation], Raised | None]


def raised(
    rule: str,
    text: str,
    severity: Severity | None,
    evidence: list[str],
    *,
    value: float | None = None,
    threshold: float | None = None,
    unit: str | None = None,
) -> Raised:
    """Give what a rule says; each piece of evidence once, in the order given."""
    reason = Reason(
        rule=rule,
        text=text,
        value=value,
        threshold=threshold,
        unit=unit,
        evidence=list(dict.fromkeys(evidence)),
    )
    return Raised(reason, severity)


def by_symptom(rule: str, text: str, severity: Severity | None, worst: Symptom) -> Raised:
    """Give what a rule says of the worst sighting of one symptom, with the window it was judged in."""
    reason = Reason(
        rule=rule,
        text=text,
        value=worst.value,
        threshold=worst.threshold,
        unit=worst.unit,
        window_s=worst.window_s,
        evidence=[evidence_id(worst.event_id)],
    )
    return Raised(reason, severity)


def ids(episode: Episode) -> list[str]:
    """Give the evidence of an alert: its first firing and its latest state."""
    return [evidence_id(episode.first.event_id), evidence_id(episode.latest.event_id)]


def factor(value: float | None, limit: float | None) -> float:
    """Say how many times a value lies beyond a limit, above or below it; 1 where that has no meaning."""
    if not value or not limit or value < 0 or limit < 0:
        return 1.0
    return max(value / limit, limit / value)


def fires(situation: Situation, episode: Episode) -> str:
    """Say since when an alert fires, or how long it did."""
    began, ended = episode.first.timestamp, episode.resolved_at
    if ended is not None:
        return f"fired for {span(ended - began)} until {clock(ended)}"
    if situation.as_of - began < timedelta(minutes=1):
        return f"fired at {clock(began)}"
    return f"has been firing for {span(situation.as_of - began)}, since {clock(began)}"


def is_current(situation: Situation, track: SymptomTrack) -> bool:
    """Whether the worst sighting is the latest one, fresh, and of an incident that is still open."""
    return (
        situation.incident.status is IncidentStatus.OPEN
        and track.worst.event_id == track.latest.event_id
        and situation.as_of - track.latest.timestamp <= SEVERITY.fresh_for
    )


def level(situation: Situation, track: SymptomTrack) -> str:
    """Say where a symptom stands or stood at its worst, with its baseline and when."""
    worst = track.worst
    verb = "is at" if is_current(situation, track) else f"reached (at {clock(worst.timestamp)})"
    return f"{verb} {quantity(worst.value, worst.unit)} (baseline {quantity(worst.baseline, worst.unit)})"
