"""What time is it in one partition, going by the event times of all paths into it?"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from models.tick import Progress, Tick


class Clock(msgspec.Struct):
    """The progress of every path into one partition, and the event time that follows from it.

    The time is the earliest moment up to which every path is complete: what a live path says of
    itself, and for a silent one the machine's time when it was last seen silent, which moves on
    with every tick, so that deadlines still fire and nobody waits for who has nothing to say. A
    path of which nothing is heard, silent or not, holds the time back: nobody knows what it
    brings. The time may step back when a silent path brings older events; what has been decided
    stays decided (each state remembers how far).
    """

    progress: dict[str, Progress] = {}

    def observe(self, tick: Tick) -> None:
        """Take note of a tick; what an older epoch says is ignored, completeness never shrinks.

        >>> from datetime import UTC
        >>> at = datetime(2026, 6, 23, 9, 0, tzinfo=UTC)
        >>> clock = Clock()
        >>> clock.observe(Tick(paths={"logs:0": Progress(epoch=2, watermark=at)}))
        >>> clock.observe(Tick(paths={"logs:0": Progress(epoch=1, idle_at=at)}))
        >>> clock.time(["logs:0"]) == at
        True
        """
        for path, told in tick.paths.items():
            known = self.progress.get(path)
            if known is None:
                self.progress[path] = told
            elif told.epoch >= known.epoch:
                moments = [each for each in (known.watermark, told.watermark) if each is not None]
                self.progress[path] = Progress(
                    epoch=told.epoch,
                    watermark=max(moments) if moments else None,
                    idle_at=told.idle_at,
                )

    def time(self, paths: Iterable[str]) -> datetime | None:
        """Give the event time up to which all these paths are complete; None: not known yet."""
        earliest: datetime | None = None
        for path in paths:
            known = self.progress.get(path)
            until = None if known is None else known.idle_at or known.watermark
            if until is None:
                return None
            earliest = until if earliest is None else min(earliest, until)
        return earliest

    def all_idle(self, paths: Iterable[str]) -> bool:
        """Tell whether every one of these paths is silent."""
        return all(path in self.progress and self.progress[path].idle_at is not None for path in paths)
