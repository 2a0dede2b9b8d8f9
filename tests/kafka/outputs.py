"""What stands on the output topics, as `headwater replay` would print it."""

from collections.abc import Iterable

import orjson

from models.record import encode
from models.topic import OUTPUTS, Outgoing
from streams.kafka.topic_reader import read_up_to_now, reader
from streams.settings import Settings


def line(topic: str, key: str, value: bytes) -> str:
    """Write one output record as a line."""
    return orjson.dumps({"topic": topic, "key": key, "value": orjson.Fragment(value)}).decode()


async def outputs(settings: Settings) -> list[str]:
    """Read all records of the output topics, sorted, repetitions with the same content taken once."""
    lines = set()
    async with reader(settings, list(OUTPUTS)) as consumer:
        async for record in read_up_to_now(consumer):
            topic = record.topic.removeprefix(settings.topic_prefix)
            lines.add(line(topic, record.key.decode(), record.value))
    return sorted(lines)


def replayed(sent: Iterable[Outgoing]) -> list[str]:
    """Write what a pipeline has sent in the same form."""
    return sorted({line(each.topic, each.key, encode(each.value)) for each in sent})
