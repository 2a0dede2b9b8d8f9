"""What do latency, logs and metrics say of how bad it is?"""

from detectors.incidents import blast_radius
from detectors.incidents.severity.capacity_rule import tells_of_capacity
from detectors.incidents.severity.measurement import (
    Told,
    by_track,
    factor,
    level,
    of_symptom,
)
from detectors.incidents.state import Situation, SymptomTrack
from detectors.incidents.wording import clock, cut, number, quantity
from models.measure import Measure
from models.signal import Symptom, SymptomKind

_ERROR_SEVERITIES = ("error", "fatal")
"""Log severities that make a signature one of errors."""


def latency(situation: Situation) -> Told | None:
    """The operation that slowed down most."""
    found = _tracks(situation, SymptomKind.LATENCY)
    if not found:
        return None
    track = _worst(found)
    text = f"latency of {track.worst.service} ({cut(track.worst.text, 60)}) {level(situation, track)}"
    measured = [
        by_track(Measure.LATENCY_FACTOR, factor(each.latest.value, each.latest.baseline), situation, each)
        for each in found
    ]
    return Told(of_symptom("latency", text, track), measured)


def signature(situation: Situation) -> Told | None:
    """The log signature, new or surging, that stands out most; worse if it is of errors."""
    found = _tracks(situation, SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
    if not found:
        return None
    track = max(found, key=lambda each: (_is_error(each.worst), each.worst.score))
    worst = track.worst
    kind = "new" if worst.symptom_kind is SymptomKind.NEW_SIGNATURE else "surging"
    what = "error signature" if _is_error(worst) else "log signature"
    seen = f"{quantity(worst.value, worst.unit)} in {number(worst.window_s)} s"
    since = clock(track.first.onset_at, situation.as_of)
    text = f"a {kind} {what} is in the logs of {worst.service} ({seen}, since {since})"
    errors = [each for each in found if _is_error(each.worst)]
    return Told(
        of_symptom("signature", text, track),
        [by_track(Measure.ERROR_LINES, 1.0, situation, each) for each in errors],
    )


def log_volume(situation: Situation) -> Told | None:
    """The share of errors among all log lines, or a signature that is missed."""
    shares = _tracks(situation, SymptomKind.ERROR_SHARE)
    if shares:
        share = _worst(shares)
        text = f"the share of errors in the logs of {share.worst.service} {level(situation, share)}"
        return Told(
            of_symptom("error_share", text, share),
            [by_track(Measure.LOG_ERROR_SHARE, 1.0, situation, each) for each in shares],
        )
    gone = _tracks(situation, SymptomKind.VANISHED_SIGNATURE)
    if not gone:
        return None
    track = _worst(gone)
    since = clock(track.first.onset_at, situation.as_of)
    text = f"a log signature of {track.worst.service} is gone, since {since}"
    return Told(of_symptom("vanished_signature", text, track), [])


def metric(situation: Situation) -> Told | None:
    """The metric that shifted most, apart from those that `capacity_rule` tells of."""
    found = [each for each in _tracks(situation, SymptomKind.METRIC_SHIFT) if not tells_of_capacity(each)]
    if not found:
        return None
    track = _worst(found)
    text = f"{cut(track.worst.text, 80)} of {track.worst.service} {level(situation, track)}"
    return Told(of_symptom("metric", text, track), [])


def is_failure(track: SymptomTrack) -> bool:
    """Whether users may notice a symptom: errors or latency, but no metric and no line that only informs."""
    if track.worst.symptom_kind in (SymptomKind.ERROR_RATE, SymptomKind.LATENCY):
        return True
    return track.worst.symptom_kind is not SymptomKind.METRIC_SHIFT and _is_error(track.worst)


def _tracks(situation: Situation, *kinds: SymptomKind) -> list[SymptomTrack]:
    return [each for each in blast_radius.tracks(situation.incident) if each.first.symptom_kind in kinds]


def _worst(found: list[SymptomTrack]) -> SymptomTrack:
    return max(found, key=lambda each: each.worst.score)


def _is_error(symptom: Symptom) -> bool:
    return symptom.severity.lower() in _ERROR_SEVERITIES
