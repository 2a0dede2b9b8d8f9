"""How does one see from outside that workers have said all there is to say?"""

from collections.abc import Callable, Iterable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from detectors.flow.clock import Clock
from detectors.incidents.correlation import Correlator
from detectors.pipeline import symptom_stages
from detectors.topology import Catalog
from models.record import decode
from models.tick import Tick
from models.topic import INPUTS, POSTMORTEMS
from streams import machine
from streams.kafka.topic_reader import reader
from streams.kafka.topics import topic_name
from streams.settings import Settings
from tests.kafka.harness import until
from tests.policy import POLICY

SETTLED_WITHIN_S = 120.0

STAGES = (*symptom_stages(Catalog), Correlator(Catalog, POLICY))
"""What the role `reason` runs: symptoms first, as the correlator waits for them."""


async def settled(settings: Settings, complaint: Callable[[], str] = lambda: "") -> None:
    """Wait until nothing more can come of what has been published.

    The intake has committed all input; then each stage in turn has seen all its paths silent, after
    that, and has committed it. Only the machine's time goes on, and it is past every deadline.
    """
    deadline = machine.monotonic() + SETTLED_WITHIN_S
    admin = AIOKafkaAdminClient(**settings.connection())
    await admin.start()
    try:
        await _committed(settings, admin, "intake", INPUTS, deadline, complaint)
        for sources in ([each.source for each in STAGES[:-1]], [STAGES[-1].source]):
            silent_at = await _silent(settings, sources, deadline, complaint)
            await _passed(settings, admin, "reason", silent_at, deadline, complaint)
        await _committed(settings, admin, "sink", [POSTMORTEMS], deadline, complaint)
    finally:
        await admin.close()


async def _committed(
    settings: Settings,
    admin: Any,
    role: str,
    topics: Iterable[str],
    deadline: float,
    complaint: Callable[[], str],
) -> None:
    async with reader(settings, topics, from_end=True) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
    await _passed(settings, admin, role, ends, deadline, complaint)


async def _passed(
    settings: Settings,
    admin: Any,
    role: str,
    ends: dict[TopicPartition, int],
    deadline: float,
    complaint: Callable[[], str],
) -> None:
    """Wait until a role's group has committed these offsets."""
    behind: dict[TopicPartition, str] = {}

    async def passed() -> bool:
        committed = await admin.list_consumer_group_offsets(settings.group(role))
        behind.clear()
        for place, end in ends.items():
            offset = committed[place].offset if place in committed else -1
            if offset < end and end > 0:
                behind[place] = f"{offset} of {end}"
        return not behind

    await until(passed, deadline - machine.monotonic(), lambda: f"{role} is behind: {behind}\n{complaint()}")


async def _silent(
    settings: Settings, sources: Iterable[str], deadline: float, complaint: Callable[[], str]
) -> dict[TopicPartition, int]:
    """Wait until all paths into each partition have fallen silent; give where each stands then."""
    paths = {topic_name(settings, each.source): each.paths(settings.partitions) for each in STAGES}
    async with reader(settings, sources) as consumer:
        clocks = {place: Clock() for place in consumer.assignment()}
        ends = await consumer.end_offsets(list(clocks))
        positions = dict.fromkeys(clocks, 0)

        async def silent() -> bool:
            for place, records in (await consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    if b'"tick"' in record.value[:20]:
                        clocks[place].observe(decode(Tick, record.value))
                    positions[place] = record.offset + 1
            return all(
                positions[place] >= ends[place] and clock.all_idle(paths[place.topic])
                for place, clock in clocks.items()
            )

        await until(
            silent,
            deadline - machine.monotonic(),
            lambda: f"some paths never fell silent: {list(clocks.values())}\n{complaint()}",
        )
        return positions
