"""Which lines of a partition, each a record of its own, are one stack trace? It counts once.

What comes out is a function of the partition's lines in their order, wherever it is read in chunks: the lines
that are held are carried from chunk to chunk. Who begins anew in the middle, after a restart, is told where
each open trace began (`heads`) and reads from the first of these again (`Recollection`).
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import inf
from typing import Any, NamedTuple, Protocol

from detectors.intake.stack_trace import MOST_LINES
from detectors.intake.trace_assembly import Assembled, TraceAssembly

LONGEST_PAUSE_S = 1.0
"""Event time between two lines of a service beyond which they are not one trace: it is printed at once."""

MOST_OPEN = 64
"""Services of a partition of which a trace may be open at once: their heads are committed with each offset,
and the metadata of a commit holds 4 kB. One more closes the one that opened first."""

MOST_JOINED = 4 * MOST_LINES
"""Lines of one trace: Java prints 1,024 frames of an overflown stack at most. Bounds what is read again."""

Place = tuple[int, int]
"""Of a line in its partition: the offset of its record, and its number in that record."""


class Recorded(Protocol):
    """What is needed of a record of a partition; aiokafka's `ConsumerRecord` is one."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """When it was recorded (epoch milliseconds): to the others of the partition it is no later."""


class _Unrecorded(NamedTuple):
    offset: int = 0
    timestamp: int = 2**63


_UNRECORDED = _Unrecorded()


class HeldLine(NamedTuple):
    """A line, unwrapped and redacted, while it may belong to a trace."""

    at: float
    """Event time (epoch seconds)."""
    text: str
    severity: str
    attributes: Mapping[str, Any] | None


class Statement(NamedTuple):
    """What counts once: a trace of several lines, or one line that is none."""

    service: str
    lines: list[HeldLine]
    """In their order, at least one."""
    identity: str | None
    """The fault, as `identity_of` tells it; None for an ordinary line."""


class _Open:
    """The lines of one service from the one on that may be the head of a trace."""

    def __init__(self, head: Place) -> None:
        self.assembly = TraceAssembly()
        self.held: deque[HeldLine] = deque()
        self.head = head
        self.count = 0
        self.last_at = self.heard_at = -inf


class TraceJoining:
    """Takes the lines of one partition and gives each statement once it is complete.

    A line waits only while it may belong to a trace, see `TraceAssembly`. A trace ends where its service logs
    something else, where its service pauses for longer than `LONGEST_PAUSE_S`, where the others of the
    partition are ahead of it by more than the allowed lateness (all event time), and after `MOST_JOINED`
    lines.
    """

    def __init__(self, lateness_s: float) -> None:
        """Start with no line held; what comes later than that has missed its bucket anyway."""
        self._within_s = max(lateness_s, LONGEST_PAUSE_S)
        self._silent_after = inf
        """No open trace is silent for too long before this event time."""
        self.open: dict[str, _Open] = {}
        """By service; in the order in which they opened."""
        self.record: Recorded = _UNRECORDED
        """The record of the line that is fed next."""
        self.number = 0
        """Of that line in it."""

    def feed(self, service: str, line: HeldLine) -> list[Statement]:
        """Take the next line of a service; give what is complete now, none or several."""
        place = (self.record.offset, self.number)
        known = self.open.get(service)
        given: list[Statement] = []
        if known is not None and (
            abs(line.at - known.last_at) > LONGEST_PAUSE_S or known.count >= MOST_JOINED
        ):
            given = self.end(service)
            known = None
        if known is None:
            if not TraceAssembly.opens(line.text):
                return [*given, Statement(service, [line], None)]
            if len(self.open) >= MOST_OPEN:
                given += self.end(next(iter(self.open)))
            known = self.open[service] = _Open(place)
        known.held.append(line)
        known.count += 1
        known.last_at = max(known.last_at, line.at)
        heard_at = min(line.at, self.record.timestamp / 1000)
        known.heard_at = max(known.heard_at, heard_at)
        self._silent_after = min(self._silent_after, known.heard_at + self._within_s)
        told = known.assembly.feed(line.text)
        given += _statements(service, known, told)
        if not known.assembly.is_open:
            del self.open[service]
        elif told and known.held:
            # What was open has ended, and the line is itself the head of the next.
            del self.open[service]
            self.open[service] = known
            known.head, known.count, known.last_at, known.heard_at = place, 1, line.at, heard_at
            self._silent_after = min(self._silent_after, known.heard_at + self._within_s)
        return given

    def stand_at(self, record: Recorded, number: int) -> None:
        """Go to a line of the partition: the one that is fed or heard of next."""
        self.record, self.number = record, number

    def hear(self, at: float) -> list[Statement]:
        """Learn the event time of a line of anybody in the partition; give what it shows to be complete."""
        at = min(at, self.record.timestamp / 1000)
        if at <= self._silent_after:
            return []
        silent = [name for name, each in self.open.items() if at > each.heard_at + self._within_s]
        given = [each for name in silent for each in self.end(name)]
        earliest = min((each.heard_at for each in self.open.values()), default=inf)
        self._silent_after = earliest + self._within_s
        return given

    def end(self, service: str) -> list[Statement]:
        """Give what is held of a service, because nothing of it follows."""
        known = self.open.pop(service, None)
        return [] if known is None else _statements(service, known, known.assembly.close())

    def end_all(self) -> list[Statement]:
        """Give all that is held, because nothing follows."""
        return [each for service in list(self.open) for each in self.end(service)]

    def heads(self) -> list[Place]:
        """Give where each open trace began: what `Recollection` needs to go on from here."""
        return [each.head for each in self.open.values()]

    def earliest(self) -> datetime | None:
        """Give the event time of the earliest line that is held; nothing is complete beyond it."""
        held = min((line.at for each in self.open.values() for line in each.held), default=None)
        return None if held is None else datetime.fromtimestamp(held, UTC)


class Recollection:
    """Tells which lines before a committed offset are fed again, so that open traces are what they were.

    Only the lines of services whose trace was open there count, each from its head on: what else lies between
    has been counted.
    """

    def __init__(self, heads: Iterable[Place]) -> None:
        """Begin with the heads that were committed."""
        self._heads = set(heads)
        self._services: set[str] = set()

    def needs(self, place: Place, service: str) -> bool:
        """Tell whether this line has to be fed again; to be asked of all lines, in their order."""
        if place in self._heads:
            self._services.add(service)
        return service in self._services


def _statements(service: str, known: _Open, told: list[Assembled]) -> list[Statement]:
    given = []
    for each in told:
        lines = [known.held.popleft() for _ in each.lines]
        if not each.continues:  # else it has been counted
            given.append(Statement(service, lines, each.identity))
    return given
