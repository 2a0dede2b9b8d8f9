from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from streams import machine
from streams.intake.path import Claim, IntakePath, claim_of
from streams.intake.takeover import OffsetsWentBackError, note_gaps, take_over
from streams.kafka.lag import Lag

PLACE = TopicPartition("shop-alerts", 0)


class Broker:
    """Holds one partition's offsets from `first` up to, not including, `end`, and what was committed."""

    def __init__(self, first: int, end: int, committed: int = -1, metadata: str = "") -> None:
        self.first = first
        self.end = end
        self.committed = SimpleNamespace(offset=committed, metadata=metadata)

    async def beginning_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self.first)

    async def end_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self.end)

    async def list_consumer_group_offsets(
        self, group: str, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, Any]:
        return dict.fromkeys(partitions, self.committed)


async def taken_over(broker: Broker) -> IntakePath:
    paths = await take_over(
        [PLACE],
        group="g",
        admin=broker,
        consumer=broker,
        sources={PLACE.topic: "alerts"},
        idle_after_s=5.0,
        lateness_s=5.0,
    )
    return paths[PLACE]


def lost() -> float:
    return REGISTRY.get_sample_value("headwater_records_lost_total", {"topic": "alerts"}) or 0.0


def a_path(next_offset: int) -> IntakePath:
    return IntakePath("alerts:0", "alerts", epoch=1, next_offset=next_offset, lag=Lag(5.0), quiet_since=0.0)


async def test_the_epoch_goes_on_rising_when_what_was_committed_is_lost() -> None:
    first = await taken_over(Broker(0, 10))
    assert first.epoch >= int(machine.now().timestamp()) - 60
    second = await taken_over(Broker(0, 10, committed=4, metadata=first.claim(0.0)))
    assert second.epoch > first.epoch
    assert second.next_offset == 4
    forgotten = await taken_over(Broker(0, 10))
    assert forgotten.epoch >= first.epoch


async def test_an_epoch_ahead_of_the_machine_s_clock_still_rises() -> None:
    ahead = a_path(4)
    ahead.epoch = 9_000_000_000
    assert claim_of(ahead.claim(0.0)) == Claim(epoch=9_000_000_000)
    path = await taken_over(Broker(0, 10, committed=4, metadata=ahead.claim(0.0)))
    assert path.epoch == 9_000_000_001


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning() -> None:
    before = lost()
    path = await taken_over(Broker(0, 10, committed=500))
    assert path.next_offset == 0
    assert lost() == before


async def test_only_what_lies_below_the_earliest_offset_counts_as_lost() -> None:
    before = lost()
    assert await note_gaps(Broker(0, 99), {PLACE: a_path(5)}, {PLACE: 5}, {PLACE: 5}) == []
    assert await note_gaps(Broker(0, 99), {PLACE: a_path(5)}, {PLACE: 5}, {PLACE: 7}) == [PLACE]
    assert lost() == before
    await note_gaps(Broker(20, 99), {PLACE: a_path(5)}, {PLACE: 5}, {PLACE: 22})
    assert lost() == before + 15
    await note_gaps(Broker(30, 99), {PLACE: a_path(5)}, {PLACE: 5}, {PLACE: 22})
    assert lost() == before + 15 + 17


async def test_offsets_that_go_back_while_reading_are_an_error_that_names_the_place() -> None:
    with pytest.raises(OffsetsWentBackError, match="shop-alerts:0 goes on with offset 0 after 4"):
        await note_gaps(Broker(0, 2), {PLACE: a_path(5)}, {PLACE: 5}, {PLACE: 0})
