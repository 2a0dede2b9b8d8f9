"""What does a run of records of one input partition come to, before any of it is sent?"""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from operator import itemgetter
from typing import Any

from detectors.intake.folding import Fold
from detectors.intake.reading import AHEAD, Refusal, batched_lines, log_line, read_recorded
from detectors.intake.redaction import Redactor
from detectors.intake.routing import outgoing_of
from detectors.intake.trace_joining import Place, Recollection, TraceJoining
from detectors.topology import Catalog
from models import topic
from models.chunk import Chunk
from models.event import Event, LogLine, LogRecord
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

    Others get their turn on the event loop every `SLICE` records: what was sent before is on its way.

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
    open_traces = traces.open
    oldest, newest = inf, -inf
    while records and size < most_bytes and fold.size < FOLDED_BYTES:
        if not len(records) % SLICE:
            await asyncio.sleep(0)
        record = records.popleft()
        if is_logs and not records and not is_silent and _may_wait(record, fold, traces, redactor):
            chunk.withheld = record
            break
        value = record.value or b""
        size += len(value)
        chunk.end = record.offset + 1
        recorded_s = record.timestamp / 1000
        if is_logs:
            traces.record, traces.number = record, 0
            lines = _sound_lines(value, recorded_s)
            if lines:
                for at, line in lines:
                    if open_traces:
                        fold.hear(min(at, recorded_s))
                    fold.add_line(at, line)
                    traces.number += 1
                    if at < oldest:  # noqa: PLR1730  # a call of min costs more than all else here
                        oldest = at
                    if at > newest:
                        newest = max(newest, min(at, recorded_s))
                continue
        recorded_at = datetime.fromtimestamp(recorded_s, UTC)
        for each in read_recorded(source, value, redactor, recorded_at, most_record_bytes // 2):
            _add(chunk, record, each, recorded_at, catalog)
            traces.number += 1
    if oldest < inf:
        _extend(chunk, datetime.fromtimestamp(oldest, UTC), datetime.fromtimestamp(newest, UTC))
    if is_silent and not records:
        fold.settle(traces.end_all())
    chunk.heads, chunk.held_from = traces.heads(), traces.earliest()
    return chunk


def recall(record: Any, traces: TraceJoining, recollection: Recollection, redactor: Redactor) -> None:
    """Read a record of `logs` from before the committed offset again, for the traces that were open there."""
    fold = Fold(redactor, traces)
    traces.record = record
    for traces.number, at, line in _lines_of(record, redactor):
        if recollection.needs((record.offset, traces.number), line.service):
            fold.add_line(at, line)


def _sound_lines(value: bytes, recorded_s: float) -> list[tuple[float, LogLine]]:
    """Read a record of `logs` the short way: one line or a batch, if all is sound; else give nothing."""
    told = log_line(value)
    if told is not None:
        return [told] if told[0] <= recorded_s + _AHEAD_S else []
    lines = batched_lines(value)
    return lines if lines and max(lines, key=itemgetter(0))[0] <= recorded_s + _AHEAD_S else []


def _lines_of(record: Any, redactor: Redactor) -> Iterator[tuple[int, float, LogLine | LogRecord]]:
    """Give the lines of a record with their numbers in it, as `take_chunk` counts them."""
    value, recorded_s = record.value or b"", record.timestamp / 1000
    lines = _sound_lines(value, recorded_s)
    for number, (at, line) in enumerate(lines):
        yield number, at, line
    if not lines:
        recorded_at = datetime.fromtimestamp(recorded_s, UTC)
        for number, told in enumerate(read_recorded(topic.LOGS, value, redactor, recorded_at, len(value))):
            if isinstance(told, LogRecord):
                yield number, told.timestamp.timestamp(), told


def _may_wait(record: Any, fold: Fold, traces: TraceJoining, redactor: Redactor) -> bool:
    return bool(traces.open) or any(fold.may_open(line) for _, _, line in _lines_of(record, redactor))


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
