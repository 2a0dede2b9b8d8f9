"""How are the states of a stage's partitions kept in a Faust table, so that a crash loses none?"""

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from detectors.flow.partition import Kept, Partition, Position
from detectors.flow.stage import Stage
from streams.process import metrics

_POSITION = "position"
_STATE = "state/"


class StateTooLargeError(Exception):
    """A state beyond the size that its changelog takes; it was not written."""

    def __init__(self, table: str, key: str, size: int, limit: int) -> None:
        super().__init__(
            f"the state of {key!r} in table {table} has {size:,} bytes, {limit:,} are allowed; raise "
            "HEADWATER_MAX_INPUT_BYTES, and run `headwater topics check` for what the changelogs then need"
        )
        self.table = table
        self.key = key
        self.size = size
        self.limit = limit


class TableKeeper:
    """Reads and writes the partitions of one stage in one table.

    Keys are `<partition>/position` and `<partition>/state/<key>`, so that what was recovered can
    be told apart by partition. Values are JSON.
    """

    def __init__(self, table: Any, stage: Stage[Any], limit_bytes: int) -> None:
        """Keep in that Faust table; its keys and values are raw bytes.

        Args:
            table: The Faust table.
            stage: Whose states are kept.
            limit_bytes: Largest key and value, together, that the table's changelog takes.
        """
        self._limit_bytes = limit_bytes
        self._table = table
        self._stage = stage
        self._kept_type: Any = Kept.__class_getitem__(stage.state_type)  # type: ignore[attr-defined]  # at run time

    def open(self, number: int, paths: tuple[str, ...]) -> tuple[Partition[Any], bool]:
        """Give a partition as it was written last, and whether it was ever written."""
        prefix = f"{number}/{_STATE}"
        data = self._table.data
        written = data.get(f"{number}/{_POSITION}".encode())
        position = msgspec.json.decode(written, type=Position) if written else Position()
        kept = {
            key.decode().removeprefix(prefix): msgspec.json.decode(value, type=self._kept_type)
            for key, value in list(data.items())
            if value and key.decode().startswith(prefix)
        }
        return Partition(self._stage, number, paths, position, kept), written is not None

    async def checkpoint(self, partition: Partition[Any]) -> None:
        """Write the changed states, wait until they are on all replicas, then the same for the position.

        Raises:
            StateTooLargeError: One is larger than the changelog takes; nothing was written.
        """
        changed = sorted(partition.changed)
        largest = 0
        values: dict[str, bytes | None] = {}
        for key in changed:
            kept = partition.kept.get(key)
            values[key] = value = msgspec.json.encode(kept) if kept is not None else None
            size = len(f"{partition.number}/{_STATE}{key}".encode()) + len(value or b"")
            if size > self._limit_bytes:
                raise StateTooLargeError(self._table.name, key, size, self._limit_bytes)
            largest = max(largest, len(value or b""))
        futures = [self._write(partition.number, f"{_STATE}{key}", value) for key, value in values.items()]
        await _delivered(futures)
        await self.write_position(partition)
        partition.written()
        if changed:
            metrics.STATE_BYTES.labels(self._table.name).set(largest)

    async def write_position(self, partition: Partition[Any]) -> None:
        """Write where a partition stands, and wait until that is on all replicas."""
        value = msgspec.json.encode(partition.position)
        await _delivered([self._write(partition.number, _POSITION, value)])

    def _write(self, number: int, name: str, value: bytes | None) -> "asyncio.Future[Any]":
        key = f"{number}/{name}".encode()
        if value is None:
            self._table.data.pop(key, None)
        else:
            self._table.data[key] = value
        future: asyncio.Future[Any] = self._table.send_changelog(number, key, value)
        return future


async def _delivered(futures: Iterable["asyncio.Future[Any]"]) -> None:
    for outcome in await asyncio.gather(*futures, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
