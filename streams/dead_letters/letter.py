"""What is kept of a record that could not be read, and where can it be found again?"""

import base64
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import NamedTuple, Protocol

import click

from models.dead_letter import DeadLetter
from models.record import InvalidRecordError, decode
from models.topic import DEAD_LETTERS
from streams.kafka.topic_reader import read_all
from streams.settings import Settings

PAYLOAD_LIMIT = 65_536
"""Bytes of a payload that are kept; a letter with it stays far below a megabyte."""
LONGEST_SECRET = 8192
"""Characters; what a cut leaves of a secret of at most this length is cut away as well."""

Redact = Callable[[str], str]


class SourceRecord(Protocol):
    """What is read of a Kafka record; aiokafka's `ConsumerRecord` is one."""

    partition: int
    offset: int
    timestamp: int
    """Milliseconds since the epoch, by the broker's clock."""
    key: bytes | None
    value: bytes | None


class DeadLetterError(click.ClickException):
    """A dead letter that is not there or cannot be sent back; the message says what to do."""


class FiledLetter(NamedTuple):
    """A letter with its place on the dead-letter topic."""

    place: str
    """Partition and offset, written `2:17`; names the letter on the command line."""
    letter: DeadLetter


def letter(
    record: SourceRecord,
    *,
    topic: str,
    stage: str,
    reason: str,
    detail: str,
    redact: Redact,
    element: int | None = None,
    refused: bytes | None = None,
) -> DeadLetter:
    """Write the letter for a record; nothing that `redact` knows as a secret is in it.

    Args:
        record: The record as it was read.
        topic: Where it was read, without prefix.
        stage: Which stage refused it.
        reason: Bounded, a metric label.
        detail: Names the field and what was expected.
        redact: Replaces secrets within a text.
        element: Position in an array record; None: the whole record was refused.
        refused: The bytes of that element; None: the payload is the whole record.
    """
    value = record.value or b""
    payload, encoding, truncated = _payload(value if refused is None else refused, redact)
    return DeadLetter(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        stage=stage,
        reason=reason,
        detail=redact(detail),
        key=None if record.key is None else redact(record.key.decode(errors="replace")),
        payload=payload,
        encoding=encoding,
        size=len(value),
        truncated=truncated,
        element=element,
        recorded_at=record.timestamp / 1000,
    )


async def read_letters(
    settings: Settings, *, topic: str | None = None, reason: str | None = None
) -> AsyncGenerator[FiledLetter, None]:
    """Read the letters that are there now, by place; those of one topic or reason if one is given."""
    async with aclosing(_all_letters(settings)) as letters:
        async for filed in letters:
            if topic in (None, filed.letter.topic) and reason in (None, filed.letter.reason):
                yield filed


async def find_letter(settings: Settings, place: str) -> FiledLetter:
    """Read one letter.

    Raises:
        DeadLetterError: There is none at that place.
    """
    found = None
    async for filed in read_letters(settings):
        if filed.place == place:
            found = filed
    if found is None:
        raise DeadLetterError(
            f"there is no dead letter {place!r}; `headwater dead-letters list` shows those there are, "
            "as PARTITION:OFFSET"
        )
    return found


async def _all_letters(settings: Settings) -> AsyncGenerator[FiledLetter, None]:
    async with aclosing(read_all(settings, [DEAD_LETTERS])) as records:
        async for record in records:
            place = f"{record.partition}:{record.offset}"
            try:
                yield FiledLetter(place, decode(DeadLetter, record.value or b""))
            except InvalidRecordError as error:
                click.echo(f"dead letter {place} cannot be read itself: {error.detail}", err=True)


def _payload(value: bytes, redact: Redact) -> tuple[str, str, bool]:
    """Give the text, its encoding and whether it was cut; redacted before it is cut."""
    text, is_text = _text(value)
    window = PAYLOAD_LIMIT + LONGEST_SECRET
    cut = len(text) > window
    redacted = redact(text[:window])
    if cut:
        # A secret that the window cut in two is not recognised: its first part must not stay.
        redacted = redacted[:-LONGEST_SECRET]
    encoded = redacted.encode("utf-8" if is_text else "latin-1", "replace")
    kept = encoded[:PAYLOAD_LIMIT]
    truncated = cut or len(kept) < len(encoded)
    if is_text:
        return kept.decode("utf-8", "ignore"), "utf-8", truncated
    return base64.b64encode(kept).decode("ascii"), "base64", truncated


def _text(value: bytes) -> tuple[str, bool]:
    try:
        return value.decode("utf-8"), True
    except UnicodeDecodeError:
        # One character per byte, so that secrets within binary data are found as well.
        return value.decode("latin-1"), False
