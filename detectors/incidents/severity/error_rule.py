"""Are requests failing, of whom, and how many?"""

from detectors.incidents import blast_radius, narration
from detectors.incidents.policy import SEVERITY
from detectors.incidents.severity.exposure import Exposure, exposure
from detectors.incidents.severity.raised import Raised, by_symptom, ids, is_current, raised
from detectors.incidents.state import Episode, Situation, SymptomTrack
from detectors.incidents.wording import as_ratio, clock, cut, quantity, words
from models.signal import SymptomKind
from models.triage import Severity

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


def errors(situation: Situation) -> Raised | None:
    """Give the errors that hurt most, measured by an alert or by spans; the first of equal ones."""
    found = [_of_alert(situation, each) for each in blast_radius.episodes(situation.incident)]
    found += [_of_track(situation, each) for each in blast_radius.tracks(situation.incident)]
    return min((each for each in found if each is not None), key=_harm, default=None)


def measures_errors(episode: Episode) -> bool:
    """Whether an alert is about failing requests, by the words of its name and summary."""
    alert = episode.first
    return not _ERROR_WORDS.isdisjoint(words(f"{alert.name} {alert.summary or ''}"))


def _of_alert(situation: Situation, episode: Episode) -> Raised | None:
    alert = episode.latest if episode.resolved_at is None else episode.first
    if not measures_errors(episode) or alert.value is None or alert.threshold is None:
        return None
    verb = "are at" if episode.resolved_at is None else "were at"
    text = f"{_whose(situation, alert.service)} {verb} {narration.alert_value(alert)}"
    severity = _severity(situation, alert.service, as_ratio(alert.value, alert.unit))
    return raised(
        "errors", text, severity, ids(episode), value=alert.value, threshold=alert.threshold, unit=alert.unit
    )


def _of_track(situation: Situation, track: SymptomTrack) -> Raised | None:
    worst = track.worst
    if worst.symptom_kind is not SymptomKind.ERROR_RATE or worst.peer:
        # Calls that fail are the callee's errors; whether users notice shows at the service itself.
        return None
    verb = "are at" if is_current(situation, track) else f"reached (at {clock(worst.timestamp)})"
    share = as_ratio(worst.value, worst.unit)
    # A count says nothing without what is counted; a share of requests does.
    what = "" if share is not None else f" ({cut(worst.text, 60)})"
    level = f"{quantity(worst.value, worst.unit)} (threshold {quantity(worst.threshold, worst.unit)})"
    severity = _severity(situation, worst.service, share)
    return by_symptom("errors", f"{_whose(situation, worst.service)}{what} {verb} {level}", severity, worst)


def _whose(situation: Situation, service: str) -> str:
    facing = exposure(situation, service) is Exposure.CUSTOMER_FACING
    if service == situation.incident.service:
        return "customer-facing errors" if facing else "its errors"
    return f"customer-facing errors of {service}" if facing else f"errors of {service}"


def _severity(situation: Situation, service: str, share: float | None) -> Severity:
    if not exposure(situation, service).may_face_users:
        return Severity.SEV3
    return Severity.SEV1 if share is not None and share >= SEVERITY.outage_error_ratio else Severity.SEV2


def _harm(found: Raised) -> tuple[int, float]:
    share = as_ratio(found.reason.value or 0.0, found.reason.unit)
    return int(found.severity or Severity.SEV4), -(share or 0.0)
