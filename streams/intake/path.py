"""How far is one input partition: what has been folded and committed, and does anything still come?"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from detectors.intake.redaction import Redactor
from detectors.intake.trace_joining import Place, Recollection, TraceJoining
from models.tick import Heartbeat, Progress
from streams.intake.chunk import IntakeChunk, recall
from streams.kafka.lag import Lag

TRACE_WAIT_S = 1.0
"""Longest wait (machine time) of the last record of a partition for the next line of a trace that is open:
programs print a trace at once, and shippers send what they have each second or sooner."""

PROMISE_AFTER_RESTART_S = 60.0
"""How long a producer's promise to write again is believed after a restart forgot when it was made."""


class Claim(msgspec.Struct):
    """What is committed with an offset, so that whoever takes the partition over knows it."""

    epoch: int = 0
    """Of the writer that committed; the next one's is higher."""
    promised: bool = False
    """Whether a producer had said that it would write again."""
    heads: list[Place] = []
    """Where the traces begin that were open there: 20 bytes each, of the 4,096 that a claim may have."""


@dataclass(slots=True)
class IntakePath:
    """One input partition in the hands of this process."""

    name: str
    """Topic and partition, written `logs:3`."""
    source: str
    """The topic, without prefix."""
    epoch: int
    next_offset: int
    """The first offset that is not committed."""
    lag: Lag
    quiet_since: float
    """When the last record came, or when we took over (monotonic machine time, seconds)."""
    promised_until: float = 0.0
    """Until when a producer has said that it would write again (monotonic machine time, seconds)."""
    watermark: datetime | None = None
    newest: datetime | None = None
    """Event time of the newest record, whether or not all before it has been counted."""
    idle: bool = False
    read_offset: int = -1
    """The first offset that is not read; ahead of `next_offset` while records are in hand."""
    traces: TraceJoining = field(default_factory=lambda: TraceJoining(0.0))
    """Joins the lines of this partition; it stands behind what has been folded."""
    heads: list[Place] = field(default_factory=list)
    """Where the traces begin that are open at `next_offset`."""
    recollection: Recollection | None = None
    """Of the traces that were open where this process took over, until it has read up to there again."""
    withheld: Any = None
    """The last record that was fetched, while it waits for what may follow in an open trace."""
    withheld_since: float = 0.0
    """Since when (monotonic machine time, seconds)."""

    def __post_init__(self) -> None:
        """Begin with nothing in hand."""
        self.read_offset = self.next_offset

    @property
    def is_in_hand(self) -> bool:
        """Whether some of it is read and not committed."""
        return self.read_offset > self.next_offset

    @property
    def read_from(self) -> int:
        """The offset from which on records are needed: earlier than the next one where a trace is open."""
        return min((offset for offset, _ in self.heads), default=self.next_offset)

    def recalled(self, records: "deque[Any]", redactor: Redactor) -> "deque[Any]":
        """Give the records from the next offset on; those before it only bring back the open traces."""
        while self.recollection is not None and records:
            if records[0].offset >= self.next_offset:
                self.recollection = None
            else:
                recall(records.popleft(), self.traces, self.recollection, redactor)
        return records

    def withhold(self, record: Any, monotonic: float) -> None:
        """Keep a record for later; None: there is none."""
        self.withheld, self.withheld_since = record, monotonic

    def release(self, records: "deque[Any]", monotonic: float) -> bool:
        """Put the withheld record before what follows it; after `TRACE_WAIT_S` alone, and give True then."""
        if self.withheld is None or not (records or monotonic - self.withheld_since >= TRACE_WAIT_S):
            return False
        is_silent = not records
        records.appendleft(self.withheld)
        self.withheld = None
        return is_silent

    def hear(self, heartbeat: Heartbeat, monotonic: float) -> None:
        """Take note of a producer's word; `next_within_s` 0 ends its promise: the path may rest at once."""
        if heartbeat.next_within_s > 0:
            self.promised_until = monotonic + heartbeat.next_within_s
        else:
            self.promised_until = 0.0
            self.quiet_since = float("-inf")

    def settle(self, chunk: IntakeChunk, lateness: timedelta, monotonic: float) -> None:
        """Go on behind a chunk that has been delivered."""
        self.next_offset = chunk.end
        self.heads = chunk.heads
        self.quiet_since = monotonic
        newest = chunk.newest or self.newest
        if newest is not None:
            self.reach(newest, lateness, chunk.held_from)
        if chunk.heartbeat is not None:
            self.hear(chunk.heartbeat, monotonic)

    def pass_over(self, offset: int) -> None:
        """Go on with a later offset: there is nothing to read before it."""
        self.next_offset = offset
        self.read_offset = max(self.read_offset, offset)

    def reach(self, newest: datetime, lateness: timedelta, held_from: datetime | None = None) -> None:
        """Note the newest event time of a committed chunk, and from which on something is not counted yet."""
        self.newest = newest if self.newest is None else max(self.newest, newest)
        moment = self.newest - lateness
        moment = moment if held_from is None else min(moment, held_from)
        self.watermark = moment if self.watermark is None else max(self.watermark, moment)

    def rests(self, monotonic: float, idle_after_s: float) -> bool:
        """Tell whether it has been silent long enough, with nobody's promise to write again."""
        return monotonic - self.quiet_since >= idle_after_s and monotonic >= self.promised_until

    def progress(self, now: datetime, lateness: timedelta) -> Progress | None:
        """Tell how far it is; None: it has neither brought anything nor been silent long enough."""
        if self.idle:
            return Progress(epoch=self.epoch, idle_at=now - lateness)
        if self.watermark is None:
            return None
        return Progress(epoch=self.epoch, watermark=self.watermark)

    def claim(self, monotonic: float) -> str:
        """Give what to commit with the offset."""
        promised = monotonic < self.promised_until
        return msgspec.json.encode(Claim(self.epoch, promised, self.heads)).decode()


def claim_of(metadata: str) -> Claim:
    """Read what was committed with an offset; what is not ours counts as nothing."""
    try:
        return msgspec.json.decode(metadata, type=Claim)
    except msgspec.MsgspecError:
        return Claim()
