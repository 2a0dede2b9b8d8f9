"""What does a run of records of one input partition come to, before any of it is sent?"""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from detectors.intake.folding import Fold
from detectors.intake.line_batch import LineBatch, batch_of
from detectors.intake.reading import AHEAD, Refusal, read_recorded, sound_lines
from detectors.intake.redaction import Redactor
from detectors.intake.routing import outgoing_of
from detectors.intake.trace_joining import Place, Recollection, TraceJoining
from detectors.topology import Catalog
from models import topic
from models.chunk import Chunk
from models.event import Event, LogRecord
from models.tick import Heartbeat
from models.topic import Outgoing

FOLDED_BYTES = 400_000
"""A chunk ends when what is folded of it may reach this: below half of the smallest record limit of Kafka."""

RUN = 128
"""Records that are read and folded in one go: half a millisecond, and at most half of `FOLDED_BYTES`."""

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
    heads: list[Place] = field(default_factory=list)
    """Where the traces begin that are open at its end."""
    withheld: Any = None
    """The record behind its end that is not in it, as a trace is or may be open behind that one."""
    held_from: datetime | None = None
    """Event time of the earliest line that was read and is not counted yet."""
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
    traces: TraceJoining,
    *,
    most_bytes: int,
    most_record_bytes: int,
    is_silent: bool = False,
) -> IntakeChunk:
    """Take records off the front of a queue and read them, until the chunk is full or the queue empty.

    Others get their turn on the event loop every `RUN` records: what was sent before is on its way.

    The last record of `logs` is withheld where a trace is or may be open behind it: what is told once that
    trace is complete must belong to a record that is not committed yet. So a chunk may come out empty.

    Args:
        source: The topic, without prefix.
        records: At least one record of one partition, in offset order.
        catalog: Gives the scope of a service.
        redactor: Takes out what must not be passed on.
        traces: Joins the lines of the partition; it is as it was at the end of the chunk before.
        most_bytes: Bytes of records after which the chunk ends.
        most_record_bytes: Largest alert, change or feedback that can be passed on.
        is_silent: Whether nothing has followed for so long that open traces end with the queue.
    """
    first = records[0].offset
    chunk = IntakeChunk(source, first, first, Fold(redactor, traces, catalog.scope_of))
    size = 0
    is_logs, fold = source == topic.LOGS, chunk.fold
    while records and size < most_bytes and fold.size < FOLDED_BYTES:
        await asyncio.sleep(0)
        run, values = _next_run(records, most_bytes - size)
        if is_logs and not records and not is_silent and _may_wait(run[-1], fold, traces, redactor):
            chunk.withheld = run.pop()
            break
        chunk.end = run[-1].offset + 1
        size += sum(map(len, values))
        if is_logs and _fold_lines(chunk, run, values, traces):
            continue
        for record, value in zip(run, values, strict=True):
            if is_logs and _fold_lines(chunk, [record], [value], traces):
                continue
            recorded_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
            told = read_recorded(source, value, redactor, recorded_at, most_record_bytes // 2)
            for number, each in enumerate(told):
                traces.stand_at(record, number)
                _add(chunk, record, each, recorded_at, catalog)
    if is_silent and not records:
        fold.settle(traces.end_all())
    chunk.heads, chunk.held_from = traces.heads(), traces.earliest()
    return chunk


def recall(record: Any, traces: TraceJoining, recollection: Recollection, redactor: Redactor) -> None:
    """Read a record of `logs` from before the committed offset again, for the traces that were open there."""
    fold = Fold(redactor, traces)
    for number, line in _lines_of(record, redactor):
        traces.stand_at(record, number)
        if recollection.needs((record.offset, number), line.services[0]):
            fold.add_lines(line)


def _next_run(records: "deque[Any]", most_bytes: int) -> tuple[list[Any], list[bytes]]:
    """Take records that are read together off the front of a queue, and their values.

    The last of the queue comes alone.
    """
    run = [records.popleft() for _ in range(min(RUN, len(records) - 1) or 1)]
    values = [record.value or b"" for record in run]
    if sum(map(len, values)) >= most_bytes:
        sizes = accumulate(map(len, values))
        enough = next(number for number, size in enumerate(sizes, 1) if size >= most_bytes)
        records.extendleft(reversed(run[enough:]))
        del run[enough:], values[enough:]
    return run, values


def _fold_lines(chunk: IntakeChunk, run: list[Any], values: list[bytes], traces: TraceJoining) -> bool:
    """Fold records of `logs` the short way, if all is sound: one line each, or one record that is a batch."""
    batch = sound_lines(values)
    if not batch.moments:
        return False
    recorded = [record.timestamp for record in run]
    earliest, newest = min(recorded) / 1000, max(batch.moments)
    if newest > earliest + _AHEAD_S:
        return False
    if len(run) > 1:
        chunk.fold.add_lines(batch, lambda number: traces.stand_at(run[number], 0))
    else:
        chunk.fold.add_lines(batch, lambda number: traces.stand_at(run[0], number))
    if newest > earliest:
        # No line is newer than its own record.
        own = [each / 1000 for each in recorded]
        newest = max(map(min, batch.moments, own)) if len(run) > 1 else earliest
    oldest = datetime.fromtimestamp(min(batch.moments), UTC)
    _extend(chunk, oldest, datetime.fromtimestamp(newest, UTC))
    return True


def _lines_of(record: Any, redactor: Redactor) -> Iterator[tuple[int, LineBatch]]:
    """Give the lines of a record one by one with their numbers in it, as `take_chunk` counts them."""
    value, recorded_s = record.value or b"", record.timestamp / 1000
    batch = sound_lines([value])
    if batch.moments and max(batch.moments) <= recorded_s + _AHEAD_S:
        for number in range(len(batch.moments)):
            yield number, batch.one(number)
        return
    recorded_at = datetime.fromtimestamp(recorded_s, UTC)
    for number, told in enumerate(read_recorded(topic.LOGS, value, redactor, recorded_at, len(value))):
        if isinstance(told, LogRecord):
            yield number, batch_of([told], [told.timestamp.timestamp()])


def _may_wait(record: Any, fold: Fold, traces: TraceJoining, redactor: Redactor) -> bool:
    return bool(traces.open) or any(fold.may_open(line) for _, line in _lines_of(record, redactor))


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
    now = min(told.timestamp, recorded_at)
    _extend(chunk, told.timestamp, now)
    if isinstance(told, LogRecord | Heartbeat):
        chunk.fold.hear(now.timestamp())
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
