"""How far is one input partition: what has been folded and committed, and does anything still come?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from models.tick import Heartbeat, Progress
from streams.intake.chunk import IntakeChunk
from streams.kafka.lag import Lag

PROMISE_AFTER_RESTART_S = 60.0
"""How long a producer's promise to write again is believed after a restart forgot when it was made."""


class Claim(msgspec.Struct):
    """What is committed with an offset, so that whoever takes the partition over knows it."""

    epoch: int = 0
    """Of the writer that committed; the next one's is higher."""
    promised: bool = False
    """Whether a producer had said that it would write again."""


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
    idle: bool = False
    read_offset: int = -1
    """The first offset that is not read; ahead of `next_offset` while records are in hand."""

    def __post_init__(self) -> None:
        """Begin with nothing in hand."""
        self.read_offset = self.next_offset

    @property
    def is_in_hand(self) -> bool:
        """Whether some of it is read and not committed."""
        return self.read_offset > self.next_offset

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
        self.quiet_since = monotonic
        if chunk.newest is not None:
            self.reach(chunk.newest, lateness)
        if chunk.heartbeat is not None:
            self.hear(chunk.heartbeat, monotonic)

    def pass_over(self, offset: int) -> None:
        """Go on with a later offset: there is nothing to read before it."""
        self.next_offset = offset
        self.read_offset = max(self.read_offset, offset)

    def reach(self, newest: datetime, lateness: timedelta) -> None:
        """Note the newest event time of a committed chunk."""
        moment = newest - lateness
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
        return msgspec.json.encode(Claim(self.epoch, promised)).decode()


def claim_of(metadata: str) -> Claim:
    """Read what was committed with an offset; what is not ours counts as nothing."""
    try:
        return msgspec.json.decode(metadata, type=Claim)
    except msgspec.MsgspecError:
        return Claim()
