"""What do latency, logs and metrics say of how bad it is?"""

from detectors.incidents import blast_radius
from detectors.incidents.policy import SEVERITY
from detectors.incidents.severity.exposure import exposure
from detectors.incidents.severity.raised import Raised, by_symptom, factor, level
from detectors.incidents.state import Situation, SymptomTrack
from detectors.incidents.wording import clock, cut, number, quantity
from models.signal import Symptom, SymptomKind
from models.triage import Severity

_ERROR_SEVERITIES = ("error", "fatal")
"""Log severities that make a signature one of errors."""


def latency(situation: Situation) -> Raised | None:
    """The operation that slowed down most."""
    track = _worst_track(situation, SymptomKind.LATENCY)
    if track is None:
        return None
    worst, service = track.worst, track.worst.service
    is_far = factor(worst.value, worst.baseline) >= SEVERITY.far_beyond
    severity = Severity.SEV2 if is_far and exposure(situation, service).may_face_users else Severity.SEV3
    text = f"latency of {service} ({cut(worst.text, 60)}) {level(situation, track)}"
    return by_symptom("latency", text, severity, worst)


def signature(situation: Situation) -> Raised | None:
    """The log signature, new or surging, that stands out most; worse if it is of errors."""
    found = [
        track
        for track in blast_radius.tracks(situation.incident)
        if track.worst.symptom_kind in (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
    ]
    if not found:
        return None
    track = max(found, key=lambda each: (_is_error(each.worst), each.worst.score))
    worst = track.worst
    kind = "new" if worst.symptom_kind is SymptomKind.NEW_SIGNATURE else "surging"
    what = "error signature" if _is_error(worst) else "log signature"
    seen = f"{quantity(worst.value, worst.unit)} in {number(worst.window_s)} s"
    text = f"a {kind} {what} is in the logs of {worst.service} ({seen}, since {clock(track.first.onset_at)})"
    return by_symptom("signature", text, Severity.SEV3 if _is_error(worst) else None, worst)


def log_volume(situation: Situation) -> Raised | None:
    """The share of errors among all log lines, or a signature that is missed."""
    share = _worst_track(situation, SymptomKind.ERROR_SHARE)
    if share is not None:
        text = f"the share of errors in the logs of {share.worst.service} {level(situation, share)}"
        return by_symptom("error_share", text, Severity.SEV3, share.worst)
    gone = _worst_track(situation, SymptomKind.VANISHED_SIGNATURE)
    if gone is None:
        return None
    text = f"a log signature of {gone.worst.service} is gone, since {clock(gone.first.onset_at)}"
    return by_symptom("vanished_signature", text, None, gone.worst)


def metric(situation: Situation) -> Raised | None:
    """The metric that shifted most."""
    track = _worst_track(situation, SymptomKind.METRIC_SHIFT)
    if track is None:
        return None
    text = f"{cut(track.worst.text, 80)} of {track.worst.service} {level(situation, track)}"
    return by_symptom("metric", text, None, track.worst)


def is_failure(track: SymptomTrack) -> bool:
    """Whether users may notice a symptom: errors or latency, but no metric and no line that only informs."""
    if track.worst.symptom_kind in (SymptomKind.ERROR_RATE, SymptomKind.LATENCY):
        return True
    return track.worst.symptom_kind is not SymptomKind.METRIC_SHIFT and _is_error(track.worst)


def _worst_track(situation: Situation, kind: SymptomKind) -> SymptomTrack | None:
    found = [each for each in blast_radius.tracks(situation.incident) if each.first.symptom_kind is kind]
    return max(found, key=lambda each: each.worst.score, default=None)


def _is_error(symptom: Symptom) -> bool:
    return symptom.severity.lower() in _ERROR_SEVERITIES
