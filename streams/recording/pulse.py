"""How does the intake know up to which event time a publisher has sent everything?"""

from models.event_time import to_event_time
from models.record import encode
from models.tick import Heartbeat
from models.topic import INPUTS
from streams import machine
from streams.kafka.outbox import Outbox

INTERVAL_S = 0.2
"""Machine time between two heartbeats, a little below the ticks' interval."""
INTERVAL_LINES = 2000
NEXT_WITHIN_S = 60.0
"""Long enough for a publisher that waits for a slow worker or a rebalance."""


class Pulse:
    """Writes heartbeats into every partition of every input topic, behind the lines sent so far."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._partitions: list[tuple[str, int]] = []
        self._due_at = 0.0
        self._lines = 0

    async def start(self) -> None:
        """Find the partitions to write to."""
        self._partitions = [
            (topic, partition) for topic in INPUTS for partition in await self._outbox.partitions(topic)
        ]

    async def line_sent(self, moment: float) -> bool:
        """Note that a line was sent; beat if that is due, and say whether it was."""
        self._lines += 1
        return await self.beat_if_due(moment)

    async def beat_if_due(self, moment: float) -> bool:
        """Beat if enough time has passed or enough lines were sent, and say whether that was so."""
        if self._lines < INTERVAL_LINES and machine.monotonic() < self._due_at:
            return False
        await self.beat(moment)
        return True

    async def beat(self, moment: float, next_within_s: float = NEXT_WITHIN_S) -> None:
        """Say that everything before an event time (epoch seconds) has been sent.

        Args:
            moment: In epoch seconds.
            next_within_s: Machine time within which the next heartbeat comes; 0: there is none.
        """
        value = encode(Heartbeat(timestamp=to_event_time(moment, "timestamp"), next_within_s=next_within_s))
        for topic, partition in self._partitions:
            await self._outbox.send(topic, value, None, partition)
        self._lines = 0
        self._due_at = machine.monotonic() + INTERVAL_S
