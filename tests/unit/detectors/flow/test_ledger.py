import random
from collections.abc import Callable

import pytest

from detectors.flow.ledger import Buckets, Ledger, merge_into
from models.chunk import Chunk

KEYS = ("checkout-api", "payments")
Records = list[tuple[str, int]]
"""By offset: the key, and the bucket that one is counted in."""


def add(one: int, other: int) -> int:
    return one + other


def a_chunk(first: int, end: int, epoch: int = 1, source: str = "logs:0") -> Chunk:
    return Chunk(source=source, epoch=epoch, first=first, end=end)


def total(ledger: Ledger[int]) -> Buckets[int]:
    starts = {*ledger.settled, *(start for each in ledger.latest.values() for start in each.buckets)}
    taken = {start: ledger.take(start, add) for start in sorted(starts)}
    return {start: contents for start, contents in taken.items() if contents}


class WithoutEpoch(Ledger[int]):
    """Takes a writer that has been replaced at its word."""

    def admit(self, chunk: Chunk, buckets: Buckets[int], merge: Callable[[int, int], int]) -> bool:
        return super().admit(a_chunk(chunk.first, chunk.end, 1, chunk.source), buckets, merge)


class WithoutOverlap(Ledger[int]):
    """Counts every chunk, as if all had been committed."""

    def admit(self, chunk: Chunk, buckets: Buckets[int], merge: Callable[[int, int], int]) -> bool:
        known = self.latest.pop(chunk.source, None)
        if known is not None:
            merge_into(self.settled, known.buckets, merge)
        return super().admit(chunk, buckets, merge)


def counted(records: Records, key: str) -> Buckets[int]:
    buckets: Buckets[int] = {}
    for named, start in records:
        if named == key:
            merge_into(buckets, {start: {"lines": 1}}, add)
    return buckets


def told_by_an_intake_that_crashes(records: Records, chance: random.Random) -> list[tuple[Chunk, Records]]:
    """Give the chunks of one partition in the order in which readers see them.

    Each assignment goes on from the committed offset, cuts as it likes, and dies before or after
    the commit of a chunk; what the dead writer had in flight may arrive later, and what was seen
    may come again.
    """
    seen: list[tuple[Chunk, Records]] = []
    in_flight: list[tuple[int, tuple[Chunk, Records]]] = []
    committed, epoch = 0, 0
    while committed < len(records):
        epoch += 1
        for _ in range(chance.randrange(1, 4)):
            end = min(len(records), committed + chance.randrange(1, 6))
            told = (a_chunk(committed, end, epoch), records[committed:end])
            if chance.random() < 0.35:
                if chance.random() < 0.5:
                    in_flight.append((len(seen) + chance.randrange(4), told))
                else:
                    seen.append(told)
                break
            seen.append(told)
            committed = end
            if committed == len(records):
                break
    for place, told in sorted(in_flight, key=lambda each: -each[0]):
        # A late chunk comes after its writer's earlier ones, before or after those of its successor.
        earlier = [index for index, (chunk, _) in enumerate(seen) if chunk.epoch <= told[0].epoch]
        seen.insert(max(place, earlier[-1] + 1 if earlier else 0), told)
    for _ in range(chance.randrange(3)):
        # Any chunk may be put on the topic once more, long after it was counted.
        first = chance.randrange(len(seen))
        seen.insert(chance.randrange(first + 1, len(seen) + 1), seen[first])
    return seen


def run(ledger_type: type[Ledger[int]], seed: int) -> bool:
    """Tell whether the totals of every key equal the input."""
    chance = random.Random(seed)
    records = [(chance.choice(KEYS), chance.choice([0, 10])) for _ in range(chance.randrange(1, 25))]
    ledgers = {key: ledger_type() for key in KEYS}
    for chunk, content in told_by_an_intake_that_crashes(records, chance):
        for key, ledger in ledgers.items():
            buckets = counted(content, key)
            if buckets:
                ledger.admit(chunk, buckets, add)
    return all(total(ledger) == counted(records, key) for key, ledger in ledgers.items())


def test_totals_equal_the_input_whatever_is_cut_crashes_or_comes_late() -> None:
    assert [seed for seed in range(4_000) if not run(Ledger, seed)] == []


@pytest.mark.parametrize("variant", [WithoutEpoch, WithoutOverlap])
def test_without_the_epoch_or_the_overlap_totals_would_be_wrong(variant: type[Ledger[int]]) -> None:
    assert not all(run(variant, seed) for seed in range(500))


def test_a_chunk_that_begins_where_the_last_one_ended_settles_it() -> None:
    ledger: Ledger[int] = Ledger()
    ledger.admit(a_chunk(0, 10), {0: {"lines": 3}}, add)
    ledger.admit(a_chunk(10, 20), {0: {"lines": 4}}, add)
    assert total(ledger) == {0: {"lines": 7}}


def test_a_chunk_that_begins_before_the_last_one_ended_replaces_it() -> None:
    ledger: Ledger[int] = Ledger()
    ledger.admit(a_chunk(0, 10), {0: {"lines": 3}}, add)
    ledger.admit(a_chunk(0, 5, epoch=2), {0: {"lines": 2}}, add)
    ledger.admit(a_chunk(5, 12, epoch=2), {10: {"lines": 4}}, add)
    assert total(ledger) == {0: {"lines": 2}, 10: {"lines": 4}}


def test_the_same_chunk_twice_counts_once_also_after_a_bucket_was_taken_out() -> None:
    ledger: Ledger[int] = Ledger()
    ledger.admit(a_chunk(0, 10), {0: {"lines": 3}, 10: {"lines": 1}}, add)
    assert ledger.take(0, add) == {"lines": 3}
    assert not ledger.admit(a_chunk(0, 10), {0: {"lines": 3}, 10: {"lines": 1}}, add)
    assert total(ledger) == {10: {"lines": 1}}


def test_an_old_chunk_that_comes_again_changes_nothing_whether_its_epoch_has_ended_or_not() -> None:
    ledger: Ledger[int] = Ledger()
    for first in (0, 10, 20):
        ledger.admit(a_chunk(first, first + 10), {0: {"lines": 1}}, add)
    assert not ledger.admit(a_chunk(0, 10), {0: {"lines": 1}}, add)
    ledger.admit(a_chunk(20, 30, epoch=2), {0: {"lines": 1}}, add)
    assert not ledger.admit(a_chunk(10, 20), {0: {"lines": 1}}, add)
    assert total(ledger) == {0: {"lines": 3}}


def test_partitions_are_counted_apart() -> None:
    ledger: Ledger[int] = Ledger()
    ledger.admit(a_chunk(0, 10), {0: {"lines": 3}}, add)
    ledger.admit(a_chunk(0, 10, source="logs:1"), {0: {"lines": 4}}, add)
    assert ledger.earliest() == 0
    assert ledger.take(0, add) == {"lines": 7}
    assert ledger.earliest() is None
