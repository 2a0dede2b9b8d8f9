"""From where, and under which epoch, does this process go on with an input partition?"""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition

from models.topic import path_name
from streams import machine
from streams.intake.path import PROMISE_AFTER_RESTART_S, IntakePath, claim_of
from streams.kafka.lag import Lag
from streams.process import metrics

log = structlog.get_logger()


async def take_over(
    places: Iterable[TopicPartition],
    *,
    group: str,
    admin: Any,
    consumer: Any,
    sources: Mapping[str, str],
    idle_after_s: float,
) -> dict[TopicPartition, IntakePath]:
    """Give the paths of partitions that are new to this process, each under a higher epoch.

    They begin at the committed offset, or at the earliest where the broker no longer has it: what
    was lost so is counted and logged. The caller commits the claims before it reads anything.

    Args:
        places: The partitions.
        group: The consumer group that commits them.
        admin: An aiokafka admin client; it gives what was committed with an offset.
        consumer: The aiokafka consumer.
        sources: Topic names, by the names that the cluster knows.
        idle_after_s: From this age of its records on a path counts as behind.
    """
    ordered = sorted(places)
    committed = await admin.list_consumer_group_offsets(group, partitions=ordered)
    earliest = await consumer.beginning_offsets(ordered)
    monotonic = machine.monotonic()
    paths = {}
    for place in ordered:
        known = committed.get(place)
        claim = claim_of("" if known is None else known.metadata or "")
        offset = -1 if known is None else known.offset
        source = sources[place.topic]
        if 0 <= offset < earliest[place]:
            _lost(place, source, earliest[place] - offset)
        paths[place] = path = IntakePath(
            name=path_name(source, place.partition),
            source=source,
            epoch=claim.epoch + 1,
            next_offset=max(offset, earliest[place]),
            lag=Lag(idle_after_s),
            quiet_since=monotonic,
        )
        if claim.promised:
            path.promised_until = monotonic + PROMISE_AFTER_RESTART_S
    return paths


def _lost(place: TopicPartition, source: str, count: int) -> None:
    metrics.RECORDS_LOST.labels(source).inc(count)
    detail = "the broker deleted them before they were read: the group was away for longer than the retention"
    log.error("records.lost", topic=place.topic, partition=place.partition, count=count, detail=detail)
