import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.symptoms.bucket_counts import HISTORY, BucketCounts


def counted(points: dict[int, int]) -> BucketCounts:
    counts = BucketCounts()
    for start, count in points.items():
        counts.add(start, count)
    return counts


@given(st.dictionaries(st.integers(0, 2_000), st.integers(1, 10**6), max_size=3 * HISTORY))
def test_the_newest_buckets_are_remembered_as_they_were_however_far_apart(by_bucket: dict[int, int]) -> None:
    points = {10 * bucket: by_bucket[bucket] for bucket in sorted(by_bucket)}
    counts = counted(points)
    assert dict(counts.points()) == dict(list(points.items())[-HISTORY:])
    assert len(msgspec.json.encode(counts)) < 2_000


def test_lines_are_counted_from_the_first_bucket_up_to_but_not_including_the_last() -> None:
    assert counted({1000: 1, 1010: 2, 1040: 4, 1100: 8}).between(1010, 1100) == 6


def test_counts_that_take_over_others_have_the_lines_of_both_and_stay_bounded() -> None:
    one = counted({1000: 1, 1010: 2})
    one.joins(counted({990: 4, 1010: 8}))
    assert dict(one.points()) == {1010: 10, 1000: 1, 990: 4}
    long = counted({10 * number: 1 for number in range(HISTORY)})
    long.joins(counted({10 * HISTORY: 3}))
    assert (len(list(long.points())), next(long.points())) == (HISTORY, (10 * HISTORY, 3))
