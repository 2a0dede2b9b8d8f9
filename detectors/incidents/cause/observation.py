"""Is enough seen of a service to say that it is affected at all?"""

from detectors.incidents import blast_radius
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import SymptomTrack, evidence_id
from models.signal import SymptomKind

_LINES = (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
_REQUESTS = (SymptomKind.ERROR_RATE, SymptomKind.LATENCY)


def weigh(weighing: Weighing, service: str, cited: list[str]) -> None:
    """Weigh that a mere handful of lines or requests, seen once, without an alert, speak of the service."""
    incident = weighing.situation.incident
    tracks = blast_radius.tracks(incident, service)
    if not tracks or blast_radius.episodes(incident, service):
        return
    many = [_seen(each) for each in tracks]
    if all(each is not None and each < CAUSE.few for each in many):
        total = sum(each for each in many if each is not None)
        text = f"only {total} {'lines or requests' if total > 1 else 'line or request'} show that {service} "
        text += "is affected"
        ids = [*cited, *(evidence_id(each.worst.event_id) for each in tracks)]
        weighing.weigh("few_observations", CAUSE.few_observations, text, ids)


def _seen(track: SymptomTrack) -> int | None:
    """Give how many lines or requests a symptom rests on; None: it is no matter of counting."""
    if track.count > 1:
        return None
    if track.worst.symptom_kind in _LINES:
        return int(track.worst.value)
    return track.worst.sample_size if track.worst.symptom_kind in _REQUESTS else None
