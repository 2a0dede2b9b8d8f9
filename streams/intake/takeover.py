"""From where, and under which epoch, does this process go on with an input partition?"""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition

from detectors.intake.trace_joining import Recollection, TraceJoining
from models.topic import path_name
from streams import machine
from streams.intake.path import PROMISE_AFTER_RESTART_S, IntakePath, claim_of
from streams.kafka.lag import Lag
from streams.process import metrics
from streams.process.epoch import next_epoch

log = structlog.get_logger()


class OffsetsWentBackError(Exception):
    """An input partition gave an offset that had been read and committed already."""


async def take_over(
    places: Iterable[TopicPartition],
    *,
    group: str,
    admin: Any,
    consumer: Any,
    sources: Mapping[str, str],
    idle_after_s: float,
    lateness_s: float,
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
        lateness_s: How long a trace may wait for its next line, event time of the partition.
    """
    ordered = sorted(places)
    committed = await admin.list_consumer_group_offsets(group, partitions=ordered)
    earliest = await consumer.beginning_offsets(ordered)
    ends = await consumer.end_offsets(ordered)
    monotonic = machine.monotonic()
    paths = {}
    for place in ordered:
        known = committed.get(place)
        claim = claim_of("" if known is None else known.metadata or "")
        offset = -1 if known is None else known.offset
        source = sources[place.topic]
        if offset > ends[place]:
            detail = "the topic was made anew or cut short; it is read from its beginning"
            log.error("offsets.beyond_end", topic=place.topic, partition=place.partition,
                      committed=offset, end=ends[place], detail=detail)  # fmt: skip
            offset = -1
        if offset >= 0:
            note_lost(place, source, earliest[place] - offset)
        paths[place] = path = IntakePath(
            name=path_name(source, place.partition),
            source=source,
            epoch=next_epoch(claim.epoch, machine.now()),
            next_offset=max(offset, earliest[place]),
            lag=Lag(idle_after_s),
            quiet_since=monotonic,
            traces=TraceJoining(lateness_s),
        )
        if offset >= earliest[place]:
            path.heads = [each for each in claim.heads if each[0] >= earliest[place]]
            path.recollection = Recollection(path.heads) if path.heads else None
        if claim.promised:
            path.promised_until = monotonic + PROMISE_AFTER_RESTART_S
    return paths


async def note_gaps(
    consumer: Any,
    paths: Mapping[TopicPartition, IntakePath],
    due: Mapping[TopicPartition, int],
    ahead: Mapping[TopicPartition, int],
) -> list[TopicPartition]:
    """Give the partitions that go on with a later offset than was due; count what was lost so.

    What lies below the earliest offset was deleted before it was read. Above it a gap is no loss:
    a transaction ended there, or was given up.

    Raises:
        OffsetsWentBackError: One goes on with an earlier offset.
    """
    gaps = sorted(place for place, offset in ahead.items() if offset != due[place])
    if not gaps:
        return gaps
    earliest = await consumer.beginning_offsets(gaps)
    for place in gaps:
        if ahead[place] < due[place]:
            raise OffsetsWentBackError(
                f"{place.topic}:{place.partition} goes on with offset {ahead[place]} after "
                f"{due[place] - 1}: the topic was made anew or cut short; a restart takes it over again"
            )
        note_lost(place, paths[place].source, min(ahead[place], earliest[place]) - due[place])
    return gaps


def note_lost(place: TopicPartition, source: str, count: int) -> None:
    """Count and log records that were deleted before they were read; none or fewer: nothing was lost."""
    if count <= 0:
        return
    metrics.RECORDS_LOST.labels(source).inc(count)
    detail = "reading was behind for longer than the retention, and the broker deleted them"
    log.error("records.lost", topic=place.topic, partition=place.partition, count=count, detail=detail)
