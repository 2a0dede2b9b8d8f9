"""What did one request do within one service, as far as a sampled trace tells?"""

from typing import NamedTuple

from models.chunk import SpanMark, TracePart

LINE, OPERATION, CALL, LAST_CALL = "line", "operation", "call", "last call"


class Request(NamedTuple):
    """What one request did within one service."""

    service: str
    entry: str
    """The operation by which it came in; empty: its spans are not known, only its lines."""
    marks: frozenset[tuple[str, str]]
    """Kind (a pattern of log lines, an inner operation, a called service, the last one called) and name."""


def requests_of(trace: TracePart) -> list[Request]:
    """Split a trace into what it did within each service, one request for each span that enters one.

    Lines whose span is not in the sample count for the service as a whole where none of its spans is
    known, and are left out otherwise.
    """
    entry_of = {span_id: _entry_of(span_id, trace.spans) for span_id in trace.spans}
    marks: dict[tuple[str, str], set[tuple[str, str]]] = {}
    calls: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for span_id, span in trace.spans.items():
        unit = (span.service, entry_of[span_id])
        inside = marks.setdefault(unit, set())
        if entry_of[span_id] != span_id:
            inside.add((OPERATION, span.name))
        else:
            caller = trace.spans.get(span.parent)
            if caller is not None and caller.service != span.service:
                calling = (caller.service, entry_of[span.parent])
                marks.setdefault(calling, set()).add((CALL, span.service))
                calls.setdefault(calling, []).append((span.started_ms, span.service))
    known = {span.service for span in trace.spans.values()}
    for line in trace.lines:
        span_at = trace.spans.get(line.span)
        if span_at is not None and span_at.service == line.service:
            marks[line.service, entry_of[line.span]].add((LINE, line.template))
        elif line.service not in known:
            marks.setdefault((line.service, ""), set()).add((LINE, line.template))
    for unit, made in calls.items():
        marks[unit].add((LAST_CALL, max(made)[1]))
    return [
        Request(service, trace.spans[entry].name if entry else "", frozenset(found))
        for (service, entry), found in marks.items()
    ]


def _entry_of(span_id: str, spans: dict[str, SpanMark]) -> str:
    """Follow the parents within the service; a ring of parents ends where it began."""
    seen = {span_id}
    while True:
        span = spans[span_id]
        parent = spans.get(span.parent)
        if parent is None or parent.service != span.service or span.parent in seen:
            return span_id
        span_id = span.parent
        seen.add(span_id)
