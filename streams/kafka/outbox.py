"""How does a record reach its topic for certain? The one producer that everything sends with."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer

from models.record import encode
from models.topic import Outgoing
from streams.kafka.topics import topic_name
from streams.settings import Settings

LINGER_MS = 5
# 512 KiB: some thousand log records, so that a batch is worth its round trip.
BATCH_BYTES = 524_288
# What the framing of a batch and a record adds at most, headers of ours included.
OVERHEAD_BYTES = 4096

Headers = Iterable[tuple[str, bytes]]


class RecordTooLargeError(Exception):
    """A record beyond the size that its topic takes; it was not sent."""

    def __init__(self, topic: str, key: bytes | None, size: int, limit: int) -> None:
        shown = (key or b"").decode(errors="replace")
        super().__init__(
            f"the record for {topic} with key {shown!r} has {size:,} bytes, {limit:,} are allowed"
        )
        self.topic = topic
        self.key = key
        self.size = size


class Outbox:
    """An idempotent producer: what was delivered is on all replicas, once, in order per partition.

    Topics are named without prefix. A record's partition is chosen as Kafka's own producers do
    (murmur2 of the key), unless the caller names one. Close it with `stop`, or use `async with`.
    """

    def __init__(self, settings: Settings, *, limit_bytes: int | None = None) -> None:
        """Prepare a producer; nothing is connected yet.

        Args:
            settings: Where the brokers are.
            limit_bytes: Largest key and value of a record; None: `max_record_bytes`.
        """
        self._settings = settings
        self._limit = settings.max_record_bytes if limit_bytes is None else limit_bytes
        self._producer: Any = None

    async def start(self) -> None:
        """Connect; may be called once.

        Raises:
            aiokafka.errors.KafkaConnectionError: No broker answers.
        """
        self._producer = AIOKafkaProducer(
            **self._settings.connection(),
            acks="all",
            enable_idempotence=True,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES,
            max_request_size=self._limit + OVERHEAD_BYTES,
        )
        try:
            await self._producer.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Deliver what is pending and close; harmless when called twice."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Deliver what is pending and close."""
        await self.stop()

    async def send(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        partition: int | None = None,
        headers: Headers | None = None,
    ) -> "asyncio.Future[Any]":
        """Hand a record over; the future gives its delivery (with the offset) or raises.

        Waits only while the partition's buffer is full. Records of one partition are delivered in
        the order of these calls. A value of None is a tombstone and needs a key.

        Raises:
            RecordTooLargeError: Nothing was sent.
        """
        self._check_size(topic, key, value)
        name = topic_name(self._settings, topic)
        future: asyncio.Future[Any] = await self._producer.send(
            name, value=value, key=key, partition=partition, headers=list(headers or ())
        )
        return future

    async def deliver(self, records: Iterable[Outgoing]) -> None:
        """Send all records, in order per key, and return when every one is on all replicas.

        Raises:
            RecordTooLargeError: One is too large; none was sent.
            aiokafka.errors.KafkaError: One was not delivered; others may have been.
        """
        encoded = [(each.topic, encode(each.value), each.key.encode()) for each in records]
        for topic, value, key in encoded:
            self._check_size(topic, key, value)
        futures = [await self.send(topic, value, key) for topic, value, key in encoded]
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def flush(self) -> None:
        """Return when all that was handed over has been delivered or has failed."""
        await self._producer.flush()

    async def partitions(self, topic: str) -> list[int]:
        """List the partitions of a topic."""
        return sorted(await self._producer.partitions_for(topic_name(self._settings, topic)))

    def _check_size(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        size = len(key or b"") + len(value or b"")
        if size > self._limit:
            raise RecordTooLargeError(topic, key, size, self._limit)
