"""How do those who wait for an agent's outputs learn how far it is?"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from detectors.flow.partition import Partition, tick_of
from detectors.flow.stage import Stage
from models.tick import Progress
from streams import machine
from streams.kafka.lag import Lag
from streams.kafka.time_teller import TimeTeller
from streams.settings import Settings


class AgentTime:
    """Tells all partitions of the next topic how far ours are, where that has changed."""

    def __init__(self, stage: Stage[Any], settings: Settings, teller: TimeTeller) -> None:
        """Tell nothing yet."""
        self._stage = stage
        self._settings = settings
        self._teller = teller
        self._live: set[str] = set()
        """Paths that were last told as live; the others may pass for silent."""

    async def wake(self, partitions: Mapping[int, Partition[Any]], lags: Mapping[int, Lag]) -> None:
        """Tell that paths are no longer silent, to be done before what they bring is delivered.

        How far they are is not told yet: what they bring now may lie before that.
        """
        paths = self._paths(partitions, lags)
        awake = {
            path: told for path, told in paths.items() if told.idle_at is None and path not in self._live
        }
        if awake and self._stage.ticks_to is not None:
            said = {path: Progress(epoch=told.epoch) for path, told in awake.items()}
            await self._teller.tell(self._stage.ticks_to, said)
            self._live |= awake.keys()

    async def tell(self, partitions: Mapping[int, Partition[Any]], lags: Mapping[int, Lag]) -> None:
        """Tell how far paths are, after what they bring has been delivered."""
        if self._stage.ticks_to is None:
            return
        paths = self._paths(partitions, lags)
        await self._teller.tell(self._stage.ticks_to, paths)
        self._live = {path for path, told in paths.items() if told.idle_at is None}

    def _paths(
        self, partitions: Mapping[int, Partition[Any]], lags: Mapping[int, Lag]
    ) -> dict[str, Progress]:
        tick = tick_of(partitions.values())
        if tick is None:
            return {}
        lateness = timedelta(seconds=self._settings.lateness_s)
        paths = dict(tick.paths)
        for number, partition in partitions.items():
            told = paths.get(partition.path)
            is_behind = lags[number].is_too_long(machine.monotonic(), self._settings.lag_limit_s)
            if told is not None and is_behind:
                # What lags must not hold up alerts: to the others it counts as silent.
                paths[partition.path] = Progress(epoch=told.epoch, idle_at=machine.now() - lateness)
        return paths
