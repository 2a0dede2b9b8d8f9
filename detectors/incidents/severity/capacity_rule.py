"""What is filling up, until when, and which business is not done any more?"""

from datetime import datetime, timedelta

from detectors.incidents import blast_radius
from detectors.incidents.severity.measurement import (
    Measurement,
    Told,
    by_track,
    clause,
    counts,
    is_at_its_worst,
    of_symptom,
)
from detectors.incidents.state import Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import PERCENT_UNITS, clock, cut, quantity, words
from models.measure import Measure
from models.signal import Symptom, SymptomKind

_RESOURCE_WORDS = {
    "cpu", "memory", "mem", "heap", "disk", "filesystem", "volume", "storage", "inode", "inodes", "pool",
    "connections", "queue", "threads", "saturation", "utilization", "utilisation", "usage", "used",
    "capacity", "quota",
}  # fmt: skip
"""A metric in % whose name has one of these tells how full something is."""

_STOCK_WORDS = {
    "memory", "mem", "heap", "disk", "filesystem", "volume", "storage", "inode", "inodes", "pool",
    "connections", "queue", "quota", "capacity",
}  # fmt: skip
"""What fills up and stays full; a CPU is as busy as the moment, and has no time left."""

_FULL = 100.0

_LEAST_SPAN = timedelta(minutes=1)
"""Two sightings nearer to each other show a step, no rate."""

_BUSINESS_WORDS = {
    "order", "orders", "checkout", "checkouts", "payment", "payments", "purchase", "purchases", "booking",
    "bookings", "transaction", "transactions", "trade", "trades", "settlement", "settlements", "signup",
    "signups", "registration", "registrations", "admission", "admissions", "prescription", "prescriptions",
    "appointment", "appointments", "delivery", "deliveries", "invoice", "invoices", "revenue", "sale",
    "sales",
}  # fmt: skip
"""A counter whose name has one of these and that falls tells of business that is not done."""

_NO_COUNTERS = {
    "latency", "duration", "p50", "p95", "p99", "ms", "error", "errors", "failed", "failure", "failures",
    "declined", "rejected", "queue", "pending", "retry", "retries", "cpu", "memory", "pool",
}  # fmt: skip


def saturation(situation: Situation) -> Told | None:
    """The resource that will be full first, with the time it has left at the rate at which it fills."""
    found = [
        each for each in _shifts(situation) if _is_resource(each) and each.worst.value > each.first.baseline
    ]
    if not found:
        return None
    measured: list[Measurement] = []
    full: dict[str, datetime] = {}
    for track in found:
        measured.append(by_track(Measure.SATURATION, track.latest.value, situation, track))
        at = full_at(track)
        if at is not None and counts(situation, track):
            full[track.worst.event_id] = at
            minutes = max((at - situation.as_of).total_seconds() / 60, 0.0)
            measured.append(by_track(Measure.EXHAUSTION, minutes, situation, track))
    first = min(found, key=lambda each: _soonest(each, full))
    shown = first.worst
    verb = (
        "is" if is_at_its_worst(situation, first) else f"was (at {clock(shown.timestamp, situation.as_of)})"
    )
    text = f"{cut(shown.text, 80)} of {shown.service} {verb} at {quantity(shown.value, shown.unit)}"
    at = full.get(first.worst.event_id)
    if at is not None and shown.value < _FULL:
        text += f", and full at {clock(at.replace(microsecond=0), situation.as_of)} if it goes on"
    return Told(of_symptom("saturation", text, first), measured)


def full_at(track: SymptomTrack) -> datetime | None:
    """Give when a resource is full, in a line through its first and its latest sighting (event time).

    None: it does not fill, or it cannot be told. Weakness: two points; what fills in steps is full
    earlier or later.
    """
    first, latest = track.first, track.latest
    if _STOCK_WORDS.isdisjoint(words(first.subject)):
        return None
    if latest.value >= _FULL:
        return latest.timestamp
    risen, lasted = latest.value - first.value, latest.timestamp - first.timestamp
    if risen <= 0 or lasted < _LEAST_SPAN:
        return None
    return latest.timestamp + lasted * ((_FULL - latest.value) / risen)


def _soonest(track: SymptomTrack, full: dict[str, datetime]) -> tuple[bool, datetime, float, str]:
    at = full.get(track.worst.event_id)
    return at is None, at or track.latest.timestamp, -track.latest.value, track.worst.event_id


def transactions(situation: Situation) -> Told | None:
    """The business counter that fell most below its baseline."""
    found = [
        (loss, each) for each in _shifts(situation) if _is_business(each) and (loss := _loss(each.worst)) > 0
    ]
    if not found:
        return None
    lost, track = max(found, key=lambda pair: (pair[0], pair[1].worst.event_id))
    worst = track.worst
    usual = quantity(worst.baseline, worst.unit)
    verb = (
        "is" if is_at_its_worst(situation, track) else f"was (at {clock(worst.timestamp, situation.as_of)})"
    )
    text = (
        f"{cut(worst.text, 80)} of {worst.service} {verb} at {quantity(worst.value, worst.unit)},"
        f" {quantity(lost, '%')} below its usual {usual}"
    )
    told = clause(
        "transactions", text, track.first.onset_at, [evidence_id(worst.event_id)],
        value=lost, unit="%", window_s=worst.window_s, sample_size=worst.sample_size,
    )  # fmt: skip
    measured = [
        by_track(Measure.TRANSACTION_LOSS, max(_loss(each.latest), 0.0), situation, each) for _, each in found
    ]
    return Told(told, measured)


def tells_of_capacity(track: SymptomTrack) -> bool:
    """Whether a shifted metric tells how full something is, or how much business is done."""
    rises = track.worst.value > track.first.baseline
    return (_is_resource(track) and rises) or (_is_business(track) and _loss(track.worst) > 0)


def _shifts(situation: Situation) -> list[SymptomTrack]:
    return [
        each
        for each in blast_radius.tracks(situation.incident)
        if each.first.symptom_kind is SymptomKind.METRIC_SHIFT
    ]


def _is_resource(track: SymptomTrack) -> bool:
    is_share = track.first.unit.lower() in PERCENT_UNITS
    return is_share and not _RESOURCE_WORDS.isdisjoint(words(track.first.subject))


def _is_business(track: SymptomTrack) -> bool:
    said = words(track.first.subject)
    return not _BUSINESS_WORDS.isdisjoint(said) and _NO_COUNTERS.isdisjoint(said)


def _loss(symptom: Symptom) -> float:
    return (1 - symptom.value / symptom.baseline) * 100.0 if symptom.baseline > 0 else 0.0
