"""How does a service fail, as far as its metrics name it?"""

from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.cause.failure_strength import is_current
from detectors.incidents.state import OpenIncident
from detectors.incidents.wording import words
from models.cause import CauseClass
from models.signal import Symptom, SymptomKind

_NETWORK = {"retransmit", "retransmits", "retransmission", "dns", "gap", "tcp"}
_CARRIED = {"network", "net", "rx", "tx", "packet", "packets", "receive", "transmit"}
"""How much is carried follows the traffic: it names the network only together with what was lost."""
_LOST = {"dropped", "drop", "drops", "lost", "loss", "error", "errors", "err", "errs", "timeout", "timeouts"}
_CAPACITY = {
    "cpu", "memory", "mem", "heap", "gc", "oom", "disk", "filesystem", "inode", "iops", "pool", "queue",
    "connection", "connections", "thread", "threads", "backlog", "saturation", "throttled", "throttling",
    "quota", "utilization", "load", "lock", "locks",
}  # fmt: skip
_MEMORY = {"memory", "mem", "heap", "rss"}
_MEASURES = {"saturation", "throttled", "throttling", "quota", "utilization", "load"}
"""Words that say how a resource is measured, not which one it is."""
_TRAFFIC = {"request", "requests", "traffic", "qps", "rps", "throughput", "hits", "visits"}

_NAMED_BY = ((CauseClass.NETWORK, _NETWORK), (CauseClass.CAPACITY, _CAPACITY))
"""Network first: a connection that retransmits is the network's, not the pool's."""


class Mechanism(NamedTuple):
    """How a service fails, and the sighting that names it."""

    cause_class: CauseClass
    symptom: Symptom


def of_service(incident: OpenIncident, service: str) -> Mechanism | None:
    """Give the mechanism that the strongest telling symptom of a service names; None: none does.

    Memory that had grown long before the incident did not bring it about: processes take what they find.
    """
    found = [
        Mechanism(named, track.worst)
        for track in blast_radius.tracks(incident, service)
        for named in [class_of(track.worst)]
        if named is not None and (is_current(track, incident) or not is_memory(track.worst))
    ]
    return max(found, key=lambda each: each.symptom.score, default=None)


def class_of(symptom: Symptom) -> CauseClass | None:
    """Give the class that the words of a metric's name stand for; logs and spans name none.

    A network gap is measured on spans (client less server side), so a latency whose subject
    says "network gap" counts like a metric.
    """
    said = set(words(symptom.subject)) | set(words(symptom.text))
    if symptom.symptom_kind is SymptomKind.LATENCY:
        return CauseClass.NETWORK if {"network", "gap"} <= said else None
    if symptom.symptom_kind is not SymptomKind.METRIC_SHIFT:
        return None
    if symptom.value <= symptom.baseline:
        return None  # less of anything is a consequence, not a mechanism
    if said & _CARRIED and said & _LOST:
        return CauseClass.NETWORK
    for named, vocabulary in _NAMED_BY:
        if said & vocabulary:
            return named
    return CauseClass.TRAFFIC if said & _TRAFFIC else None


def is_memory(symptom: Symptom) -> bool:
    """Tell whether a metric tells of memory."""
    return bool(_MEMORY & set(words(symptom.subject)))


def resource_words(symptom: Symptom) -> set[str]:
    """Give the words of a metric's name that stand for a resource."""
    return set(words(symptom.subject)) & _CAPACITY - _MEASURES
