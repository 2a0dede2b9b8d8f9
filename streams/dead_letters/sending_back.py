"""How does a record that was set aside get back onto the topic it came from?"""

from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
from aiokafka import TopicPartition

from models.dead_letter import DeadLetter
from models.topic import INPUTS, LOG_PATTERNS, METRIC_BUCKETS, SIGNALS, SPAN_BUCKETS, TRACE_SAMPLES
from streams.dead_letters.letter import DeadLetterError, FiledLetter
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import MissingTopicError, reader
from streams.kafka.topics import topic_name
from streams.settings import Settings

FETCH_TIMEOUT_MS = 5000
SENT_BACK_HEADER = "headwater-dead-letter"
"""Carries the place of the letter, so that a second refusal can be traced to the first."""
INTERNAL = (LOG_PATTERNS, METRIC_BUCKETS, SPAN_BUCKETS, TRACE_SAMPLES, SIGNALS)


class Originals:
    """The records that letters are about, fetched from the topics where they were read."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet; use `async with`."""
        self._settings = settings
        self._open = AsyncExitStack()
        self._consumers: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all consumers."""
        await self._open.aclose()

    async def fetch(self, letter: DeadLetter) -> Any:
        """Fetch the record that a letter is about; None: its topic no longer has it."""
        consumer = await self._consumer(letter.topic)
        source = TopicPartition(topic_name(self._settings, letter.topic), letter.partition)
        if consumer is None or source not in consumer.assignment():
            return None
        first = (await consumer.beginning_offsets([source]))[source]
        end = (await consumer.end_offsets([source]))[source]
        if not first <= letter.offset < end:
            return None
        consumer.seek(source, letter.offset)
        consumer.resume(source)
        try:
            fetched = await consumer.getmany(source, timeout_ms=FETCH_TIMEOUT_MS, max_records=1)
        finally:
            consumer.pause(source)
        found = [each for each in fetched.get(source, []) if each.offset == letter.offset]
        return found[0] if found else None

    async def _consumer(self, topic: str) -> Any:
        if topic not in self._consumers:
            try:
                consumer = await self._open.enter_async_context(
                    reader(self._settings, [topic], from_end=True)
                )
                consumer.pause(*consumer.assignment())
            except MissingTopicError:
                consumer = None
            self._consumers[topic] = consumer
        return self._consumers[topic]


async def send_back(
    filed: FiledLetter, originals: Originals, outbox: Outbox, mended: bytes | None = None
) -> str:
    """Send one record back to its topic, delivered, and say in a sentence what was done.

    The letter itself stays. What is sent are the mended bytes, else the original bytes as they
    stand on the source topic; never the payload of the letter, which is redacted.

    Raises:
        DeadLetterError: The original is gone, or is an element that cannot be cut out of it, or was
            on a topic that only Headwater itself writes.
    """
    letter = filed.letter
    if letter.topic in INTERNAL:
        raise DeadLetterError(
            f"{filed.place}: {letter.topic} is written by Headwater itself, and a record of it counts only "
            "in the place where it was; publish what is missing to the input topics "
            f"({', '.join(INPUTS)}) instead"
        )
    original = await originals.fetch(letter)
    if mended is None and original is None:
        raise DeadLetterError(
            f"{filed.place}: {letter.topic}, partition {letter.partition}, no longer has offset "
            f"{letter.offset}, and the letter holds only a redacted copy; mend that copy "
            f"(`headwater dead-letters show {filed.place}`) and send it with --file"
        )
    if mended is not None:
        value, what = mended, "the mended record"
    else:
        value, what = _part(filed, original.value or b""), "the original record"
    key = original.key if original is not None else _key(letter)
    sent = await (
        await outbox.send(letter.topic, value, key, headers=[(SENT_BACK_HEADER, filed.place.encode())])
    )
    return (
        f"{filed.place}: sent {what} ({len(value):,} bytes) to {letter.topic} {sent.partition}:{sent.offset}"
    )


def read_mended(path: Path) -> bytes:
    """Read a mended record: the whole file, without the line end that editors put there."""
    return path.read_bytes().rstrip(b"\r\n")


def _part(filed: FiledLetter, value: bytes) -> bytes:
    """Cut the refused element out: its neighbours were accepted and must not come twice."""
    element = filed.letter.element
    if element is None:
        return value
    try:
        return orjson.dumps(orjson.loads(value)[element])
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
        raise DeadLetterError(
            f"{filed.place}: element {element} cannot be cut out of the original record; mend the copy "
            f"in the letter (`headwater dead-letters show {filed.place}`) and send it with --file"
        ) from None


def _key(letter: DeadLetter) -> bytes | None:
    return None if letter.key is None else letter.key.encode()
