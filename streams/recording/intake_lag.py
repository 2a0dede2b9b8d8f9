"""How far is the intake behind what has been published?"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.kafka.topic_reader import reader
from streams.settings import Settings

_NOBODY = ("Empty", "Dead")


class IntakeLag:
    """Compares what the intake's consumer group has committed with where the topics end."""

    def __init__(self, group: str, admin: Any, consumer: Any) -> None:
        """Use an admin client and a consumer that is assigned to the topics; the caller closes both."""
        self._group = group
        self._admin = admin
        self._consumer = consumer

    async def behind(self) -> int | None:
        """Count the records of the topic that is furthest behind.

        None where no intake is running, or where the broker cannot tell at the moment.
        """
        try:
            return await self._behind()
        except KafkaError as error:
            if error.retriable:
                return None
            raise

    async def _behind(self) -> int | None:
        if not await has_members(self._admin, self._group):
            return None
        partitions: list[TopicPartition] = list(self._consumer.assignment())
        ends = await self._consumer.end_offsets(partitions)
        starts = await self._consumer.beginning_offsets(partitions)
        committed = await self._admin.list_consumer_group_offsets(self._group)
        behind: dict[str, int] = defaultdict(int)
        for partition in partitions:
            position = committed[partition].offset if partition in committed else -1
            behind[partition.topic] += ends[partition] - max(position, starts[partition])
        return max(behind.values(), default=0)


async def has_members(admin: Any, group: str) -> bool:
    """Tell whether anybody is in a consumer group; no where the broker cannot tell at the moment."""
    try:
        answers = await admin.describe_consumer_groups([group])
    except KafkaError as error:
        # A cluster that never had a group has no coordinator; one that moves has none for seconds.
        if error.retriable:
            return False
        raise
    state: str = answers[0].groups[0][2]
    return state not in _NOBODY


@asynccontextmanager
async def intake_lag(settings: Settings, topics: Iterable[str]) -> AsyncIterator[IntakeLag]:
    """Open a view on the intake's lag on some input topics, named without prefix."""
    admin = AIOKafkaAdminClient(**settings.connection())
    try:
        await admin.start()
        async with reader(settings, topics, from_end=True) as consumer:
            # Only offsets are asked for: fetching what we publish ourselves would double the traffic.
            consumer.pause(*consumer.assignment())
            yield IntakeLag(settings.group("intake"), admin, consumer)
    finally:
        await admin.close()
