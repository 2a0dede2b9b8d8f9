"""Which share of requests failed in which minute of an incident? Counts that are bounded and add up."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from detectors.incidents.state import SymptomTrack, evidence_id
from detectors.incidents.wording import as_ratio
from models.signal import Symptom, SymptomKind

_MINUTE_S = 60
_STEPS = ((600, 300), (3_600, 1_800))
"""From which age (s) on minutes are added up by how much (s): 10 + 10 + 10 counts for six hours, some
1 kB, and 60 kB for all symptoms of an incident."""
_BLOCK_S = _STEPS[-1][1]
_KEPT_FOR_S = 6 * 3_600

_MILLION = 1_000_000

_COUNTED = "binomial"
"""Statistics that begin so judge a share of so many requests; of others the sample is points of a metric."""


class Failures(NamedTuple):
    """Requests of some minutes, as far as symptoms told of them."""

    share: float | None
    """Share that failed in the minutes of which symptoms told (0 to 1); None: they told of none."""
    share_of_window: float
    """Share that failed, minutes of which no symptom told taken as without failures (0 to 1)."""
    failed: int
    """Requests that were counted as failed; 0 where only a metric tells of their share."""
    requests: int
    """Requests that were counted."""
    evidence: tuple[str, ...]


def note(track: SymptomTrack, symptom: Symptom) -> None:
    """Count a sighting of failing requests, in whatever order sightings come; any other kind is passed over.

    Whole numbers only, so that no order of arrival changes a sum.
    """
    share = failing_share(symptom, symptom.value)
    if symptom.symptom_kind is not SymptomKind.ERROR_RATE or symptom.peer or share is None:
        return
    weight = max(symptom.sample_size, 1) if is_counted(symptom) else 1
    failed = round(min(max(share, 0.0), 1.0) * _MILLION) * weight
    minute = int(symptom.timestamp.timestamp()) // _MINUTE_S * _MINUTE_S
    _add(track.failures, minute, [failed, weight, 1 << minute % _BLOCK_S // _MINUTE_S])
    newest = max(track.failures)
    for minute in sorted(track.failures):
        age = newest - minute
        if age > _KEPT_FOR_S:
            del track.failures[minute]
            continue
        step = max((step for least, step in _STEPS if age > least), default=_MINUTE_S)
        if minute % step:
            _add(track.failures, minute - minute % step, track.failures.pop(minute))


def failing_share(symptom: Symptom, value: float) -> float | None:
    """Give a value of a symptom as a share of failing requests (0 to 1); None: it is no share.

    A share that deviates downwards counts successes: availability at 82 % is errors at 18 %.
    """
    share = as_ratio(value, symptom.unit)
    if share is None:
        return None
    return 1 - share if symptom.value < symptom.baseline else share


def is_counted(symptom: Symptom) -> bool:
    """Whether the sample of a symptom is requests."""
    return symptom.statistic.startswith(_COUNTED)


def within(tracks: Iterable[SymptomTrack], window: timedelta, as_of: datetime) -> Failures:
    """Add up the failing requests of some symptoms over the last so long (event time).

    Symptoms are told each minute while a share is above its threshold, of a bucket that is shorter: the
    share is that of the buckets that were told of. Where a metric tells it, that one counts: it covers all
    requests. Weakness of spans: buckets that stand out are told of, which overstates a share of few requests.
    """
    oldest = int((as_of - window).timestamp()) - _MINUTE_S
    seen = [each for each in tracks if any(minute > oldest for minute in each.failures)]
    metrics = [each for each in seen if not is_counted(each.first)]
    blocks: dict[int, list[int]] = {}
    failed = requests = 0
    for track in metrics or seen:
        for minute, count in track.failures.items():
            if minute > oldest:
                _add(blocks, minute - minute % _BLOCK_S, count)
                if not metrics:
                    failed, requests = failed + count[0], requests + count[1]
    evidence = [evidence_id(each.worst.event_id) for each in metrics or seen]
    covered = sum(parts // weight * minutes.bit_count() for parts, weight, minutes in blocks.values())
    of_window = covered * _MINUTE_S // max(int(window.total_seconds()), _MINUTE_S)
    weight = sum(each[1] for each in blocks.values())
    return Failures(
        sum(each[0] for each in blocks.values()) / weight / _MILLION if weight else None,
        min(of_window, _MILLION) / _MILLION,
        round(failed / _MILLION),
        requests,
        tuple(sorted(evidence)),
    )


def _add(counts: dict[int, list[int]], at: int, more: list[int]) -> None:
    failed, weight, minutes = counts.get(at, [0, 0, 0])
    counts[at] = [failed + more[0], weight + more[1], minutes | more[2]]
