"""Which traces of a bucket are kept whole, so that one can see how requests go through the services?

Counts tell how often something happens, not what belongs together. So of each bucket of a scope some
traces are kept with their spans and log lines: those whose ids have the smallest hashes. A trace that
is among the smallest of a bucket is among the smallest of every chunk that holds a part of it, so
what is kept does not depend on where chunks end, and logs and spans keep the same traces.

Weakness: of more traces than fit a rare operation is seen as rarely as it occurs,
and log lines that name no trace are not seen at all.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from detectors.flow.ledger import Buckets
from detectors.intake.bucket import WIDTH_S
from detectors.mining.skeleton import skeleton_of
from models.catalog import DEFAULT_SCOPE
from models.chunk import LineMark, SpanMark, TracePart

ScopeOf = Callable[[str, datetime], str]
"""Gives the scope of a service at a moment of event time."""

MOST_TRACES = 100
"""Traces of a bucket of a scope."""

MOST_MARKS = 160
"""Spans, and as many patterns of lines, of one trace in one bucket: a page of a shop takes fifty."""

MOST_TOGETHER = 1_500
"""Spans and lines of all traces of a bucket: some 200 kB. What fits of a bucket fits of each of its parts."""

_LONGEST_NAME = 120
_MARK_BYTES = 150


def in_default_scope(service: str, at: datetime) -> str:
    """Give the scope of every service where no catalog is known."""
    return DEFAULT_SCOPE


def hashed(sent: str) -> str:
    """Give the hash by which an id is known: whatever a sender puts there, a secret too, goes no further."""
    return blake2b(sent.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class TraceSampler:
    """The sampled traces of one chunk, by scope; the order in which they are added does not matter."""

    def __init__(self, scope_of: ScopeOf) -> None:
        """Start empty; traces are sampled under the scopes of their services."""
        self._scope_of = scope_of
        self._scopes: dict[tuple[str, int], str] = {}
        self._buckets: dict[tuple[str, int], _Bucket] = {}
        self._names: dict[str, str] = {}
        self.size = 0
        """Rough size of what is kept so far (bytes)."""

    def add_span(self, trace_id: str, span_id: str, mark: SpanMark) -> None:
        """Keep a span if its trace is sampled."""
        growing = self._trace(mark.service, mark.started_ms // 1_000, trace_id)
        if growing is not None:
            parent = hashed(mark.parent) if mark.parent else ""
            growing.add_span(hashed(span_id), msgspec.structs.replace(mark, parent=parent))
            self.size += _MARK_BYTES

    def add_line(self, service: str, at: float, trace_id: str, span_id: str | None, template: str) -> None:
        """Keep that a span wrote a line of a pattern, if its trace is sampled; its values do not count.

        Args:
            service: Its name, redacted.
            at: Event time (epoch seconds).
            trace_id: As sent.
            span_id: As sent; None: the line names no span.
            template: The pattern of the line.
        """
        growing = self._trace(service, int(at), trace_id)
        if growing is not None:
            growing.add_line(hashed(span_id) if span_id else "", service, cut_name(skeleton_of(template)))
            self.size += _MARK_BYTES

    def contents(self) -> dict[str, Buckets[TracePart]]:
        """Give what was kept, by scope and bucket."""
        kept: dict[str, Buckets[TracePart]] = {}
        for (scope, start), bucket in self._buckets.items():
            told = {name: growing.told() for name, growing in bucket.traces.items()}
            kept.setdefault(scope, {})[start] = smallest_traces(told)
        return kept

    def left_out(self, scope: str) -> int:
        """Count the spans and lines of a scope whose traces are not kept."""
        return sum(bucket.left_out for (of, _), bucket in self._buckets.items() if of == scope)

    def _trace(self, service: str, at: int, trace_id: str) -> "_Growing | None":
        name = self._names.get(trace_id)
        if name is None:
            name = self._names[trace_id] = hashed(trace_id)
        start = at // WIDTH_S * WIDTH_S
        scope = self._scopes.get((service, start))
        if scope is None:
            # As of the bucket's start: what a chunk holds besides must not decide it.
            scope = self._scope_of(service, datetime.fromtimestamp(start, UTC))
            self._scopes[service, start] = scope
        bucket = self._buckets.get((scope, start))
        if bucket is None:
            bucket = self._buckets[scope, start] = _Bucket()
        return bucket.trace(name)


class _Bucket:
    """The traces of one bucket while they are gathered."""

    __slots__ = ("left_out", "limit", "marks", "traces")

    def __init__(self) -> None:
        self.traces: dict[str, _Growing] = {}
        self.limit: str | None = None
        """Names beyond it have no room."""
        self.marks = 0
        self.left_out = 0

    def trace(self, name: str) -> "_Growing | None":
        """Give a trace to which a mark is about to be added; None: it has no room."""
        if self.limit is not None and name > self.limit:
            self.left_out += 1
            return None
        growing = self.traces.get(name)
        if growing is None:
            growing = self.traces[name] = _Growing()
        self.marks += 1
        if len(self.traces) > 2 * MOST_TRACES or self.marks > 2 * MOST_TOGETHER:
            self._make_room()
            return self.traces.get(name)
        return growing

    def _make_room(self) -> None:
        told = {name: growing.told() for name, growing in self.traces.items()}
        kept = list(smallest_traces(told))
        self.traces = {name: self.traces[name] for name in kept}
        before = sum(len(each.spans) + len(each.lines) for each in told.values())
        self.marks = sum(len(told[name].spans) + len(told[name].lines) for name in kept)
        self.left_out += before - self.marks
        if len(kept) < len(told):
            self.limit = max(kept)


class _Growing:
    """A trace while it is gathered; see `TracePart`."""

    __slots__ = ("lines", "spans")

    def __init__(self) -> None:
        self.spans: dict[str, SpanMark] = {}
        self.lines: set[tuple[str, str, str]] = set()

    def add_span(self, span_id: str, mark: SpanMark) -> None:
        _put(self.spans, span_id, mark)
        if len(self.spans) > 2 * MOST_MARKS:
            self.spans = smallest_spans(self.spans)

    def add_line(self, span_id: str, service: str, template: str) -> None:
        self.lines.add((span_id, service, template))
        if len(self.lines) > 2 * MOST_MARKS:
            self.lines = set(sorted(self.lines)[:MOST_MARKS])

    def told(self) -> TracePart:
        kept = sorted(self.lines)[:MOST_MARKS]
        return TracePart(spans=smallest_spans(self.spans), lines=[LineMark(*each) for each in kept])


def merge_traces(one: TracePart, other: TracePart) -> TracePart:
    """Give what both know of a trace."""
    spans = dict(one.spans)
    for span_id, mark in other.spans.items():
        _put(spans, span_id, mark)
    lines = sorted({*one.lines, *other.lines})[:MOST_MARKS]
    return TracePart(spans=smallest_spans(spans), lines=lines)


def smallest_traces(traces: dict[str, TracePart]) -> dict[str, TracePart]:
    """Give the traces whose ids have the smallest hashes, as many as fit, in that order."""
    kept: dict[str, TracePart] = {}
    room = MOST_TOGETHER
    for name in sorted(traces)[:MOST_TRACES]:
        room -= len(traces[name].spans) + len(traces[name].lines)
        if room < 0:
            break
        kept[name] = traces[name]
    return kept


def smallest_spans(spans: dict[str, SpanMark]) -> dict[str, SpanMark]:
    """Give the spans with the smallest ids, as many as are kept, in the order of their ids."""
    return {span_id: spans[span_id] for span_id in sorted(spans)[:MOST_MARKS]}


def cut_name(name: str) -> str:
    """Give a name of at most 120 characters; what is cut is marked."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _put(spans: dict[str, SpanMark], span_id: str, mark: SpanMark) -> None:
    known = spans.get(span_id)
    # An id that comes twice is sent again, or a mistake: the same one stays in any order.
    spans[span_id] = mark if known is None else min(known, mark, key=_span_order)


def _span_order(mark: SpanMark) -> tuple[int, float, str, str, str]:
    return mark.started_ms, mark.duration_ms, mark.service, mark.name, mark.parent
