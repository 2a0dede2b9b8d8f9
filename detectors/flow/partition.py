"""How does a stage run over one partition, so that any part of the way may be gone again?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from detectors.flow.clock import Clock
from detectors.flow.stage import Stage
from models.record import decode
from models.tick import Progress, Tick
from models.topic import Outgoing, path_name

S = TypeVar("S")


class Kept(msgspec.Struct, Generic[S]):
    """The state of one key and the offset of the last record that it includes."""

    offset: int
    state: S


class Position(msgspec.Struct):
    """Where a partition stands: with it and the kept states the way can be gone on."""

    next_offset: int = 0
    """The first offset that has not been processed."""
    epoch: int = 0
    """Rises with every takeover of the partition, whoever takes it over."""
    clock: Clock = msgspec.field(default_factory=Clock)


class Partition(Generic[S]):
    """One partition of a stage: its states, its clock and its position.

    Records must come in offset order. A record that a state already includes is skipped for that
    state, so that after a crash the way may be gone again from any earlier position: the states
    and the records sent come out the same.
    """

    def __init__(
        self,
        stage: Stage[S],
        number: int,
        paths: tuple[str, ...],
        position: Position,
        kept: dict[str, Kept[S]] | None = None,
    ) -> None:
        """Start from a position and the states kept with it."""
        self.stage = stage
        self.number = number
        self.position = position
        self.kept = kept or {}
        self.changed: set[str] = set()
        """Keys whose state has changed, or gone, since the last `written`."""
        self._paths = paths
        self._due: dict[str, datetime] = {}
        self._spent = {key for key, each in self.kept.items() if each.state == stage.start(key)}
        for key in self.kept.keys() - self._spent:
            self._schedule(key)

    def apply(self, offset: int, key: str, data: bytes) -> list[Outgoing]:
        """Process the record at an offset, given as bytes, and give what is to be sent.

        Raises:
            InvalidRecordError: The record cannot be read; the position has moved past it.
        """
        self.position.next_offset = offset + 1
        return self.take(offset, key, decode(self.stage.record_type, data))

    def take(self, offset: int, key: str, record: object) -> list[Outgoing]:
        """Process the record at an offset and give what is to be sent.

        Args:
            offset: Greater than that of every record processed before.
            key: The record's key; it names the state that the record belongs to.
            record: A tick belongs to all states, whatever its key.
        """
        self.position.next_offset = offset + 1
        if isinstance(record, Tick):
            self.position.clock.observe(record)
            return self._advance(offset)
        kept = self.kept.get(key)
        if kept is None:
            kept = self.kept[key] = Kept(-1, self.stage.start(key))
        elif offset <= kept.offset:
            return []
        sent = list(self.stage.fold(kept.state, record))
        self._note(key, kept, offset)
        return sent

    def progress(self) -> Progress | None:
        """Tell how far this partition is, for those who wait for it; None: not known yet."""
        now = self.time()
        if now is None:
            return None
        idle = self.position.clock.all_idle(self._paths)
        return Progress(
            epoch=self.position.epoch,
            watermark=None if idle else now,
            idle_at=now if idle else None,
        )

    def time(self) -> datetime | None:
        """Give the event time up to which this partition is complete; None: not known yet."""
        return self.position.clock.time(self._paths)

    @property
    def path(self) -> str:
        """The name under which those who wait for this partition know it."""
        return path_name(self.stage.source, self.number)

    def written(self) -> None:
        """Note that all changed states, and after them the position, have been written down."""
        self.changed.clear()
        for key in [each for each in self._spent if self.kept[each].offset < self.position.next_offset]:
            self._spent.remove(key)
            del self.kept[key]
            self.changed.add(key)

    def _advance(self, offset: int) -> list[Outgoing]:
        now = self.time()
        if now is None:
            return []
        sent: list[Outgoing] = []
        for key in sorted(key for key, due in self._due.items() if due < now):
            kept = self.kept[key]
            if offset <= kept.offset:
                continue
            sent.extend(self.stage.advance(kept.state, now))
            self._note(key, kept, offset)
            if self.stage.is_spent(kept.state, now):
                # Gone only once the position is past this: until then its records may come again.
                self.kept[key] = Kept(offset, self.stage.start(key))
                self._spent.add(key)
                self._due.pop(key, None)
        return sent

    def _note(self, key: str, kept: Kept[S], offset: int) -> None:
        kept.offset = offset
        self.changed.add(key)
        self._spent.discard(key)
        self._schedule(key)

    def _schedule(self, key: str) -> None:
        due = self.stage.due_at(self.kept[key].state)
        if due is None:
            self._due.pop(key, None)
        else:
            self._due[key] = due


def tick_of(partitions: Iterable[Partition[S]]) -> Tick | None:
    """Put the progress of some partitions into one tick; None: none of them knows its time yet."""
    paths = {each.path: told for each in partitions if (told := each.progress()) is not None}
    return Tick(paths=paths) if paths else None
