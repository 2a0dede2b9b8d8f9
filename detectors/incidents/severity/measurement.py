"""What is known of the incident at a moment, in numbers that a table can be asked about?"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from detectors.incidents.policy import SEVERITY
from detectors.incidents.state import Episode, Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import clock, quantity, span
from models.incident import IncidentStatus
from models.measure import Measure
from models.triage import Reason

WHOLE = ""
"""In the place of a service: the incident as a whole."""


_MOST_CITED = 10
"""Pieces of evidence under one clause: more nobody checks, and they are kept twice in the state."""


class Measurement(NamedTuple):
    """One measure with its value, at one service or of the incident as a whole."""

    measure: Measure
    value: float
    """1 and 0 for true and false; for a word its place among `SENT_WORDS`."""
    service: str
    evidence: tuple[str, ...]
    is_current: bool = True
    """What is over informs, and fires no rule."""
    window_s: float | None = None
    sample_size: int | None = None
    assumed: str = ""
    """Why it is taken so without having been told; empty: it was."""


class Told(NamedTuple):
    """One clause, and the measurements that it tells of; without one: they are not worth a clause."""

    reason: Reason | None
    measurements: list[Measurement]


Rule = Callable[[Situation], Told | None]


def clause(
    rule: str,
    text: str,
    since: datetime,
    evidence: Iterable[str],
    *,
    value: float,
    unit: str,
    threshold: float | None = None,
    window_s: float | None = None,
    sample_size: int | None = None,
) -> Reason:
    """Give a clause with all that makes it checkable; each piece of evidence once, in the order given."""
    return Reason(
        rule=rule,
        text=text,
        value=round(value, 3),
        threshold=threshold,
        unit=unit,
        window_s=window_s,
        sample_size=sample_size,
        since_at=since,
        evidence=list(dict.fromkeys(evidence))[:_MOST_CITED],
    )


def of_symptom(rule: str, text: str, track: SymptomTrack) -> Reason:
    """Give a clause about the worst sighting of a symptom, with the window it was judged in."""
    shown = track.worst
    return clause(
        rule, text, track.first.onset_at, [evidence_id(shown.event_id)],
        value=shown.value, threshold=shown.threshold, unit=shown.unit,
        window_s=shown.window_s, sample_size=shown.sample_size,
    )  # fmt: skip


def by_track(measure: Measure, value: float, situation: Situation, track: SymptomTrack) -> Measurement:
    """Give a measurement that rests on a symptom."""
    shown = track.latest
    return Measurement(
        measure, value, shown.service, (evidence_id(track.worst.event_id),),
        counts(situation, track), shown.window_s, shown.sample_size,
    )  # fmt: skip


def ids(episode: Episode) -> tuple[str, ...]:
    """Give the evidence of an alert: its first firing and its latest state."""
    return evidence_id(episode.first.event_id), evidence_id(episode.latest.event_id)


def factor(value: float | None, limit: float | None) -> float:
    """Say how many times a value lies beyond a limit, above or below it; 1 where that has no meaning."""
    if not value or not limit or value < 0 or limit < 0:
        return 1.0
    return max(value / limit, limit / value)


def fires(situation: Situation, episode: Episode) -> str:
    """Say since when an alert fires, or how long it did."""
    began, ended = episode.first.timestamp, episode.resolved_at
    if ended is not None:
        return f"fired for {span(ended - began)} until {clock(ended, situation.as_of)}"
    if situation.as_of - began < timedelta(minutes=1):
        return f"fired at {clock(began, situation.as_of)}"
    return f"has been firing for {span(situation.as_of - began)}, since {clock(began, situation.as_of)}"


def counts(situation: Situation, track: SymptomTrack) -> bool:
    """Whether a symptom was seen so recently that it still says how bad it is."""
    return situation.as_of - track.latest.timestamp <= SEVERITY.counts_for


def is_fresh(situation: Situation, track: SymptomTrack) -> bool:
    """Whether a symptom can be told of in the present tense: just seen, the incident open."""
    seen = situation.as_of - track.latest.timestamp <= SEVERITY.fresh_for
    return seen and situation.incident.status is IncidentStatus.OPEN


def is_at_its_worst(situation: Situation, track: SymptomTrack) -> bool:
    """Whether the worst sighting is the latest one, and can be told of in the present tense."""
    return is_fresh(situation, track) and track.worst.event_id == track.latest.event_id


def level(situation: Situation, track: SymptomTrack) -> str:
    """Say where a symptom stands, or stood at its worst and when, with its baseline.

    It is always the worst sighting that is told of: that one is kept as evidence.
    """
    worst = track.worst
    verb = (
        "is at"
        if is_at_its_worst(situation, track)
        else f"reached (at {clock(worst.timestamp, situation.as_of)})"
    )
    return f"{verb} {quantity(worst.value, worst.unit)} (baseline {quantity(worst.baseline, worst.unit)})"
