"""Are requests failing, of whom, and how many?"""

from datetime import timedelta

from detectors.incidents import blast_radius, narration
from detectors.incidents.severity import failure_count
from detectors.incidents.severity.exposure import Exposure, exposure
from detectors.incidents.severity.measurement import (
    Measurement,
    Told,
    by_track,
    clause,
    ids,
    is_at_its_worst,
    is_fresh,
    of_symptom,
)
from detectors.incidents.state import Episode, Situation, SymptomTrack
from detectors.incidents.wording import as_ratio, clock, cut, quantity, words
from models.measure import Measure
from models.signal import SymptomKind
from models.triage import Reason

_ERROR_WORDS = {
    "error",
    "errors",
    "failure",
    "failures",
    "failed",
    "failing",
    "5xx",
    "exception",
    "exceptions",
}
"""An alert whose name or summary has one of these measures errors, if it has a value and a threshold."""

_RECENT = timedelta(minutes=5)
"""Over which the share of failing requests is told: one bucket of 10 s holds a handful."""

_FEW = 100
"""Requests below which the reader should know how many they were."""

_PERCENT = 100.0


def errors(situation: Situation) -> Told | None:
    """Give the errors that hurt most, measured by an alert, spans or metrics; the first of equal ones."""
    found = [each for one in blast_radius.episodes(situation.incident) if (each := _of_alert(situation, one))]
    for service in blast_radius.services(situation.incident):
        found += _of_tracks(situation, service)
    if not found:
        return None
    clauses = [each for each, _ in found]
    return Told(min(clauses, key=lambda each: _harm(situation, each)), [each for _, each in found])


def measures_errors(episode: Episode) -> bool:
    """Whether an alert is about failing requests, by the words of its name and summary."""
    alert = episode.first
    return not _ERROR_WORDS.isdisjoint(words(f"{alert.name} {alert.summary or ''}"))


def _of_alert(situation: Situation, episode: Episode) -> tuple[Reason, Measurement] | None:
    is_now = episode.resolved_at is None
    alert = episode.latest if is_now else episode.first
    if not measures_errors(episode) or alert.value is None or alert.threshold is None:
        return None
    text = (
        f"{_whose(situation, alert.service)} {'are' if is_now else 'were'} at {narration.alert_value(alert)}"
    )
    told = clause(
        "errors", text, episode.first.timestamp, ids(episode),
        value=alert.value, threshold=alert.threshold, unit=alert.unit or "",
    )  # fmt: skip
    share = as_ratio(alert.value, alert.unit)
    measure = Measure.UNCOUNTED_ERRORS if share is None else Measure.ERROR_SHARE
    value = 1.0 if share is None else share * _PERCENT
    return told, Measurement(measure, value, alert.service, ids(episode), is_now)


def _of_tracks(situation: Situation, service: str) -> list[tuple[Reason, Measurement]]:
    # Calls that fail are the callee's errors; whether users notice shows at the service itself.
    own = [
        each
        for each in blast_radius.tracks(situation.incident, service)
        if each.worst.symptom_kind is SymptomKind.ERROR_RATE and not each.worst.peer
    ]
    shares = [each for each in own if each.failures]
    found = [_uncounted(situation, each) for each in own if not each.failures]
    if shares:
        found.append(_share(situation, service, shares))
    return found


def _uncounted(situation: Situation, track: SymptomTrack) -> tuple[Reason, Measurement]:
    shown = track.worst
    verb = (
        "are at"
        if is_at_its_worst(situation, track)
        else f"reached (at {clock(shown.timestamp, situation.as_of)})"
    )
    # A count says nothing without what is counted.
    what = f"{_whose(situation, shown.service)} ({cut(shown.text, 60)})"
    level = f"{quantity(shown.value, shown.unit)} (usually at most {quantity(shown.threshold, shown.unit)})"
    told = of_symptom("errors", f"{what} {verb} {level}", track)
    return told, by_track(Measure.UNCOUNTED_ERRORS, 1.0, situation, track)


def _share(situation: Situation, service: str, tracks: list[SymptomTrack]) -> tuple[Reason, Measurement]:
    """Give the share of failing requests of a service over the last minutes, else its worst sighting."""
    recent = failure_count.within(tracks, _RECENT, situation.as_of)
    worst = max(tracks, key=lambda each: (each.worst.score, each.worst.event_id))
    shown = worst.worst
    limit = failure_count.failing_share(shown, shown.threshold) or 0.0
    threshold = quantity(limit, "ratio")
    whose = _whose(situation, service)
    share = recent.share
    if share is not None and any(is_fresh(situation, each) for each in tracks):
        value = f"{quantity(share, 'ratio')}{_of_few(recent.requests)}"
        told = clause(
            "errors", f"{whose} are at {value} (usually at most {threshold})",
            min(each.first.onset_at for each in tracks), recent.evidence,
            value=round(share * _PERCENT, 3), threshold=round(limit * _PERCENT, 3), unit="%",
            window_s=_RECENT.total_seconds(), sample_size=recent.requests or None,
        )  # fmt: skip
    else:
        reached = failure_count.failing_share(shown, shown.value) or 0.0
        text = f"{whose} reached (at {clock(shown.timestamp, situation.as_of)}) {quantity(reached, 'ratio')}"
        told = of_symptom("errors", f"{text} (usually at most {threshold})", worst)
    return told, Measurement(
        Measure.ERROR_SHARE, (share or 0.0) * _PERCENT, service, tuple(told.evidence),
        share is not None, _RECENT.total_seconds(), recent.requests or None,
    )  # fmt: skip


def _of_few(requests: int) -> str:
    """Say of how many requests a share is, where they are few."""
    return f" of {requests} requests" if 0 < requests < _FEW else ""


def _whose(situation: Situation, service: str) -> str:
    facing = exposure(situation, service) is Exposure.CUSTOMER_FACING
    if service == situation.incident.service:
        return "customer-facing errors" if facing else "its errors"
    return f"customer-facing errors of {service}" if facing else f"errors of {service}"


def _harm(situation: Situation, told: Reason) -> tuple[bool, bool, float]:
    """Order clauses: what users meet first, then what is counted, then the larger share."""
    services = {
        situation.incident.evidence[each].service
        for each in told.evidence
        if each in situation.incident.evidence
    }
    facing = any(exposure(situation, each).may_face_users for each in services)
    share = as_ratio(told.value or 0.0, told.unit)
    return not facing, share is None, -(share or 0.0)
