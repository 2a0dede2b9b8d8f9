from typing import Any

import pytest
from faust.types import TP

from detectors.flow.partition import Position
from streams.agents.continuity import BeyondEndError, Continuity, MissingRecordsError

TOPIC = "shop-signals"


class Kept:
    """A topic of which the broker keeps the offsets from `first` up to, not including, `end`."""

    def __init__(self, first: int, end: int) -> None:
        self.consumer = self
        self.first = first
        self.end = end

    async def earliest_offsets(self, place: TP) -> dict[TP, int]:
        return {place: self.first}

    async def highwaters(self, place: TP) -> dict[TP, int]:
        return {place: self.end}


def continuity(first: int, end: int) -> Continuity:
    app: Any = Kept(first, end)
    return Continuity(app, TOPIC, "signals")


async def test_a_record_that_was_passed_is_dropped_and_the_next_one_is_taken() -> None:
    position = Position(next_offset=5)
    assert not await continuity(0, 9).is_next(0, position, 4)
    assert await continuity(0, 9).is_next(0, position, 5)
    assert position.next_offset == 5


async def test_what_the_broker_deleted_is_passed_over() -> None:
    position = Position(next_offset=5)
    assert await continuity(8, 20).is_next(0, position, 8)
    assert position.next_offset == 8


async def test_records_that_are_deleted_after_they_were_fetched_are_not_lost() -> None:
    position = Position(next_offset=5)
    assert await continuity(15, 20).is_next(0, position, 8)
    assert position.next_offset == 8


@pytest.mark.parametrize("first", [0, 7])
async def test_a_hole_above_what_was_deleted_is_a_hole(first: int) -> None:
    position = Position(next_offset=5)
    with pytest.raises(MissingRecordsError, match=rf"offset {max(first, 5)} was due, 9 came"):
        await continuity(first, 20).is_next(0, position, 9)


async def test_a_position_beyond_the_end_of_its_topic_is_refused_with_what_to_do() -> None:
    with pytest.raises(BeyondEndError) as refused:
        await continuity(0, 4).check_end(1, Position(next_offset=500))
    said = str(refused.value)
    assert said.startswith(
        "shop-signals, partition 1, ends at offset 4, and the state kept of it stands at 500"
    )
    assert "delete the changelog topics and consumer groups" in said
    await continuity(0, 500).check_end(1, Position(next_offset=500))
