"""What does a record of an input topic say? Events, a heartbeat, or why it cannot be read."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from detectors.intake.line_batch import NO_LINES, LineBatch, batch_of
from detectors.intake.otlp import is_batch, log_lines, sound_log_lines
from detectors.intake.redaction import Redactor
from models import topic
from models.event import Alert, Change, Event, Feedback, FeedbackAction, LogLine, LogRecord, Metric, Span
from models.event_time import EARLIEST, LATEST
from models.record import UNREADABLE, InvalidRecordError, content_id, convert, decode
from models.tick import Heartbeat

EVENT_TYPES: dict[str, type[Event]] = {
    topic.ALERTS: Alert,
    topic.DEPLOYS: Change,
    topic.FEEDBACK: Feedback,
    topic.LOGS: LogRecord,
    topic.METRICS: Metric,
    topic.SPANS: Span,
}

AHEAD = timedelta(hours=1)
"""An event that is so far ahead of when it was recorded would make everything after it late."""

_IDENTITIES = {"event_id", "fingerprint"}
"""Where one looks like a secret it is left out: equal placeholders would make different things one."""


_EARLIEST_S, _LATEST_S = EARLIEST.timestamp(), LATEST.timestamp()


_DECODER = msgspec.json.Decoder(LogLine)


class _Tagged(msgspec.Struct):
    kind: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """Why a record, or one element of it, cannot be read."""

    error: InvalidRecordError
    element: int | None = None
    """Position in an array or batch; None: the whole record."""
    payload: bytes | None = None
    """That element as JSON."""


def sound_lines(values: Sequence[bytes]) -> LineBatch:
    """Read records of `logs` of which each is one sound line, or one record that is a batch of such lines.

    Empty: a record is something else, or a line is not sound, and `read` says what it is.

    Args:
        values: One record or several.
    """
    try:
        if len(values) == 1 and is_batch(values[0]):
            batch = sound_log_lines(values[0])
        else:
            lines = _lines(values)
            batch = batch_of(lines, _moments(lines))
    except (*UNREADABLE, InvalidRecordError, OSError):
        return NO_LINES
    moments = batch.moments
    is_possible = bool(moments) and min(moments) >= _EARLIEST_S and max(moments) < _LATEST_S
    return batch if is_possible else NO_LINES


def _lines(values: Sequence[bytes]) -> list[LogLine]:
    if len(values) == 1:
        return [_DECODER.decode(values[0])]
    joined = b"\n".join(values)
    if joined.count(b"\n") >= len(values):
        return []  # a record with a line break of its own would pass for two
    lines = _DECODER.decode_lines(joined)
    return lines if len(lines) == len(values) else []


def _moments(lines: list[LogLine]) -> list[float]:
    try:
        return [line.timestamp.timestamp() for line in lines]
    except AttributeError:
        # A number goes through a datetime, as every other time that is read.
        sent = [cast("datetime | float", line.timestamp) for line in lines]
        times = [each if isinstance(each, datetime) else datetime.fromtimestamp(each, UTC) for each in sent]
        return [each.timestamp() for each in times]


def read_recorded(
    source: str, data: bytes, redactor: Redactor, recorded_at: datetime, limit_bytes: int
) -> Iterator[Event | Heartbeat | Refusal]:
    """Read a record of an input topic, and refuse what must not be passed on.

    That is an alert, change or feedback of more than `limit_bytes`, and any event more than `AHEAD`
    ahead of the time at which the record was recorded.
    """
    if source in topic.DIRECT and len(data) > limit_bytes:
        detail = f"{len(data):,} bytes, {limit_bytes:,} are allowed - at `$`"
        yield Refusal(InvalidRecordError("too_large", detail))
        return
    latest = recorded_at + AHEAD
    for told in read(source, data, redactor):
        if isinstance(told, Refusal) or told.timestamp <= latest:
            yield told
        else:
            ahead = f"more than {AHEAD} ahead of when it was recorded"
            detail = f"{told.timestamp.isoformat()} lies {ahead} - at `$.timestamp`"
            yield Refusal(InvalidRecordError("time_in_future", detail))


def read(source: str, data: bytes, redactor: Redactor) -> Iterator[Event | Heartbeat | Refusal]:
    """Read a record of an input topic.

    Bulk topics (logs, metrics, spans) may also carry an array of events, and logs a batch in OTLP
    JSON: each bad element is refused alone. Events of the direct topics come out redacted, with an
    id, and with the fields that we do not know kept in `extra`.
    """
    try:
        if source in topic.BULK:
            yield from _bulk(EVENT_TYPES[source], data)
        else:
            yield _direct(EVENT_TYPES[source], data, redactor)
    except InvalidRecordError as error:
        yield Refusal(error)


def _bulk(kind: type[Event], data: bytes) -> Iterator[Event | Heartbeat | Refusal]:
    try:
        yield decode(kind, data)
    except InvalidRecordError as error:
        if data.lstrip()[:1] == b"[":
            yield from _each(kind, decode(list[Any], data))
        elif kind is LogRecord and is_batch(data):
            yield from _each(kind, log_lines(data))
        elif _is_heartbeat(data):
            yield decode(Heartbeat, data)
        else:
            raise error from None


def _each(kind: type[Event], elements: Iterable[Any]) -> Iterator[Event | Refusal]:
    for number, element in enumerate(elements):
        try:
            yield convert(kind, element)
        except InvalidRecordError as error:
            yield Refusal(error, number, msgspec.json.encode(element))


def _direct(kind: type[Event], data: bytes, redactor: Redactor) -> Event | Heartbeat:
    try:
        raw = decode(dict[str, Any], data)
    except InvalidRecordError:
        decode(kind, data)  # names the field, where the type of the whole cannot
        raise
    if raw.get("kind") == "heartbeat":
        return convert(Heartbeat, raw)
    known = {"kind", *kind.__struct_fields__}
    extra = {name: value for name, value in raw.items() if name not in known}
    sent = raw.get("extra") or {}
    if extra and isinstance(sent, dict):
        raw = {name: value for name, value in raw.items() if name in known} | {"extra": {**extra, **sent}}
    clean = redactor.redact_value(raw)
    for name in _IDENTITIES & clean.keys():
        if clean[name] != raw[name]:
            del clean[name]
    event = convert(kind, clean)
    if isinstance(event, Feedback):
        _check_complete(event)
    return event if event.event_id else msgspec.structs.replace(event, event_id=_id_of(event))


def _check_complete(said: Feedback) -> None:
    """Refuse a merge and a split that do not say of what."""
    lacks = {
        FeedbackAction.MERGE: not said.into_incident_id and ("into_incident_id", "the incident that goes on"),
        FeedbackAction.SPLIT: not (said.alerts or said.service) and ("alerts", "what leaves, or service"),
    }.get(said.action)
    if lacks:
        name, why = lacks
        detail = f"a {said.action.value} needs the field `{name}`: {why} - at `$.{name}`"
        raise InvalidRecordError("invalid_field", detail)


def _is_heartbeat(data: bytes) -> bool:
    try:
        return b'"heartbeat"' in data and decode(_Tagged, data).kind == "heartbeat"
    except InvalidRecordError:
        return False


def _id_of(event: Event) -> str:
    """Give an event without an id one that follows from its content."""
    fields = {name: getattr(event, name) for name in event.__struct_fields__ if name != "event_id"}
    return content_id(type(event).__name__.lower(), fields)
