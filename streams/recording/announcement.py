"""Does everybody know that a publisher is about to write, so that nobody judges without it?"""

from collections.abc import Awaitable, Callable

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from detectors.incidents.correlation import input_paths
from models.record import decode
from models.signal import SignalRecord
from models.tick import Tick
from models.topic import SIGNALS
from streams import machine
from streams.kafka.topic_reader import POLL_MS, reader
from streams.recording.intake_lag import has_members
from streams.settings import Settings

HEARD_WITHIN_S = 10.0
"""Longest wait (machine time): a process that has just ended is back by then, or nobody is."""


async def announce(settings: Settings, beat: Callable[[], Awaitable[None]]) -> bool:
    """Send the first heartbeats, and return when every path into the reasoner has said that it is awake.

    A path that is silent does not hold the others up. If one were still taken for silent when the
    first lines come, alerts would be judged before the symptoms of their time were there.

    Args:
        settings: Where the brokers are.
        beat: Sends the heartbeats.

    Returns:
        Whether all were heard of in time; True as well where no worker runs that could be waited for.
    """
    if not await _workers_run(settings):
        await beat()
        return True
    paths = set(input_paths(settings.partitions))
    async with reader(settings, [SIGNALS], from_end=True) as consumer:
        asleep: dict[TopicPartition, set[str]] = {place: set(paths) for place in consumer.assignment()}
        # Where it stands is asked for lazily: without this, what comes at once would be passed over.
        for place in asleep:
            await consumer.position(place)
        await beat()
        deadline = machine.monotonic() + HEARD_WITHIN_S
        while any(asleep.values()) and machine.monotonic() < deadline:
            for place, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                for record in records:
                    asleep[place] -= _awake(record.value)
    return not any(asleep.values())


def _awake(value: bytes) -> set[str]:
    """Name the paths that a record says are not silent."""
    record = decode(SignalRecord, value)
    if not isinstance(record, Tick):
        return set()
    return {path for path, told in record.paths.items() if told.idle_at is None}


async def _workers_run(settings: Settings) -> bool:
    admin = AIOKafkaAdminClient(**settings.connection())
    try:
        await admin.start()
        return all([await has_members(admin, settings.group(role)) for role in ("intake", "reason")])
    finally:
        await admin.close()
