import asyncio
from typing import Any

import pytest

from detectors.flow.partition import Partition, Position
from streams.agents.table_keeper import StateTooLargeError, TableKeeper
from tests.unit.detectors.flow.test_partition import Echo, Said


class Table:
    """A Faust table as the keeper sees it; what is sent to its changelog arrives at once."""

    name = "heard"

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}
        self.changelog: list[tuple[int, bytes, bytes | None]] = []

    def send_changelog(self, number: int, key: bytes, value: bytes | None) -> "asyncio.Future[Any]":
        self.changelog.append((number, key, value))
        arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        arrived.set_result(None)
        return arrived


def heard(*words: str) -> Partition[Any]:
    partition: Partition[Any] = Partition(Echo(), 0, ("mouths:0",), Position(epoch=1))
    for offset, word in enumerate(words):
        partition.take(offset, f"key-{offset}", Said(word=word, minute=offset))
    return partition


async def test_what_is_written_is_read_again() -> None:
    table = Table()
    keeper = TableKeeper(table, Echo(), 1000)
    written = heard("one", "two")
    await keeper.checkpoint(written)
    read, was_written = keeper.open(0, ("mouths:0",))
    assert was_written
    assert (read.position, read.kept) == (written.position, written.kept)
    assert [key for _, key, _ in table.changelog] == [b"0/state/key-0", b"0/state/key-1", b"0/position"]


async def test_a_state_beyond_the_limit_is_refused_by_name_before_anything_is_written() -> None:
    table = Table()
    with pytest.raises(StateTooLargeError, match=r"'key-1' in table heard has 1,\d\d\d bytes, 1,000 are"):
        await TableKeeper(table, Echo(), 1000).checkpoint(heard("one", "x" * 1000))
    assert table.changelog == []
