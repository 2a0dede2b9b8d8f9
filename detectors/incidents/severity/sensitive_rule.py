"""Is it a matter of security or compliance, whatever users notice?"""

from detectors.incidents import blast_radius
from detectors.incidents.severity.measurement import Measurement, Told, by_track, of_symptom
from detectors.incidents.state import Situation, SymptomTrack
from detectors.incidents.wording import clock, number, quantity
from models.measure import Measure
from models.signal import SymptomKind

_KINDS = (
    ("data_exposure", "words of exposed data", Measure.DATA_EXPOSURE),
    ("credential_failure", "failed credentials", Measure.FAILED_CREDENTIALS),
)


def sensitive(situation: Situation) -> Told | None:
    """Words of exposed data, else failed credentials; they count for the whole life of the incident."""
    measured: list[Measurement] = []
    shown: list[tuple[str, SymptomTrack]] = []
    for kind, what, measure in _KINDS:
        found = [each for each in blast_radius.tracks(situation.incident) if _is(each, kind)]
        if not found:
            continue
        shown.append((what, max(found, key=lambda each: each.worst.score)))
        for track in found:
            value = 1.0 if measure is Measure.DATA_EXPOSURE else track.worst.value
            # What has been exposed stays so, and a duty to report runs on when the lines stop.
            measured.append(by_track(measure, value, situation, track)._replace(is_current=True))
    if not shown:
        return None
    what, track = shown[0]
    worst = track.worst
    seen = f"{quantity(worst.value, worst.unit)} in {number(worst.window_s)} s"
    since = clock(track.first.onset_at, situation.as_of)
    text = f"{what} are in the logs of {worst.service} ({seen}, since {since})"
    return Told(of_symptom("sensitive", text, track), measured)


def _is(track: SymptomTrack, kind: str) -> bool:
    return kind in track.worst.sensitive and track.worst.symptom_kind is not SymptomKind.VANISHED_SIGNATURE
