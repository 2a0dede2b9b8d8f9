"""What stands on a topic up to now? Reading without a consumer group, so that nobody is disturbed."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.kafka.topics import topic_name
from streams.settings import Settings

POLL_MS = 200
# Questions about offsets queue behind a waiting fetch; Kafka's usual 500 ms would slow each down.
FETCH_WAIT_MS = 50
# Framing around the largest record, so that one always fits into a fetch.
OVERHEAD_BYTES = 65_536


class MissingTopicError(click.ClickException):
    """A topic that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"topic {name} does not exist; create the topics with `headwater topics create`")


@asynccontextmanager
async def reader(settings: Settings, topics: Iterable[str], *, from_end: bool = False) -> AsyncIterator[Any]:
    """Open an aiokafka consumer on all partitions of some topics, named without prefix.

    It belongs to no group, commits nothing, and stands at the beginning or at the end.

    Raises:
        MissingTopicError: One of the topics is not there.
    """
    partitions = await _partitions(settings, [topic_name(settings, topic) for topic in topics])
    consumer = AIOKafkaConsumer(
        **settings.connection(),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        max_partition_fetch_bytes=max(settings.max_record_bytes, settings.max_input_bytes) + OVERHEAD_BYTES,
    )
    try:
        await consumer.start()
        consumer.assign(partitions)
        if from_end:
            await consumer.seek_to_end()
        else:
            await consumer.seek_to_beginning()
        yield consumer
    finally:
        await consumer.stop()


async def read_up_to_now(consumer: Any) -> AsyncGenerator[Any, None]:
    """Read from where a consumer stands, at least to where its partitions end at the moment of the call.

    Nothing is passed over: whoever goes on reading gets the records after the last one given here.
    Ordered within a partition, not between partitions.
    """
    ends = await consumer.end_offsets(list(consumer.assignment()))
    open_partitions = set(ends)
    while True:
        # Compacted topics end in offsets that hold no record any more, so the position decides.
        for partition in list(open_partitions):
            if await consumer.position(partition) >= ends[partition]:
                open_partitions.discard(partition)
        if not open_partitions:
            return
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                yield record


async def read_all(settings: Settings, topics: Iterable[str]) -> AsyncGenerator[Any, None]:
    """Read everything that stands on some topics, named without prefix, at the moment of the call."""
    async with reader(settings, topics) as consumer:
        async for record in read_up_to_now(consumer):
            yield record


async def _partitions(settings: Settings, names: Iterable[str]) -> list[TopicPartition]:
    # A consumer that is told of a missing topic waits for it in silence; the admin client says so.
    admin = AIOKafkaAdminClient(**settings.connection())
    try:
        await admin.start()
        described = {each["topic"]: each["partitions"] for each in await admin.describe_topics()}
    finally:
        await admin.close()
    partitions = []
    for name in names:
        if name not in described:
            raise MissingTopicError(name)
        partitions += [TopicPartition(name, number) for number in range(len(described[name]))]
    return partitions
