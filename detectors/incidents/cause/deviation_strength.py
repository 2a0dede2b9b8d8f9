"""How strongly does a service fail, and how far has what it uses jumped, since the incident began?

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
from detectors.incidents.cause import mechanism
from detectors.incidents.state import OpenIncident, Situation, SymptomTrack
from detectors.incidents.wording import words
from models.cause import CauseClass
from models.signal import Symptom, SymptomKind

BEGAN_WITH = timedelta(minutes=5)
"""A symptom that began longer before the first alert was there without it: the coarsest metric interval."""

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
_MEANS = {"avg", "mean", "average"}
"""Words of metrics that can be summed over requests."""
_SHARED = {"node", "host"}
"""Words of metrics of the machine: what others on it use is no fault of the service."""


class Strength(NamedTuple):
    """How strongly, in doublings, and the symptom that shows it."""

    doublings: float
    symptom: Symptom


def began(incident: OpenIncident) -> datetime:
    """Give when the incident showed to people: its first alert, or its opening."""
    alerts = blast_radius.episodes(incident)
    return alerts[0].first.timestamp if alerts else incident.opened_at


def of_failure(incident: OpenIncident, service: str) -> Strength | None:
    """Give the strongest failure (errors, latency, log lines) of a service that began with the incident."""
    return _strongest(incident, service, _failure)


def of_resource(incident: OpenIncident, service: str) -> Strength | None:
    """Give the strongest rise of what a service itself uses (CPU, memory, pools) since the incident began."""
    return _strongest(incident, service, _resource)


def failure_of(symptom: Symptom) -> float:
    """Give how strongly a symptom is a failure, in doublings; 0: it is none."""
    return _failure(symptom)


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
            alike[worst.service] = max(alike.get(worst.service, this), this, key=_size)
    seen = {each.worst.symptom_kind for each in blast_radius.tracks(incident, incident.service)}
    shares: dict[str, Strength] = {}
    for kind, amounts in sorted(found.items()):
        if set(amounts) == {incident.service} or (kind not in seen and seen & set(found)):
            continue  # where only what people see fails, nothing is narrowed down
        own = {
            service: each.doublings
            - sum(
                amounts[callee].doublings
                for callee in situation.catalog.dependencies(service, situation.as_of)
                if callee in amounts and callee != service
            )
            for service, each in amounts.items()
        }
        most = max(own.values())
        for service in sorted(own):
            if own[service] > 0:
                share = Strength(own[service] / most, amounts[service].symptom)
                shares[service] = max(shares.get(service, share), share, key=_size)
    return shares


def _size(strength: Strength) -> tuple[float, str]:
    return strength.doublings, strength.symptom.event_id


def _amount(symptom: Symptom) -> float:
    if symptom.sample_size <= 1:
        return 0.0
    change = symptom.value - symptom.baseline
    if symptom.symptom_kind is SymptomKind.ERROR_RATE and symptom.unit == "%":
        return symptom.sample_size * abs(change)
    if symptom.symptom_kind is SymptomKind.LATENCY and _MEANS & set(words(symptom.subject)):
        return symptom.sample_size * change * (1_000 if symptom.unit == "s" else 1)
    return 0.0


def of_gap(situation: Situation, service: str) -> Strength | None:
    """Give how much longer calls of a service take at its callers than it takes itself: the network between.

    A caller's slow operation that names the service (as its peer, or in its own name) counts less what
    the service itself is slower. Weakness: an operation that names nobody, like "HTTP GET", is not seen.
    """
    incident, name = situation.incident, _compact(service)
    own = of_failure(incident, service)
    found = [
        Strength(_ratio(worst) - (own.doublings if own else 0.0), worst)
        for track in blast_radius.tracks(incident)
        for worst in [track.worst]
        if worst.service != service
        and worst.symptom_kind is SymptomKind.LATENCY
        and is_current(track, incident)
        and (worst.peer == service or name in _compact(worst.subject))
        and service in situation.catalog.dependencies(worst.service, situation.as_of)
    ]
    return max(
        (each for each in found if each.doublings > 0),
        key=lambda each: (each.doublings, each.symptom.event_id),
        default=None,
    )


def _compact(name: str) -> str:
    return "".join(words(name)).lower()


def is_current(track: SymptomTrack, incident: OpenIncident) -> bool:
    """Tell whether what is abnormal began with the incident, and was not there before."""
    return track.first.onset_at >= began(incident) - BEGAN_WITH


def _strongest(incident: OpenIncident, service: str, measure: Callable[[Symptom], float]) -> Strength | None:
    found = [
        Strength(measure(track.worst), track.worst)
        for track in blast_radius.tracks(incident, service)
        if is_current(track, incident)
    ]
    return max(
        (each for each in found if each.doublings > 0),
        key=lambda each: (each.doublings, each.symptom.event_id),
        default=None,
    )


def _failure(symptom: Symptom) -> float:
    match symptom.symptom_kind:
        case SymptomKind.LATENCY:
            return _doublings(symptom)
        case SymptomKind.ERROR_RATE:
            if symptom.unit == "%":
                rise = abs(symptom.value - symptom.baseline) / _RATE_POINT
                return min(log2(1 + rise), MOST_DOUBLINGS)
            return abs(_doublings(symptom))
        case SymptomKind.NEW_SIGNATURE | SymptomKind.SURGING_SIGNATURE:
            return _ERROR_LINE if symptom.severity in ("error", "fatal") else _OTHER_LINE
        case _:
            return 0.0


def _resource(symptom: Symptom) -> float:
    if symptom.symptom_kind is not SymptomKind.METRIC_SHIFT or _SHARED & set(words(symptom.subject)):
        return 0.0
    if mechanism.class_of(symptom) is not CauseClass.CAPACITY:
        return 0.0
    return _doublings(symptom)


def _doublings(symptom: Symptom) -> float:
    share = min((_TAIL[each] for each in words(symptom.subject) if each in _TAIL), default=1.0)
    return share * _ratio(symptom)


def _ratio(symptom: Symptom) -> float:
    if symptom.value <= symptom.baseline or symptom.value <= 0:
        return 0.0
    if symptom.baseline <= 0:
        return 1.0
    return min(log2(symptom.value / symptom.baseline), MOST_DOUBLINGS)
