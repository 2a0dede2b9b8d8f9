"""What does a run of records of one input partition come to, before any of it is sent?"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from detectors.intake.folding import Fold
from detectors.intake.reading import Refusal, read
from detectors.pipeline import scopes_of
from detectors.topology import Catalog
from models import topic
from models.chunk import Chunk
from models.event import Event
from models.record import InvalidRecordError
from models.tick import Heartbeat
from models.topic import Outgoing

FOLDED_BYTES = 400_000
"""A chunk ends when what is folded of it may reach this: below half of the smallest record limit of Kafka."""

AHEAD = timedelta(hours=1)
"""An event that is so far ahead of the broker's clock would make everything after it late."""


@dataclass(slots=True)
class IntakeChunk:
    """The records of one partition that are folded, sent and committed as one."""

    source: str
    first: int
    end: int
    """The offset after the last."""
    signals: list[Outgoing] = field(default_factory=list)
    refused: list[tuple[Any, Refusal]] = field(default_factory=list)
    """The records that cannot be read, or have elements that cannot."""
    heartbeat: Heartbeat | None = None
    """The last one in it."""
    oldest: datetime | None = None
    newest: datetime | None = None
    fold: Fold = field(default_factory=Fold)

    def outputs(self, path: str, epoch: int) -> list[Outgoing]:
        """Give what is to be sent: signals as they came, folded telemetry by service."""
        chunk = Chunk(source=path, epoch=epoch, first=self.first, end=self.end)
        if self.source in topic.BULK:
            return [*self.signals, *self.fold.records(self.source, chunk)]
        return self.signals


def take_chunk(
    source: str, records: "deque[Any]", catalog: Catalog, *, most_bytes: int, most_record_bytes: int
) -> IntakeChunk:
    """Take records off the front of a queue and read them, until the chunk is full or the queue empty.

    Args:
        source: The topic, without prefix.
        records: At least one record of one partition, in offset order.
        catalog: Gives the scope of a service.
        most_bytes: Bytes of records after which the chunk ends.
        most_record_bytes: Largest alert, change or feedback that can be passed on.
    """
    first = records[0].offset
    chunk = IntakeChunk(source, first, first)
    size = 0
    while records and size < most_bytes and chunk.fold.size < FOLDED_BYTES:
        record = records.popleft()
        value = record.value or b""
        size += len(value)
        chunk.end = record.offset + 1
        if source in topic.DIRECT and len(value) > most_record_bytes // 2:
            detail = f"{len(value):,} bytes, {most_record_bytes // 2:,} are allowed - at `$`"
            chunk.refused.append((record, Refusal(InvalidRecordError("too_large", detail))))
            continue
        latest = datetime.fromtimestamp(record.timestamp / 1000, UTC) + AHEAD
        for told in read(source, value):
            _add(chunk, record, told, latest, catalog)
    return chunk


def _add(
    chunk: IntakeChunk, record: Any, told: Event | Heartbeat | Refusal, latest: datetime, catalog: Catalog
) -> None:
    if isinstance(told, Refusal):
        chunk.refused.append((record, told))
        return
    if told.timestamp > latest:
        ahead = f"more than {AHEAD} ahead of the broker's clock"
        detail = f"{told.timestamp.isoformat()} lies {ahead} - at `$.timestamp`"
        chunk.refused.append((record, Refusal(InvalidRecordError("time_in_future", detail))))
        return
    chunk.oldest = told.timestamp if chunk.oldest is None else min(chunk.oldest, told.timestamp)
    chunk.newest = told.timestamp if chunk.newest is None else max(chunk.newest, told.timestamp)
    if isinstance(told, Heartbeat):
        chunk.heartbeat = told
    elif chunk.source in topic.BULK:
        chunk.fold.add(told)
    else:
        for scope in scopes_of(told, catalog):
            chunk.signals.append(Outgoing(topic=topic.SIGNALS, key=scope, value=told))
