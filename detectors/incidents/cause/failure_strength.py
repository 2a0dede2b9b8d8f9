"""How strongly does a service fail since the incident began?

Method: each symptom that began with the incident is put on one scale, doublings: a latency or a
metric by how often it doubled, an error share by how often one percentage point doubles into its rise,
a log line by a fixed worth. Parameters are the constants of this file. Weakness: a ratio says little of an
operation that takes next to no time, and a fault that was there long before the alert is not seen.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import log2
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.state import OpenIncident, Situation, SymptomTrack
from detectors.incidents.wording import words
from models import topic
from models.signal import Symptom, SymptomKind

BEGAN_WITH = timedelta(minutes=5)
"""A symptom that began longer before the first alert was there without it: the coarsest metric interval."""

GOES_ON = timedelta(minutes=1)
"""What was last told of earlier before the alert was over by then: it is told once a minute."""

MOST_DOUBLINGS = 6.0
"""More says no more: a series whose usual value is next to nothing has any ratio."""


_ERROR_LINE = 2.0
"""A new pattern of error lines: as much as a latency four times the usual."""
_OTHER_LINE = 0.5
"""A new or surging pattern without an error: new patterns come with every change of traffic."""
_RATE_POINT = 1.0
"""One percentage point: below it an error share is chance."""
_TAIL = {"p90": 0.75, "p95": 0.6, "p99": 0.4}
"""What a quantile of a metric counts: the farther out, the fewer requests it speaks of."""
_ESTIMATED = 0.5
_MEANS = {"avg", "mean", "average"}
"""Words of metrics that can be summed over requests."""
_FLOORS = {"ms": 10.0, "s": 0.01}
"""Added to both sides of a ratio of latencies: nobody notices ten milliseconds, however often they double."""


class Strength(NamedTuple):
    """How strongly, on the scale of whoever measured it, and the symptom that shows it."""

    amount: float
    symptom: Symptom


def began(incident: OpenIncident) -> datetime:
    """Give when the incident showed to people: its first alert, or its opening."""
    alerts = blast_radius.episodes(incident)
    return alerts[0].first.timestamp if alerts else incident.opened_at


def of_failure(incident: OpenIncident, service: str) -> Strength | None:
    """Give the strongest failure (errors, latency, log lines) of a service that began with the incident.

    Where spans are told of, a quantile that a metric gives counts half: it estimates what they measure.
    """
    if not any(_is_of_spans(track.worst) for track in blast_radius.tracks(incident)):
        return strongest(incident, service, _failure)
    return strongest(
        incident, service, lambda each: _failure(each) * (1.0 if _is_exact(each) else _ESTIMATED)
    )


def goes_as_usual(incident: OpenIncident, service: str) -> bool:
    """Tell whether requests are measured, and those of a service neither fail nor wait."""
    is_measured = any(_is_of_spans(track.worst) for track in blast_radius.tracks(incident))
    return is_measured and of_failure(incident, service) is None


def _is_of_spans(symptom: Symptom) -> bool:
    return any(each.startswith(f"{topic.SPAN_BUCKETS}/") for each in symptom.sources)


def _is_exact(symptom: Symptom) -> bool:
    return not _TAIL.keys() & set(words(symptom.subject)) or _is_of_spans(symptom)


def excess(situation: Situation) -> dict[str, Strength]:
    """Give each service's share (0 to 1) of what fails in requests: requests times the change, callees apart.

    Method: seconds above the usual mean, or failing requests above the usual share, of all requests of an
    interval, less those of the services that it calls directly, as a share of the largest. Only what the
    service that people see shows (latency or errors) counts. Weakness: it needs metrics that count requests
    and tell means or shares; a quantile cannot be summed.
    """
    incident = situation.incident
    found: dict[SymptomKind, dict[str, Strength]] = {}
    for track in blast_radius.tracks(incident):
        worst, amount = track.worst, _amount(track.worst)
        if amount > 0 and is_current(track, incident):
            alike, this = found.setdefault(worst.symptom_kind, {}), Strength(amount, worst)
            alike[worst.service] = max(alike.get(worst.service, this), this, key=size)
    seen = {each.worst.symptom_kind for each in blast_radius.tracks(incident, incident.service)}
    shares: dict[str, Strength] = {}
    for kind, amounts in sorted(found.items()):
        if set(amounts) == {incident.service} or (kind not in seen and seen & set(found)):
            continue  # where only what people see fails, nothing is narrowed down
        own = {
            service: each.amount
            - sum(
                amounts[callee].amount
                for callee in situation.catalog.dependencies(service, situation.as_of)
                if callee in amounts and callee != service
            )
            for service, each in amounts.items()
        }
        most = max(own.values())
        for service in sorted(own):
            if own[service] > 0:
                share = Strength(own[service] / most, amounts[service].symptom)
                shares[service] = max(shares.get(service, share), share, key=size)
    return shares


def size(strength: Strength) -> tuple[float, str]:
    """Give the order of strengths, the weakest first."""
    return strength.amount, strength.symptom.event_id


def _amount(symptom: Symptom) -> float:
    if symptom.sample_size <= 1:
        return 0.0
    change = symptom.value - symptom.baseline
    if symptom.symptom_kind is SymptomKind.ERROR_RATE and symptom.unit == "%":
        return symptom.sample_size * abs(change)
    if symptom.symptom_kind is SymptomKind.LATENCY and _MEANS & set(words(symptom.subject)):
        return symptom.sample_size * change * (1_000 if symptom.unit == "s" else 1)
    return 0.0


def is_current(track: SymptomTrack, incident: OpenIncident) -> bool:
    """Tell whether what is abnormal began with the incident, and was not there before."""
    return track.first.onset_at >= began(incident) - BEGAN_WITH


def goes_on(track: SymptomTrack, incident: OpenIncident) -> bool:
    """Tell whether what began with the incident still went on when it showed."""
    return is_current(track, incident) and track.latest.timestamp >= began(incident) - GOES_ON


def strongest(incident: OpenIncident, service: str, measure: Callable[[Symptom], float]) -> Strength | None:
    """Give the symptom of a service that measures most of those that began with the incident."""
    found = [
        Strength(measure(track.worst), track.worst)
        for track in blast_radius.tracks(incident, service)
        if (goes_on if _is_of_spans(track.worst) else is_current)(track, incident)
    ]
    return max((each for each in found if each.amount > 0), key=size, default=None)


def _failure(symptom: Symptom) -> float:
    """Give how strongly a symptom is a failure, in doublings; 0: it is none."""
    match symptom.symptom_kind:
        case SymptomKind.LATENCY:
            return doublings_of(symptom)
        case SymptomKind.ERROR_RATE:
            if symptom.unit == "%":
                rise = abs(symptom.value - symptom.baseline) / _RATE_POINT
                return min(log2(1 + rise), MOST_DOUBLINGS)
            return abs(doublings_of(symptom))
        case SymptomKind.NEW_SIGNATURE | SymptomKind.SURGING_SIGNATURE:
            return _ERROR_LINE if symptom.severity in ("error", "fatal") else _OTHER_LINE
        case _:
            return 0.0


def doublings_of(symptom: Symptom) -> float:
    """Give how often a value doubled, less for a quantile far out."""
    share = min((_TAIL[each] for each in words(symptom.subject) if each in _TAIL), default=1.0)
    return share * ratio(symptom)


def ratio(symptom: Symptom) -> float:
    """Give how often a value doubled over its baseline, times above a floor nobody notices; 0: it fell."""
    if symptom.value <= symptom.baseline or symptom.value <= 0:
        return 0.0
    is_time = symptom.symptom_kind in (SymptomKind.LATENCY, SymptomKind.NETWORK_GAP)
    floor = _FLOORS.get(symptom.unit, 0.0) if is_time else 0.0
    if symptom.baseline + floor <= 0:
        return 1.0
    return min(log2((symptom.value + floor) / (symptom.baseline + floor)), MOST_DOUBLINGS)
