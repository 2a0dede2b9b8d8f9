"""What does a run of records of one input partition come to, before any of it is sent?"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from operator import itemgetter
from typing import Any

from detectors.intake.folding import Fold
from detectors.intake.reading import AHEAD, Refusal, batched_lines, log_line, read_recorded
from detectors.intake.redaction import Redactor
from detectors.intake.routing import outgoing_of
from detectors.topology import Catalog
from models import topic
from models.chunk import Chunk
from models.event import Event
from models.tick import Heartbeat
from models.topic import Outgoing

FOLDED_BYTES = 400_000
"""A chunk ends when what is folded of it may reach this: below half of the smallest record limit of Kafka."""

SLICE = 512
"""Records that are folded in one go: one or two milliseconds."""

_AHEAD_S = AHEAD.total_seconds()


@dataclass(slots=True)
class IntakeChunk:
    """The records of one partition that are folded, sent and committed as one."""

    source: str
    first: int
    end: int
    """The offset after the last."""
    fold: Fold
    signals: list[Outgoing] = field(default_factory=list)
    refused: list[tuple[Any, Refusal]] = field(default_factory=list)
    """The records that cannot be read, or have elements that cannot."""
    heartbeat: Heartbeat | None = None
    """The last one in it."""
    oldest: datetime | None = None
    newest: datetime | None = None

    def outputs(self, path: str, epoch: int) -> list[Outgoing]:
        """Give what is to be sent: signals as they came, folded telemetry by service."""
        chunk = Chunk(source=path, epoch=epoch, first=self.first, end=self.end)
        if self.source in topic.BULK:
            return [*self.signals, *self.fold.records(self.source, chunk)]
        return self.signals


async def take_chunk(
    source: str,
    records: "deque[Any]",
    catalog: Catalog,
    redactor: Redactor,
    *,
    most_bytes: int,
    most_record_bytes: int,
) -> IntakeChunk:
    """Take records off the front of a queue and read them, until the chunk is full or the queue empty.

    Others get their turn on the event loop every `SLICE` records: what was sent before is on its way.

    Args:
        source: The topic, without prefix.
        records: At least one record of one partition, in offset order.
        catalog: Gives the scope of a service.
        redactor: Takes out what must not be passed on.
        most_bytes: Bytes of records after which the chunk ends.
        most_record_bytes: Largest alert, change or feedback that can be passed on.
    """
    first = records[0].offset
    chunk = IntakeChunk(source, first, first, Fold(redactor))
    size = 0
    is_logs, fold = source == topic.LOGS, chunk.fold
    oldest, newest = inf, -inf
    while records and size < most_bytes and fold.size < FOLDED_BYTES:
        if not len(records) % SLICE:
            await asyncio.sleep(0)
        record = records.popleft()
        value = record.value or b""
        size += len(value)
        chunk.end = record.offset + 1
        recorded_s = record.timestamp / 1000
        if is_logs:
            told = log_line(value)
            lines = batched_lines(value) if told is None else [told]
            if lines and max(lines, key=itemgetter(0))[0] <= recorded_s + _AHEAD_S:
                for at, line in lines:
                    fold.add_line(at, line)
                    oldest = min(oldest, at)
                    newest = max(newest, min(at, recorded_s))
                continue
        recorded_at = datetime.fromtimestamp(recorded_s, UTC)
        for each in read_recorded(source, value, redactor, recorded_at, most_record_bytes // 2):
            _add(chunk, record, each, recorded_at, catalog)
    if oldest < inf:
        _extend(chunk, datetime.fromtimestamp(oldest, UTC), datetime.fromtimestamp(newest, UTC))
    return chunk


def _add(
    chunk: IntakeChunk,
    record: Any,
    told: Event | Heartbeat | Refusal,
    recorded_at: datetime,
    catalog: Catalog,
) -> None:
    if isinstance(told, Refusal):
        chunk.refused.append((record, told))
        return
    _extend(chunk, told.timestamp, min(told.timestamp, recorded_at))
    if isinstance(told, Heartbeat):
        chunk.heartbeat = told
    elif chunk.source in topic.BULK:
        chunk.fold.add(told)
    else:
        chunk.signals.extend(outgoing_of(told, catalog))


def _extend(chunk: IntakeChunk, oldest: datetime, newest: datetime) -> None:
    # The newest is never after it was recorded: one producer whose clock is fast must not carry the
    # watermark of the partition with it.
    chunk.oldest = oldest if chunk.oldest is None else min(chunk.oldest, oldest)
    chunk.newest = newest if chunk.newest is None else max(chunk.newest, newest)
