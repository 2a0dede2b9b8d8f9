"""What does a structured line say? JSON of the common loggers, and logfmt, without their wrapping."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from detectors.intake.severity_word import severity_of_level, severity_of_priority

MOST_ATTRIBUTES = 32
"""Fields of a structured line that are kept beside its message, the first ones."""

ATTRIBUTE_LIMIT = 256
"""Characters that are kept of such a field."""

_MESSAGES = ("message", "msg", "@message", "@m", "@mt", "short_message", "MESSAGE", "textPayload")
_PERHAPS = ("log", "event", "body", "text")
"""Names that hold the message where none of the others is there."""
_FAULTS = ("error", "err", "error_message", "errorMessage", "reason", "detail", "description")
"""Names that hold what there is to say where nothing else does: the line tells of a fault."""

_LEVELS = (
    "level", "severity", "levelname", "log.level", "lvl", "loglevel", "@l", "LogLevel", "severityText",
    "severity_text", "Level",
)  # fmt: skip
_NESTED = ("fields", "record", "data", "jsonPayload", "log", "event", "attributes")
_TRACES = (
    "exception", "stack", "stack_trace", "stacktrace", "stackTrace", "exc_info", "error.stack",
    "error.stack_trace", "exception.stacktrace", "@x", "Exception", "traceback",
)  # fmt: skip
_THROWN = ("error", "err", "exception", "thrown", "exc", "errorInfo")
_HOLDERS = frozenset((*_TRACES, *_THROWN))
_PAIR = re.compile(r'([A-Za-z_@][\w.@/-]*)=("(?:[^"\\]|\\.)*+"|[^\s"=]*+)(?:\s+|$)')
_LEVEL_KEYS = ("level", "lvl", "severity", "time", "ts")


class Told(NamedTuple):
    """What a structured line says."""

    message: str
    severity: str | None
    attributes: dict[str, str]
    trace: str | None
    """A stack trace in a field of its own."""


def json_told(text: str) -> Told | None:
    """Read a JSON object; None where it is none, or none that holds a message."""
    try:
        fields = msgspec.json.decode(text.encode("utf-8", "replace"), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None
    inner = [fields[name] for name in _NESTED if isinstance(fields.get(name), dict)]
    whole = [fields[name] for name in _MESSAGES if isinstance(fields.get(name), dict)]
    looked_for = (
        (_MESSAGES, (fields, *inner, *whole)),
        (_PERHAPS, (*whole, fields, *inner)),
        (_FAULTS, (fields, *inner, *whole)),
    )
    for names, holders in looked_for:
        for holder in holders:
            for name in names:
                if isinstance(message := holder.get(name), str):
                    severity = next(filter(None, map(_severity, (fields, holder, *inner))), None)
                    severity = severity or ("error" if names is _FAULTS else None)
                    return Told(message, severity, _others(fields, name), trace_in(fields))
    return None


def logfmt_told(text: str) -> Told | None:
    """Read a line that is logfmt from end to end, with a message and a level or time; else None."""
    fields: dict[str, str] = {}
    end = 0
    while found := _PAIR.match(text, end):
        key, value = found.groups()
        fields[key] = re.sub(r"\\(.)", _unescaped, value[1:-1]) if value[:1] == '"' else value
        end = found.end()
    name = "msg" if "msg" in fields else "message"
    if end != len(text) or name not in fields or not any(each in fields for each in _LEVEL_KEYS):
        return None
    return Told(fields[name], _severity(fields), _others(fields, name), trace_in(fields))


def trace_in(fields: Mapping[str, Any]) -> str | None:
    """Give the stack trace that a field holds, by the names that loggers and OpenTelemetry use."""
    if _HOLDERS.isdisjoint(fields):
        return None
    return next((each for each in _traces(fields) if "\n" in each), None)


def _traces(fields: Mapping[str, Any]) -> Iterator[str]:
    for name in _TRACES:
        if isinstance(held := fields.get(name), str):
            yield held
    for name in _THROWN:
        if isinstance(held := fields.get(name), dict):
            yield from (held[each] for each in _TRACES if isinstance(held.get(each), str))


def _unescaped(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(found[1], found[1])


def _severity(fields: Mapping[str, Any]) -> str | None:
    for name in _LEVELS:
        if (level := fields.get(name)) is not None and (found := severity_of_level(level)):
            return found
    if "PRIORITY" in fields:
        return severity_of_priority(fields["PRIORITY"])
    return severity_of_priority(fields.get("level")) if "short_message" in fields else None


def _others(fields: Mapping[str, Any], message: str) -> dict[str, str]:
    left = {message, *_LEVELS, *_TRACES}
    kept = [(key, value) for key, value in fields.items() if key not in left]
    plain = [(key, value) for key, value in kept if isinstance(value, str | int | float)]
    return {key: str(value)[:ATTRIBUTE_LIMIT] for key, value in plain[:MOST_ATTRIBUTES]}
