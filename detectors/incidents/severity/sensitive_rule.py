"""Is it a matter of security or compliance, whatever users notice?"""

from detectors.incidents import blast_radius
from detectors.incidents.severity.raised import Raised, by_symptom
from detectors.incidents.state import Situation, SymptomTrack
from detectors.incidents.wording import clock, number, quantity
from models.signal import SymptomKind
from models.triage import Severity

_STORM = 20
"""Failed credentials in one window from which somebody guesses, or a secret has expired everywhere."""


def sensitive(situation: Situation) -> Raised | None:
    """Words of exposed data, or a storm of failed credentials: never below SEV2, for duties to report run."""
    for kind, what in (
        ("data_exposure", "words of exposed data"),
        ("credential_failure", "failed credentials"),
    ):
        found = [each for each in blast_radius.tracks(situation.incident) if _is(each, kind)]
        if found:
            track = max(found, key=lambda each: each.worst.score)
            worst = track.worst
            seen = f"{quantity(worst.value, worst.unit)} in {number(worst.window_s)} s"
            text = f"{what} are in the logs of {worst.service} ({seen}, since {clock(track.first.onset_at)})"
            return by_symptom("sensitive", text, Severity.SEV2, worst)
    return None


def _is(track: SymptomTrack, kind: str) -> bool:
    worst = track.worst
    if kind not in worst.sensitive or worst.symptom_kind is SymptomKind.VANISHED_SIGNATURE:
        return False
    return kind == "data_exposure" or worst.value >= _STORM
