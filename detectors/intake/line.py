"""What does a log line say, however it was wrapped? Its text, severity and attributes."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from detectors.intake.stack_trace import identity_of

LINE_LIMIT = 32_768
"""Characters that are kept of a line; what is cut is marked."""

MOST_ATTRIBUTES = 32
"""Fields of a JSON line that are kept beside its message, the first ones."""

ATTRIBUTE_LIMIT = 256
"""Characters that are kept of such a field."""

_CUT = " …"
_MESSAGES = ("message", "msg", "@message", "log", "event", "body", "text")
_LEVELS = ("level", "severity", "levelname", "log.level", "lvl")
_NESTED = ("fields", "record", "data")
_LEVEL = re.compile(
    r"(?:[\d\-/:.,TZ+ ]{8,40}\s*)?\[?(FATAL|CRITICAL|ERROR|WARNING|WARN|INFO|DEBUG|TRACE)\b[\]: ]"
)
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Line(NamedTuple):
    """A line without its wrapping."""

    body: str
    severity: str | None
    """As sent, else as a JSON line or a level word at the usual places tells it."""
    attributes: Mapping[str, Any]
    identity: str | None = None
    """The fault that a stack trace in the body shows."""


def line_of(body: str, severity: str | None = None, attributes: Mapping[str, Any] | None = None) -> Line:
    """Unwrap a line: JSON around its message, terminal codes, control characters, too great length."""
    known = attributes or {}
    if body.isprintable() and body[:1] != "{" and len(body) <= LINE_LIMIT:
        return Line(body, severity or _guess(body), known)
    if body[:1] == "{" and len(body) <= LINE_LIMIT:
        told = _from_json(body)
        if told is not None:
            message, level, others = told
            text = _clean(message)
            return Line(text, severity or level, {**others, **known}, identity_of(text))
    text = _clean(body)
    return Line(text, severity or _guess(text), known, identity_of(text))


def _guess(text: str) -> str | None:
    found = _LEVEL.match(text)
    return found[1].lower() if found else None


def _clean(text: str) -> str:
    kept = text[:LINE_LIMIT]
    clean = _CONTROL.sub("", _TERMINAL.sub("", kept))
    return clean + _CUT if len(text) > LINE_LIMIT else clean


def _from_json(body: str) -> tuple[str, str | None, dict[str, str]] | None:
    try:
        fields = msgspec.json.decode(body.encode("utf-8", "replace"), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None
    inner = [fields[name] for name in _NESTED if isinstance(fields.get(name), dict)]
    for holder in (fields, *inner):
        for name in _MESSAGES:
            message = holder.get(name)
            if isinstance(message, str):
                level = next((fields[each] for each in _LEVELS if isinstance(fields.get(each), str)), None)
                left = {key: value for key, value in fields.items() if key not in {name, *_LEVELS}}
                kept = [(key, value) for key, value in left.items() if isinstance(value, str | int | float)]
                others = {key: str(value)[:ATTRIBUTE_LIMIT] for key, value in kept[:MOST_ATTRIBUTES]}
                return message, level, others
    return None
