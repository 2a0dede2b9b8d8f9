"""What does a log line say, however it was wrapped? Its text, severity and attributes."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from detectors.intake.log_format import Told, json_told, logfmt_told, trace_in
from detectors.intake.severity_word import severity_in
from detectors.intake.stack_trace import identity_of

LINE_LIMIT = 32_768
"""Characters that are kept of a line; what is cut is marked."""

_CUT = " …"
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NONE: dict[str, Any] = {}


class Line(NamedTuple):
    """A line without its wrapping."""

    body: str
    severity: str | None
    """As sent, else as the line tells it (see `severity_in`); of a stack trace that tells none, error."""
    attributes: Mapping[str, Any]
    identity: str | None = None
    """The fault that a stack trace shows, in the body or in a field of its own."""


_new: Callable[[type[Line], tuple[Any, ...]], Line] = tuple.__new__
"""Skips the constructor's reading of names, which costs as much as all else that a plain line needs."""


def line_of(body: str, severity: str | None = None, attributes: Mapping[str, Any] | None = None) -> Line:
    """Unwrap a line: JSON or logfmt around its message, terminal codes, control characters, too great length.

    The severity is looked for only where none was sent.
    """
    known = attributes or _NONE
    if stands_alone(body):
        if not known:
            return _new(Line, (body, severity or severity_in(body), known, None))
        identity = _identity(body, known)
        return Line(body, severity or severity_in(body) or _thrown(identity), known, identity)
    told = _told(body) if len(body) <= LINE_LIMIT else None
    if told is None:
        text = cleaned(body)
        identity = _identity(text, known)
        return Line(text, severity or severity_in(text) or _thrown(identity), known, identity)
    # What a container wrote is often itself a line with a wrapping of its own.
    inner = line_of(told.message.rstrip("\r\n"))
    identity = inner.identity or (identity_of(told.trace) if told.trace else None) or _identity("", known)
    found = severity or told.severity or inner.severity or _thrown(identity)
    return Line(inner.body, found, {**told.attributes, **inner.attributes, **known}, identity)


def stands_alone(body: str) -> bool:
    """Tell whether a line has no wrapping: nothing is to be taken off, cut or read of it."""
    return body.isprintable() and len(body) <= LINE_LIMIT and body[:1] != "{" and "msg=" not in body


def cleaned(text: str) -> str:
    """Give a text without terminal codes and control characters, cut visibly beyond `LINE_LIMIT`."""
    if text.isprintable() and len(text) <= LINE_LIMIT:
        return text
    clean = _CONTROL.sub("", _TERMINAL.sub("", text[:LINE_LIMIT]))
    return clean + _CUT if len(text) > LINE_LIMIT else clean


def _told(body: str) -> Told | None:
    if body[:1] == "{":
        return json_told(body)
    return logfmt_told(body.rstrip()) if "msg=" in body else None


def _identity(text: str, attributes: Mapping[str, Any]) -> str | None:
    found = identity_of(text)
    if found is None and attributes and (trace := trace_in(attributes)):
        return identity_of(trace)
    return found


def _thrown(identity: str | None) -> str | None:
    return "error" if identity else None
