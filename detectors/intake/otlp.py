"""Which log lines are in a batch of OpenTelemetry logs (OTLP JSON)?"""

import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from detectors.intake.line_batch import LineBatch
from models.event import LONGEST_NAME
from models.record import InvalidRecordError, decode

_SEVERITY_STEPS = ("trace", "debug", "info", "warn", "error", "fatal")
_STEP = 4
"""OpenTelemetry numbers severities from 1, four to each of the six words."""

_SEVERITIES = {
    1 + _STEP * step + finer: word for step, word in enumerate(_SEVERITY_STEPS) for finer in range(_STEP)
}

_WHOLE = re.compile(r"-?[0-9]{1,19}")

UNKNOWN_SERVICE = "unknown_service"
"""OpenTelemetry's own word for a resource that does not say its `service.name`."""


class _Value(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: str | int | None = None
    double_value: float | None = None
    bytes_value: str | None = None
    array_value: dict[str, Any] | None = None
    kvlist_value: dict[str, Any] | None = None


class _Attribute(msgspec.Struct):
    key: str
    value: _Value = msgspec.field(default_factory=_Value)


class _Record(msgspec.Struct, rename="camel"):
    time_unix_nano: str | int | None = None
    observed_time_unix_nano: str | int | None = None
    severity_number: int = 0
    severity_text: str = ""
    body: _Value | None = None
    attributes: list[_Attribute] = []
    trace_id: str = ""
    span_id: str = ""


class _Scope(msgspec.Struct, rename="camel"):
    log_records: list[_Record] = []


class _Resource(msgspec.Struct):
    attributes: list[_Attribute] = []


class _ResourceLogs(msgspec.Struct, rename="camel"):
    resource: _Resource = msgspec.field(default_factory=_Resource)
    scope_logs: list[_Scope] = []


class _Batch(msgspec.Struct, rename="camel"):
    resource_logs: list[_ResourceLogs]


def is_batch(data: bytes) -> bool:
    """Tell whether a record may be such a batch, by its first bytes."""
    return b'"resourceLogs"' in data[:256]


def log_lines(data: bytes) -> Iterator[dict[str, Any]]:
    """Give the fields of each log line of a batch, in its order, as our own format names them.

    The time is the record's own, else when it was observed. Source: OpenTelemetry protocol,
    opentelemetry/proto/logs/v1/logs.proto, JSON encoding.

    Raises:
        InvalidRecordError: The batch is malformed as a whole.
    """
    for service, shared, records in _resources(data):
        for record in records:
            yield {
                "timestamp": _seconds(record),
                "service": service,
                "body": _text(record.body),
                "severity": _severity(record),
                "trace_id": record.trace_id or None,
                "span_id": record.span_id or None,
                "attributes": _attributes(shared, record),
            }


def sound_log_lines(data: bytes) -> LineBatch:
    """Give the lines of a batch as `log_lines` does, without the way over names and checks of types.

    Raises:
        InvalidRecordError: The batch is malformed as a whole, or a line has no time or no service's name.
    """
    services: list[str] = []
    shared: list[dict[str, Any]] = []
    records: list[_Record] = []
    for service, common, found in _resources(data):
        if not (isinstance(service, str) and 1 <= len(service) <= LONGEST_NAME):
            raise InvalidRecordError("invalid_field", "a line has no name of a service")
        services += [service] * len(found)
        shared += [common] * len(found)
        records += found
    moments = [_seconds(each) for each in records]
    if not all(isinstance(at, float) for at in moments):
        raise InvalidRecordError("invalid_field", "a line has no time")
    return LineBatch(
        cast("list[float]", moments),
        services,
        [_text(each.body) for each in records],
        [_severity(each) for each in records],
        [_attributes(each, record) for each, record in zip(shared, records, strict=True)],
        [each.trace_id or None for each in records],
        [each.span_id or None for each in records],
    )


def _resources(data: bytes) -> Iterator[tuple[Any, dict[str, Any], list[_Record]]]:
    for resource in decode(_Batch, data).resource_logs:
        shared = {each.key: _plain(each.value) for each in resource.resource.attributes}
        service = shared.pop("service.name", None) or UNKNOWN_SERVICE
        for scope in resource.scope_logs:
            yield service, shared, scope.log_records


def _attributes(shared: dict[str, Any], record: _Record) -> dict[str, Any]:
    if not record.attributes:
        return shared
    return {**shared, **{each.key: _plain(each.value) for each in record.attributes}}


def _seconds(record: _Record) -> float | str | None:
    for sent in (record.time_unix_nano, record.observed_time_unix_nano):
        if sent in (None, 0, "0", ""):
            continue
        nanoseconds = _whole(sent)
        return nanoseconds // 1_000 / 1e6 if isinstance(nanoseconds, int) else nanoseconds
    return None


def _whole(sent: str | int | None) -> int | str:
    """Give a whole number of at most 64 bits; what is none stays the text that it is."""
    text = sent if isinstance(sent, str) else str(sent)
    return int(text) if _WHOLE.fullmatch(text) else text


def _severity(record: _Record) -> str | None:
    return _SEVERITIES.get(record.severity_number) or record.severity_text or None


def _text(body: _Value | None) -> str:
    if body is not None and body.string_value is not None and body.int_value is None:
        return body.string_value
    value = None if body is None else _plain(body)
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def _plain(value: _Value) -> Any:
    if value.int_value is not None:
        return _whole(value.int_value)
    given = (value.string_value, value.bool_value, value.double_value, value.bytes_value)
    nested = (value.array_value, value.kvlist_value)
    return next((each for each in (*given, *nested) if each is not None), None)
