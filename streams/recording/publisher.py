"""How is a recording published: at which pace, with which times, and with what said of its progress?"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.topic import INPUTS
from streams import machine
from streams.kafka.outbox import Outbox, RecordTooLargeError
from streams.recording.announcement import announce
from streams.recording.intake_lag import IntakeLag, intake_lag
from streams.recording.pulse import INTERVAL_S, Pulse
from streams.recording.reading import Broken, Extent, Line, RecordingError, extent, read_merged
from streams.recording.time_shift import shift_to, shifted
from streams.settings import Settings

MOST_BEHIND = 50_000
"""Records of one topic that the intake may be behind; some seconds of its work."""
LAG_CHECK_LINES = 10_000
GOODBYE_TIMEOUT_S = 5.0


@dataclass
class Published:
    """What became of a recording."""

    extent: Extent
    counts: Counter[str] = field(default_factory=Counter)
    """Lines sent by topic."""
    broken: list[Broken] = field(default_factory=list)
    """Lines that were passed over."""
    shift_s: int = 0
    """Seconds added to every event time."""
    took_s: float = 0.0
    """Machine time from the first line to the delivery of the last."""


async def publish(
    settings: Settings,
    paths: Sequence[Path],
    *,
    speed: float | None = None,
    shift_to_now: bool = False,
    on_progress: Callable[[Published], None] = lambda _: None,
) -> Published:
    """Send recordings to the input topics in event-time order and return when all is delivered.

    Heartbeats tell the intake how far the publisher is; the last one says that it has ended.

    Args:
        settings: Where the brokers are.
        paths: Recordings in event-time order; several are merged.
        speed: Times real time, by event time; None: as fast as the worker takes the lines.
        shift_to_now: Shift all times so that the last event falls on the end of publishing.
        on_progress: Called now and then, and at the end.

    Raises:
        RecordingError: A file cannot be read, or none holds an event with a time.
    """
    found = extent(paths)
    if found.first is None or found.last is None:
        names = ", ".join(map(str, paths))
        raise RecordingError(
            f"{names}: no line is an event with a time; see how recordings look in the README"
        )
    published = Published(found)
    if shift_to_now:
        ends_at = machine.now().timestamp() + (found.last - found.first) / (speed or float("inf"))
        published.shift_s = shift_to(found.last, ends_at)
    async with AsyncExitStack() as clients:
        outbox = await clients.enter_async_context(Outbox(settings, limit_bytes=settings.max_input_bytes))
        lag = None if speed else await clients.enter_async_context(intake_lag(settings, INPUTS))
        run = _Run(settings, outbox, lag, speed, published, on_progress)
        await run.send_all(paths)
    on_progress(published)
    return published


class _Run:
    """One publishing of some recordings."""

    def __init__(
        self,
        settings: Settings,
        outbox: Outbox,
        lag: IntakeLag | None,
        speed: float | None,
        published: Published,
        on_progress: Callable[[Published], None],
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._pulse = Pulse(outbox)
        self._lag = lag
        self._speed = speed
        self._published = published
        self._on_progress = on_progress
        self._first = published.extent.first or 0.0
        self._latest = self._first
        self._started_at = machine.monotonic()
        self._pending: deque[asyncio.Future[Any]] = deque()
        self._unchecked = 0

    async def send_all(self, paths: Sequence[Path]) -> None:
        try:
            await announce(self._settings, self._begin)
            self._started_at = machine.monotonic()
            for line in read_merged(paths):
                if isinstance(line, Broken):
                    self._published.broken.append(line)
                else:
                    await self._send(line)
            await self._outbox.flush()
            self._check_deliveries()
            self._published.took_s = machine.monotonic() - self._started_at
        except asyncio.CancelledError:
            # Else the intake would wait a minute for the next heartbeat.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._say_goodbye(), GOODBYE_TIMEOUT_S)
            raise
        await self._say_goodbye()

    async def _begin(self) -> None:
        await self._pulse.start()
        await self._pulse.beat(self._latest + self._published.shift_s)
        await self._outbox.flush()

    async def _send(self, line: Line) -> None:
        shift_s = self._published.shift_s
        if line.timestamp is not None:
            if self._speed:
                await self._wait_for(line.timestamp)
            self._latest = max(self._latest, line.timestamp)
        data = shifted(line.data, shift_s) if shift_s else line.data
        try:
            self._pending.append(await self._outbox.send(line.topic, data, line.key.encode()))
        except RecordTooLargeError as error:
            self._published.broken.append(Broken(line.number, str(error), line.path))
            return
        self._published.counts[line.topic] += 1
        self._unchecked += 1
        if await self._pulse.line_sent(self._latest + shift_s):
            self._check_deliveries()
            self._on_progress(self._published)
        if self._lag and self._unchecked >= LAG_CHECK_LINES:
            await self._wait_for_intake(self._lag)
            self._unchecked = 0

    async def _wait_for(self, moment: float) -> None:
        """Wait until the playing clock has come to an event time, beating meanwhile."""
        speed = self._speed or float("inf")
        while True:
            playing = self._first + (machine.monotonic() - self._started_at) * speed
            if playing >= moment:
                return
            await asyncio.sleep(min((moment - playing) / speed, INTERVAL_S))
            now = self._first + (machine.monotonic() - self._started_at) * speed
            # Between two lines time passes as well: nothing before the playing clock is still to come.
            self._latest = max(self._latest, min(now, moment))
            await self._pulse.beat_if_due(self._latest + self._published.shift_s)

    async def _wait_for_intake(self, lag: IntakeLag) -> None:
        while (behind := await lag.behind()) is not None and behind > MOST_BEHIND:
            await asyncio.sleep(INTERVAL_S)
            await self._pulse.beat_if_due(self._latest + self._published.shift_s)

    async def _say_goodbye(self) -> None:
        await self._pulse.beat(self._latest + self._published.shift_s, next_within_s=0.0)
        await self._outbox.flush()

    def _check_deliveries(self) -> None:
        while self._pending and self._pending[0].done():
            self._pending.popleft().result()
