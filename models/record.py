"""How is a record written, read and named?"""

import hashlib
from functools import cache
from types import UnionType
from typing import Any, TypeVar, overload

import msgspec

R = TypeVar("R")

_ENCODER = msgspec.json.Encoder()
_CANONICAL = msgspec.json.Encoder(order="deterministic")
_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}
UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
"""What a decoder may raise."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The base of everything that flows: frozen, written as one JSON object."""


@cache
def time_fields(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Name the fields of a record type that are event times: `timestamp`, `as_of`, `watermark`, `*_at`."""
    names = kind.__struct_fields__
    return tuple(
        each for each in names if each in ("timestamp", "as_of", "watermark") or each.endswith("_at")
    )


class InvalidRecordError(Exception):
    """A record that cannot be read, ever: it belongs on the dead-letter topic."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep a bounded reason (a metric label) and a detail that names the field."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def encode(record: Any) -> bytes:
    """Write a record as JSON, its fields in the order in which the type declares them."""
    return _ENCODER.encode(record)


@overload
def decode(kind: type[R], data: bytes) -> R: ...


@overload
def decode(kind: UnionType, data: bytes) -> Any: ...


def decode(kind: Any, data: bytes) -> Any:
    """Read a record of that type, validating every field.

    Raises:
        InvalidRecordError: The detail names the field and what was expected there.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(data)
    except UNREADABLE as error:
        raise _refusal(error) from None


def convert(kind: type[R], value: object) -> R:
    """Read a record of that type from built-in objects, validating every field.

    Raises:
        InvalidRecordError: The detail names the field and what was expected there.
    """
    try:
        return msgspec.convert(value, kind)
    except UNREADABLE as error:
        raise _refusal(error) from None


def content_id(prefix: str, *parts: object) -> str:
    """Name a thing by its content: equal parts give equal ids, on every worker and in every replay.

    >>> content_id("alert", "checkout-api", 1) == content_id("alert", "checkout-api", 1)
    True
    """
    digest = hashlib.blake2b(_CANONICAL.encode(parts), digest_size=8)
    return f"{prefix}-{digest.hexdigest()}"


def _refusal(error: Exception) -> InvalidRecordError:
    match error:
        case msgspec.ValidationError():
            return InvalidRecordError("invalid_field", str(error))
        case msgspec.DecodeError():
            return InvalidRecordError("invalid_json", str(error))
        case UnicodeDecodeError():
            return InvalidRecordError("invalid_utf8", f"not UTF-8 at byte {error.start}")
        case RecursionError():
            return InvalidRecordError("nested_too_deep", "the JSON is nested too deep to be read")
        case _:
            return InvalidRecordError("invalid_field", str(error))
