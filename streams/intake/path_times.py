"""How do those who wait for signals learn how far each input partition is?"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aiokafka import TopicPartition

from models import topic
from models.tick import Progress
from streams import machine
from streams.intake.chunk import IntakeChunk
from streams.intake.path import IntakePath
from streams.kafka.outbox import Outbox
from streams.kafka.time_teller import TimeTeller
from streams.process import metrics
from streams.settings import Settings

POSITION_WITHIN_S = 0.05
"""Longest wait for the consumer's position (machine time); it has none while the broker resets it."""

TELLS = {
    **dict.fromkeys(topic.DIRECT, (topic.SIGNALS,)),
    topic.DEPLOYS: (topic.SIGNALS, topic.LOG_PATTERNS),
    topic.LOGS: (topic.LOG_PATTERNS, topic.TRACE_SAMPLES),
    topic.METRICS: (topic.METRIC_BUCKETS,),
    topic.SPANS: (topic.SPAN_BUCKETS, topic.TRACE_SAMPLES),
}
"""Which topics have to know how far an input topic is: those that it is sent on to."""


class PathTimes:
    """Tells how far the paths of this process are: when one wakes, and once an interval."""

    def __init__(self, settings: Settings, outbox: Outbox) -> None:
        """Send with that producer."""
        self._settings = settings
        self._lateness = timedelta(seconds=settings.lateness_s)
        self._time = TimeTeller(outbox, settings.partitions)
        self._due = 0.0

    async def wake(
        self, chunks: Mapping[TopicPartition, IntakeChunk], paths: Mapping[TopicPartition, IntakePath]
    ) -> None:
        """Tell that paths are no longer silent before anything that they bring can arrive."""
        awake: dict[str, dict[str, Progress]] = {}
        for place, chunk in chunks.items():
            path = paths[place]
            if chunk.oldest is not None and (path.idle or path.watermark is None):
                path.idle = False
                told = Progress(epoch=path.epoch, watermark=chunk.oldest - self._lateness)
                for target in TELLS[path.source]:
                    awake.setdefault(target, {})[path.name] = told
        await self._tell(awake)

    def due(self) -> bool:
        """Tell whether the interval is over; the next one begins with that."""
        monotonic = machine.monotonic()
        if monotonic < self._due:
            return False
        self._due = monotonic + self._settings.tick_interval_s
        return True

    async def tell(
        self, paths: Mapping[TopicPartition, IntakePath], at_end: Mapping[TopicPartition, int]
    ) -> None:
        """Tell how far paths are; `at_end` has those of which nothing is left to read."""
        monotonic, now = machine.monotonic(), machine.now()
        told: dict[str, dict[str, Progress]] = {}
        for place, path in paths.items():
            progress = self._progress(path, place in at_end, now, monotonic)
            if progress is not None:
                for target in TELLS[path.source]:
                    told.setdefault(target, {})[path.name] = progress
            metrics.LAG.labels(path.source, place.partition).set(path.lag.age_s)
        await self._tell(told)

    async def _tell(self, told: Mapping[str, Mapping[str, Progress]]) -> None:
        # All at once: one by one each would wait for the linger, and the next chunk with it.
        await asyncio.gather(*(self._time.tell(target, said) for target, said in told.items()))

    def _progress(self, path: IntakePath, at_end: bool, now: datetime, monotonic: float) -> Progress | None:
        if at_end:
            path.lag.note(0.0, monotonic)
            path.idle = path.idle or path.rests(monotonic, self._settings.idle_after_s)
        if path.lag.is_too_long(monotonic, self._settings.lag_limit_s):
            # What lags must not hold up alerts: to the others it counts as silent.
            return Progress(epoch=path.epoch, idle_at=now - self._lateness)
        return path.progress(now, self._lateness)


async def ends_reached(
    consumer: Any, paths: Mapping[TopicPartition, IntakePath]
) -> dict[TopicPartition, int]:
    """Give the positions of a read_committed consumer where nothing is in hand and nothing left to read.

    The position, not the last record: the marker that ends a transaction takes an offset too.
    """
    reached = {}
    for place, path in paths.items():
        try:
            async with asyncio.timeout(POSITION_WITHIN_S):
                position = await consumer.position(place)
        except TimeoutError:
            continue
        # Asked after the position: it moves when records are read.
        if position == consumer.last_stable_offset(place) and not path.is_in_hand:
            reached[place] = position
    return reached
