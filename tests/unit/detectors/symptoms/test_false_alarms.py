"""How often is a service told of that does nothing unusual, and is what is unusual found?

The rates that these tests hold are the ones that `detectors/README.md` states.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import cos, exp, pi

import msgspec
import pytest

from detectors.symptoms.absence import absence
from detectors.symptoms.bucket_counts import BucketCounts
from detectors.symptoms.log_signature import LogSignatures
from detectors.symptoms.signature_history import Signature, first_seen
from detectors.symptoms.surge import surge
from detectors.symptoms.usual_count import NO_PAUSES
from models.signal import SymptomKind
from tests.unit.detectors.symptoms.watching import CATALOG, Watch, lines

HOUR = 360
DAY = 24 * HOUR
"""Buckets."""

Stream = Callable[[random.Random, float], Iterator[int]]
"""Lines of one signature per bucket, by their mean in 30 s."""


def poisson(chance: random.Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, waited = 0, chance.expovariate(1.0)
    while waited < mean:
        count += 1
        waited += chance.expovariate(1.0)
    return count


def steady(chance: random.Random, mean: float) -> Iterator[int]:
    while True:
        yield poisson(chance, mean / 3)


def bursty(chance: random.Random, mean: float) -> Iterator[int]:
    """Give negative binomial counts of size 2: the rate of each bucket is itself left to chance."""
    while True:
        yield poisson(chance, mean / 3 * chance.gammavariate(2.0, 0.5))


def batched(chance: random.Random, mean: float) -> Iterator[int]:
    """Give requests of which each logs some five lines at once."""
    while True:
        yield sum(1 + int(chance.expovariate(0.25)) for _ in range(poisson(chance, mean / 15)))


def wavering(chance: random.Random, mean: float) -> Iterator[int]:
    """Give a rate that wanders within minutes, a third above or below the mean."""
    level = 0.0
    while True:
        level = 0.92 * level + chance.gauss(0.0, 0.12)
        yield poisson(chance, mean / 3 * exp(level))


def daily(chance: random.Random, mean: float) -> Iterator[int]:
    """Give a day whose busiest hour is nineteen times its quietest."""
    bucket = 0
    while True:
        yield poisson(chance, mean / 3 * (1.0 - 0.9 * cos(2 * pi * bucket / DAY)))
        bucket += 1


def surges(stream: Iterable[int]) -> list[int]:
    """Give the onsets of the surges that are told of a signature, in buckets."""
    signature, told = a_signature(), dict[int, None]()
    for bucket, count in enumerate(stream):
        if count:
            pattern = lines(count, "warn", "slow answer")
            signature.add(10 * bucket, pattern, 10 * bucket - signature.counts.end)
            if (seen := surge(signature, 10 * bucket, pattern, NO_PAUSES)) is not None:
                told[seen["onset"] // 10] = None
    return [*told]


def absences(stream: Iterable[int]) -> list[int]:
    """Give since which buckets a signature is told to have vanished, while its service logs on."""
    signature, told, service = a_signature(), list[int](), BucketCounts()
    for bucket, count in enumerate(stream):
        service.add(10 * bucket, 90 + count)
        if count:
            pattern = lines(count, "info", "order placed")
            signature.add(10 * bucket, pattern, 10 * bucket - signature.counts.end)
        if absence(signature, 10 * bucket + 10, service, NO_PAUSES) is not None:
            told.append(signature.counts.end // 10)
    return told


def a_signature() -> Signature:
    return first_seen(0, lines(1), is_new=False, counted_from=0)


@pytest.mark.parametrize("mean", [1, 10, 60, 300])
@pytest.mark.parametrize("stream", [steady, bursty, batched, wavering, daily])
def test_a_stream_that_only_scatters_surges_by_chance_at_most_once_in_a_day(
    stream: Stream, mean: float
) -> None:
    chance = random.Random(f"{stream.__name__} {mean}")
    assert len(surges(islice(stream(chance, mean), DAY))) <= 1


@pytest.mark.parametrize("mean", [10, 60, 300])
@pytest.mark.parametrize("stream", [steady, bursty, batched, wavering, daily])
def test_a_stream_that_only_scatters_does_not_vanish_by_chance(stream: Stream, mean: float) -> None:
    chance = random.Random(f"vanishing {stream.__name__} {mean}")
    assert absences(islice(stream(chance, mean), DAY)) == []


@pytest.mark.parametrize(
    ("stream", "mean", "least"),
    [(steady, 10, 15), (steady, 30, 20), (steady, 300, 20), (wavering, 60, 13), (batched, 300, 17)],
)
def test_five_times_the_usual_lines_for_half_a_minute_are_found(
    stream: Stream, mean: float, least: int
) -> None:
    found = 0
    for number in range(20):
        chance = random.Random(f"surge {stream.__name__} {mean} {number}")
        usual, many = stream(chance, mean), stream(chance, 5 * mean)
        counts = [next(many if 120 <= bucket < 123 else usual) for bucket in range(126)]
        found += any(120 <= each < 123 for each in surges(counts))
    assert found >= least


def nights(*, days: int, job: int, usual: int = 2) -> Iterator[int]:
    """Give a steady signature that a job of ten minutes at two each night says far more often."""
    for bucket in range(days * DAY):
        yield job if 14 * HOUR <= bucket % DAY < 14 * HOUR + 60 else usual


def test_a_nightly_job_is_a_surge_on_two_nights_and_a_habit_from_then_on() -> None:
    assert surges(nights(days=20, job=80)) == [14 * HOUR, DAY + 14 * HOUR]


def test_a_nightly_job_that_says_five_times_what_it_does_each_night_is_a_surge() -> None:
    *_, last = surges([*nights(days=5, job=80), *nights(days=1, job=400)])
    assert 0 <= last - (5 * DAY + 14 * HOUR) < 3


def test_what_surges_at_another_hour_than_each_night_is_a_surge() -> None:
    stream = [*nights(days=5, job=80), *[2] * HOUR, *[80] * 60]
    assert surges(stream)[-1] == 5 * DAY + HOUR


def test_a_burst_each_quarter_of_an_hour_is_a_surge_twice_at_most() -> None:
    assert len(surges(60 if bucket % 90 < 3 else 0 for bucket in range(2 * DAY))) <= 2


def rests(bucket: int) -> bool:
    """Tell whether it is night, eight hours from ten in the evening."""
    return 10 * HOUR <= bucket % DAY < 18 * HOUR


def test_a_signature_that_rests_each_night_has_vanished_on_two_nights_at_most() -> None:
    found = absences(0 if rests(bucket) else 8 for bucket in range(20 * DAY))
    assert found == [10 * HOUR, DAY + 10 * HOUR]


def test_a_signature_that_rests_each_night_and_vanishes_by_day_is_told_of() -> None:
    end = 5 * DAY + HOUR
    assert absences(0 if rests(bucket) or bucket > end else 8 for bucket in range(end + 60))[-1] == end + 1


def test_a_signature_that_does_not_come_back_from_its_night_is_told_of() -> None:
    last = 4 * DAY + 10 * HOUR
    stream = (0 if rests(bucket) or bucket >= last else 8 for bucket in range(5 * DAY + 10 * HOUR))
    assert absences(stream)[-1] == last


def test_a_second_surge_that_follows_soon_is_judged_by_what_was_usual_before_the_first() -> None:
    usual, many = [4] * 60, [60] * 18
    assert surges([*usual, *usual, *many, *usual[:30], *many]) == [120, 168]


def test_the_morning_after_a_night_in_which_the_whole_service_rests_is_no_surge() -> None:
    watch = Watch(LogSignatures(lambda: CATALOG))
    usual = {"p": lines(30), "w": lines(12, "warn", "slow answer"), "o": lines(8, "info", "order placed")}
    watch.sees_all([usual] * 200)
    watch.waits(10 * 3_600)
    watch.sees({"p": lines(30)})
    watch.sees_all([usual] * 200)
    assert {each.symptom_kind for each in watch.symptoms} == {SymptomKind.SILENT_SERVICE}


def test_a_service_that_is_silent_each_night_is_missed_on_two_nights_at_most() -> None:
    watch = Watch(LogSignatures(lambda: CATALOG))
    for _ in range(5):
        watch.sees_all([{"p": lines(30)}] * HOUR)
        watch.waits(23 * 3_600)
    watch.sees({"p": lines(30)})
    silent = [each for each in watch.symptoms if each.symptom_kind is SymptomKind.SILENT_SERVICE]
    assert len(silent) == 2


def test_what_is_remembered_of_a_signature_that_surges_and_rests_each_hour_is_bounded() -> None:
    signature, service = a_signature(), BucketCounts()
    for bucket in range(2 * DAY):
        surges_now, is_gone = (
            bucket % HOUR in range(bucket // HOUR % 3 * 7, 30),
            bucket % HOUR in range(200, 212),
        )
        count = 9_000_000 if surges_now else 0 if is_gone or bucket % 2 else 100
        service.add(10 * bucket, 10**6 + count)
        if count:
            pattern = lines(count, "warn", "x" * 200)
            signature.add(10 * bucket, pattern, 10 * bucket - signature.counts.end)
            surge(signature, 10 * bucket, pattern, NO_PAUSES)
        absence(signature, 10 * bucket + 10, service, NO_PAUSES)
    assert signature.surges.hours
    assert len(msgspec.json.encode(signature)) < 2_500
