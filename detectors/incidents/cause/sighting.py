"""Which symptom of a service should a person look at, and what does looking at it settle?"""

from collections.abc import Iterable
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.cause import mechanism
from detectors.incidents.narration import symptom_clause
from detectors.incidents.state import Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import clock, cut, number, quantity, quoted
from models.cause import CauseClass
from models.event import Change
from models.signal import Difference, Symptom, SymptomKind

_SIGNATURES = (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
_WORSE = (Difference.NEW, Difference.UP)
_CALLS = (SymptomKind.ERROR_RATE, SymptomKind.LATENCY)


class Sighting(NamedTuple):
    """What to look at, why, and the evidence that shows it."""

    text: str
    why: str
    evidence: list[str]


def of_comparison(change: Change, service: str, situation: Situation) -> Sighting | None:
    """Point to the log signature that a change brought or raised most; None: no comparison shows one."""
    for compared in situation.comparisons:
        told = compared.comparison
        if told is None or told.change_id != change.event_id or compared.timestamp > situation.as_of:
            continue
        worse = [each for each in told.differences if each.difference in _WORSE]
        if worse:
            first = worse[0]
            counts = f"{first.before} lines before, {first.after} after, {number(first.expected)} expected"
            text = f"beginning with {quoted(first.template)}"
            why = f"this signature of {service} is {_said(first.difference)} since the change: {counts}"
            return Sighting(text, why, [evidence_id(compared.event_id)])
    return None


def of_resource(service: str, situation: Situation) -> Sighting | None:
    """Point to the metric that names what a service is short of; None: none does."""
    found = mechanism.of_service(situation.incident, service)
    if found is None or found.cause_class is not CauseClass.CAPACITY:
        return None
    symptom = found.symptom
    level = f"{quantity(symptom.value, symptom.unit)} (baseline {quantity(symptom.baseline, symptom.unit)})"
    text = f"look at what fills {cut(symptom.text, 80)} of {service}"
    return Sighting(text, f"it was at {level} at {clock(symptom.timestamp)}", [evidence_id(symptom.event_id)])


def of_signature(service: str, situation: Situation) -> Sighting | None:
    """Point to the strongest new or surging log signature of a service; None: its logs show none."""
    track = _strongest(blast_radius.tracks(situation.incident, service), _SIGNATURES)
    if track is None:
        return None
    text = f"read the lines around {quoted(track.worst.text)} in the log of {service}"
    return _seen(text, track)


def of_edge(caller: str, callee: str, situation: Situation) -> Sighting | None:
    """Point to the calls from one service to another that fail or are slow; None: none are seen to."""
    tracks = [each for each in blast_radius.tracks(situation.incident, caller) if each.worst.peer == callee]
    track = _strongest(tracks, _CALLS)
    return None if track is None else _seen(f"inspect the spans of the edge {caller} → {callee}", track)


def of_slice(service: str, situation: Situation) -> Sighting | None:
    """Point to the tenant, region, version or host in which what fails concentrates; None: in none."""
    tracks = [
        each for each in blast_radius.tracks(situation.incident, service) if each.worst.lift is not None
    ]
    track = _strongest(tracks, _SIGNATURES)
    if track is None or track.worst.lift is None:
        return None
    lift = track.worst.lift
    usual = quantity(round(100.0 * lift.usual_share, 1), "%")
    text = f"compare {lift.dimension} {quoted(lift.value)} of {service} with the others"
    why = f"{lift.count} of {lift.of} lines of {quoted(track.worst.text)} are from it (usually {usual})"
    return Sighting(text, why, [evidence_id(track.worst.event_id)])


def _strongest(tracks: Iterable[SymptomTrack], kinds: tuple[SymptomKind, ...]) -> SymptomTrack | None:
    fitting = [each for each in tracks if each.worst.symptom_kind in kinds]
    return max(fitting, key=lambda each: (abs(each.worst.score), each.worst.event_id), default=None)


def _seen(text: str, track: SymptomTrack) -> Sighting:
    worst: Symptom = track.worst
    return Sighting(
        text, f"{symptom_clause(worst)}, since {clock(track.first.onset_at)}", [evidence_id(worst.event_id)]
    )


def _said(difference: Difference) -> str:
    return "new" if difference is Difference.NEW else "more frequent"
