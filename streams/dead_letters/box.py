"""How does a record that cannot be read get to the dead-letter topic, for certain?"""

from dataclasses import dataclass
from typing import Any

from detectors.intake.redaction import Redactor
from models.record import encode
from models.topic import DEAD_LETTERS
from streams.dead_letters.letter import SourceRecord, letter
from streams.kafka.outbox import Outbox
from streams.process import metrics


class DeadLetterBox:
    """Sets records aside for one stage, each with where it came from and why."""

    def __init__(self, outbox: Outbox, stage: str, redactor: Redactor) -> None:
        """Send with that producer, in the name of that stage, without what the redactor takes out."""
        self._redactor = redactor
        self._outbox = outbox
        self._stage = stage

    async def put(
        self,
        record: SourceRecord,
        topic: str,
        reason: str,
        detail: str,
        *,
        element: int | None = None,
        refused: bytes | None = None,
    ) -> None:
        """Keep a record, or one element of an array record; when it returns the letter is on all replicas.

        Args:
            record: The record as it was read.
            topic: Where it was read, without prefix.
            reason: Bounded: it becomes a metric label.
            detail: Names the field and what was expected there.
            element: Position in an array record; None: the whole record was refused.
            refused: The bytes of that element.
        """
        kept = letter(
            record, topic=topic, stage=self._stage, reason=reason, detail=detail,
            redact=self._redactor.redact, element=element, refused=refused,
        )  # fmt: skip
        key = f"{topic}:{record.partition}".encode()
        await (await self._outbox.send(DEAD_LETTERS, encode(kept), key))
        metrics.RECORDS_REFUSED.labels(topic, reason).inc()


@dataclass(slots=True)
class _Read:
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


def read_from(message: Any) -> SourceRecord:
    """Give a Faust message as aiokafka gives records: the broker's time in milliseconds."""
    milliseconds = int(message.timestamp * 1000)
    return _Read(message.partition, message.offset, milliseconds, message.key, message.value)
