"""How do those who wait learn how far a path is?"""

import asyncio
from collections.abc import Mapping

from models.record import encode
from models.tick import Progress, Tick
from streams.kafka.outbox import Outbox


class TimeTeller:
    """Tells every partition of a topic how far some paths are; the same twice in a row is told once."""

    def __init__(self, outbox: Outbox, partitions: int) -> None:
        """Send with that producer; `partitions` is how many each topic has."""
        self._outbox = outbox
        self._partitions = partitions
        self._told: dict[str, Tick] = {}

    async def tell(self, target: str, paths: Mapping[str, Progress]) -> None:
        """Send a tick, after everything that was sent before; when it returns all replicas have it."""
        tick = Tick(paths=dict(paths))
        if not paths or self._told.get(target) == tick:
            return
        self._told[target] = tick
        value = encode(tick)
        sent = [
            await self._outbox.send(target, value, None, partition=number)
            for number in range(self._partitions)
        ]
        await asyncio.gather(*sent)
