"""How clearly does a service show how it fails: a resource used up, time lost on the way, flows broken?

Each mechanism is put on one scale, 0 to 1; a symptom is what is to be explained, a mechanism explains.
Parameters: the constants below. Weakness: a process that is starved of CPU answers late, which looks like
the network before it: where its CPU rose too, it is the CPU; a mechanism that was there long before the
alert is not seen.
"""

from detectors.incidents import blast_radius
from detectors.incidents.cause import mechanism
from detectors.incidents.cause.failure_strength import (
    Strength,
    doublings_of,
    goes_as_usual,
    goes_on,
    ratio,
    size,
    strongest,
)
from detectors.incidents.cause.mechanism import resource_words
from detectors.incidents.state import OpenIncident
from detectors.incidents.wording import words
from models.cause import CauseClass
from models.signal import Symptom, SymptomKind

FULL_G = 12.0
"""Log-likelihood ratio from which a broken flow counts in full: odds of 160,000; thousands are tried."""

USUAL_REQUESTS = 3
"""So many requests are thought to have gone as usual besides those seen: a handful proves little."""

FULL_GAP_G = 8.0
"""The same of a gap: that it is three times the usual one is asked for besides."""

LEAST = 0.05
"""Less than a twentieth of what is clear shows nothing."""

CLEAR_JUMP = 4.0
"""Doublings from which a jump or a gap counts in full: idle services vary by four times."""

SATURATED = 80.0
"""Percent of its limit from which a resource makes those wait who need it. Source: Gregg (2013), Systems
Performance, section 2.6: above 60 to 80 % queues grow steeply."""
_THROTTLED = {"throttled", "throttling"}
FULL_THROTTLE = 25.0
"""Percentage points more than usual of the periods in which a process was held back, which count in full.
Source: the alert CPUThrottlingHigh of the kubernetes-mixin, which fires above 25 %."""
_UNLIMITED = 0.5
"""What a rise counts of a resource whose limit is not known: it may be far from used up."""
_UNFELT = 0.5
"""What full memory counts where nobody feels it."""
_SHARED = {"node", "host"}
"""Words of metrics of the machine: what others on it use is no fault of the service."""


def of_resource(incident: OpenIncident, service: str) -> Strength | None:
    """Give the clearest rise of what a service itself uses (CPU, memory, pools) since the incident began.

    What tells how much of a limit is used counts by that, throttling by its rise; what tells an amount
    counts half, and not at all where the share of the limit is told too. Memory counts half where requests
    are measured and those of the service go as usual: nobody waits for memory that is full, but for what a
    process does then.
    """
    shares = [
        resource_words(track.worst)
        for track in blast_radius.tracks(incident, service)
        if track.worst.unit == "%" and _resource(track.worst)
    ]

    def measure(symptom: Symptom) -> float:
        told = resource_words(symptom)
        return 0.0 if symptom.unit != "%" and any(told & each for each in shares) else _resource(symptom)

    found = strongest(incident, service, measure)
    if found is not None and mechanism.is_memory(found.symptom) and goes_as_usual(incident, service):
        found = found._replace(amount=_UNFELT * found.amount)
    return _clearest([found] if found is not None else [])


def is_cpu(symptom: Symptom) -> bool:
    """Tell whether a metric tells of the processor."""
    return "cpu" in words(symptom.subject)


def _clearest(found: list[Strength]) -> Strength | None:
    return max((each for each in found if each.amount >= LEAST), key=size, default=None)


def of_gap(incident: OpenIncident, service: str) -> Strength | None:
    """Give how much longer calls of a service spend on the way than usual: the network before it.

    Where two calls of one caller to different services take longer, the way is slow at the caller, and
    that much is not the callee's. Source: the gap of client and server span (`NETWORK_GAP`).
    """
    gaps = _gaps(incident)
    found = [
        Strength(gap.amount - _shared_gap(gaps, caller, but=callee), gap.symptom)
        for (caller, callee), gap in gaps.items()
        if callee == service
    ]
    calls = sorted((gap for (caller, _), gap in gaps.items() if caller == service), key=size)
    found += calls[-2:-1]
    return _clearest(found)


def _gaps(incident: OpenIncident) -> dict[tuple[str, str], Strength]:
    return {
        (track.worst.service, track.worst.peer): Strength(
            min(ratio(track.worst) / CLEAR_JUMP, 1.0) * sureness(track.worst, FULL_GAP_G), track.worst
        )
        for track in blast_radius.tracks(incident)
        if track.worst.symptom_kind is SymptomKind.NETWORK_GAP and goes_on(track, incident)
    }


def _shared_gap(gaps: dict[tuple[str, str], Strength], caller: str, but: str) -> float:
    others = [gap.amount for (by, callee), gap in gaps.items() if by == caller and callee != but]
    return max(others, default=0.0)


def of_flow(incident: OpenIncident, service: str) -> Strength | None:
    """Give how clearly requests no longer go their usual way through a service, 0 to 1.

    The share of requests that go another way, by how sure that is (`FULL_G`); only what still went on
    when the incident showed. Source: `FLOW_BREAK`.
    """
    found = [
        Strength(broken_share(track.worst), track.worst)
        for track in blast_radius.tracks(incident, service)
        if track.worst.symptom_kind is SymptomKind.FLOW_BREAK and goes_on(track, incident)
    ]
    return _clearest(found)


def broken_share(symptom: Symptom) -> float:
    """Give the share of requests that go another way (0 to 1), less where it is not sure."""
    seen = symptom.sample_size / (symptom.sample_size + USUAL_REQUESTS)
    return abs(symptom.value - symptom.baseline) / 100 * seen * sureness(symptom)


def of_given_up(incident: OpenIncident, service: str) -> list[Strength]:
    """Give the two callers whose requests end most clearly after the call of a service, if there are two.

    One alone may give up for a reason of its own. Source: the last call of a `FLOW_BREAK`.
    """
    found = [
        Strength(broken_share(track.worst), track.worst)
        for track in blast_radius.tracks(incident)
        if track.worst.symptom_kind is SymptomKind.FLOW_BREAK
        and service in (track.worst.peer, track.latest.peer)
        and goes_on(track, incident)
    ]
    clearest = {each.symptom.service: each for each in sorted(found, key=size)}
    return sorted(clearest.values(), key=size, reverse=True)[:2] if len(clearest) > 1 else []


def sureness(symptom: Symptom, full: float = FULL_G) -> float:
    """Give how sure a log-likelihood ratio makes one, 0 to 1; its score is the root of twice that."""
    return min(symptom.score**2 / 2 / full, 1.0)


def _resource(symptom: Symptom) -> float:
    if symptom.symptom_kind is not SymptomKind.METRIC_SHIFT or _SHARED & set(words(symptom.subject)):
        return 0.0
    if mechanism.class_of(symptom) is not CauseClass.CAPACITY:
        return 0.0
    if symptom.unit == "%" and _THROTTLED & set(words(symptom.subject)):
        return min((symptom.value - symptom.baseline) / FULL_THROTTLE, 1.0)
    if symptom.unit == "%":
        return float(min(symptom.value / SATURATED, 1.0) ** 2)
    return _UNLIMITED * min(doublings_of(symptom) / CLEAR_JUMP, 1.0)
