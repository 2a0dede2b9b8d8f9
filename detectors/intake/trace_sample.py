"""Which traces of a bucket are kept whole, so that one can see how requests go through the services?

Counts tell how often something happens, not what belongs together. So of each bucket of a scope some
traces are kept with their spans and log lines: those whose ids have the smallest hashes. A trace that
is among the smallest of a bucket is among the smallest of every chunk that holds a part of it, so
what is kept does not depend on where chunks end, and logs and spans keep the same traces.

Nearly every line of a busy bucket belongs to a trace that has no room. It is turned away by one comparison
of the checksum of its trace id, which is the first part of the trace's name.

Weakness: of more traces than fit a rare operation is seen as rarely as it occurs,
and log lines that name no trace are not seen at all. A checksum spreads ids that count up less evenly than
a hash would.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from zlib import crc32

import msgspec

from detectors.flow.ledger import Buckets
from detectors.intake.bucket import WIDTH_S, newest
from detectors.mining.skeleton import skeleton_of
from models import topic
from models.catalog import DEFAULT_SCOPE
from models.chunk import Chunk, LineMark, SpanMark, TracePart, TraceSamples
from models.topic import Outgoing

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
_MOST_LINES = 300
"""Lines that wait to be put to their traces, of a bucket."""

_NO_LIMIT = 2**32
"""No checksum reaches it."""


def in_default_scope(service: str, at: datetime) -> str:
    """Give the scope of every service where no catalog is known."""
    return DEFAULT_SCOPE


def hashed(sent: str) -> str:
    """Give the hash by which an id is known: whatever a sender puts there, a secret too, goes no further."""
    return blake2b(sent.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _name_of(trace_id: str, rank: int) -> str:
    return f"{rank:08x}{hashed(trace_id)}"


def _rank_in(name: str) -> int:
    return int(name[:8], 16)


class TraceSampler:
    """The sampled traces of one chunk, by scope; the order in which they are added does not matter."""

    def __init__(self, scope_of: ScopeOf) -> None:
        """Start empty; traces are sampled under the scopes of their services."""
        self._scope_of = scope_of
        self._buckets: dict[tuple[str, int], TraceBucket] = {}

    @property
    def size(self) -> int:
        """Rough size of what is kept so far (bytes)."""
        return _MARK_BYTES * sum(bucket.marks for bucket in self._buckets.values())

    def bucket(self, service: str, at: int) -> "TraceBucket":
        """Give the bucket in which a service's spans and lines of a moment lie (epoch seconds)."""
        start = at // WIDTH_S * WIDTH_S
        # As of the bucket's start: what a chunk holds besides must not decide it.
        scope = self._scope_of(service, datetime.fromtimestamp(start, UTC))
        return self._buckets.setdefault((scope, start), TraceBucket())

    def contents(self) -> dict[str, Buckets[TracePart]]:
        """Give what was kept, by scope and bucket."""
        kept: dict[str, Buckets[TracePart]] = {}
        for (scope, start), bucket in self._buckets.items():
            if told := bucket.told():
                kept.setdefault(scope, {})[start] = told
        return kept

    def left_out(self, scope: str) -> int:
        """Count the spans and lines of a scope whose traces are not kept."""
        return sum(bucket.left_out for (of, _), bucket in self._buckets.items() if of == scope)

    def records(self, chunk: Chunk) -> Iterable[Outgoing]:
        """Give one record for each scope, in alphabetical order."""
        for scope, buckets in sorted(self.contents().items()):
            kept, left_out = newest(buckets), self.left_out(scope)
            value = TraceSamples(scope=scope, chunk=chunk, buckets=kept, left_out=left_out)
            yield Outgoing(topic=topic.TRACE_SAMPLES, key=scope, value=value)


class TraceBucket:
    """The traces of one bucket of a scope while they are gathered."""

    __slots__ = ("_lines", "_marks", "_traces", "left_out", "limit")

    def __init__(self) -> None:
        """Start empty."""
        self.limit = _NO_LIMIT
        """Traces of a higher rank have no room."""
        self.left_out = 0
        """Spans and lines that had none."""
        self._traces: dict[str, _Growing] = {}
        self._marks = 0
        """Of these traces, at most."""
        self._lines: list[tuple[int, str, str | None, str, str]] = []
        """Lines with ranks, ids and patterns as they came: most are let go before anybody needs more."""

    @property
    def marks(self) -> int:
        """Spans and lines that are held, at most."""
        return self._marks + len(self._lines)

    def add_span(self, trace_id: str, span_id: str, mark: SpanMark) -> None:
        """Keep a span if its trace is sampled."""
        rank = crc32(trace_id.encode())
        if rank > self.limit:
            self.left_out += 1
            return
        parent = hashed(mark.parent) if mark.parent else ""
        kept = msgspec.structs.replace(mark, parent=parent)
        self._growing(trace_id, rank).add_span(hashed(span_id), kept)
        self._make_room()

    def add_line(self, trace_id: str, span_id: str | None, service: str, template: str) -> None:
        """Keep that a span wrote a line of a pattern, if its trace is sampled; its values do not count.

        Args:
            trace_id: As sent.
            span_id: As sent; None: the line names no span.
            service: Its name, redacted.
            template: The pattern of the line.
        """
        rank = crc32(trace_id.encode())
        if rank > self.limit:
            self.left_out += 1
            return
        self._lines.append((rank, trace_id, span_id, service, template))
        if len(self._lines) >= _MOST_LINES:
            self._sift()
            if len(self._lines) > _MOST_LINES // 2:
                self._settle()

    def told(self) -> dict[str, TracePart]:
        """Give what is kept, by the names of traces, which are in the order of ranks."""
        self._sift()
        self._settle()
        return self._told()

    def _told(self) -> dict[str, TracePart]:
        return smallest_traces(
            {_name_of(trace_id, each.rank): each.told() for trace_id, each in self._traces.items()}
        )

    def _growing(self, trace_id: str, rank: int) -> "_Growing":
        """Give a trace to which a mark is about to be added."""
        self._marks += 1
        growing = self._traces.get(trace_id)
        if growing is None:
            growing = self._traces[trace_id] = _Growing(rank)
        return growing

    def _sift(self) -> None:
        """Let go of lines whose traces have no room."""
        ranks = {rank for rank, *_ in self._lines}
        ranks.update(each.rank for each in self._traces.values())
        if len(ranks) > MOST_TRACES:
            self.limit = min(self.limit, sorted(ranks)[MOST_TRACES - 1])
            kept = [line for line in self._lines if line[0] <= self.limit]
            self.left_out += len(self._lines) - len(kept)
            self._lines = kept

    def _settle(self) -> None:
        """Put the lines to their traces."""
        for rank, trace_id, span_id, service, template in set(self._lines):
            span = hashed(span_id) if span_id else ""
            self._growing(trace_id, rank).add_line(span, service, cut_name(skeleton_of(template)))
        self._lines.clear()
        self._make_room()

    def _make_room(self) -> None:
        if self._marks > 2 * MOST_TOGETHER:
            kept = self._told()
            last = _rank_in(max(kept)) if len(kept) < len(self._traces) else _NO_LIMIT
        elif len(self._traces) > 2 * MOST_TRACES:
            last = sorted(each.rank for each in self._traces.values())[MOST_TRACES - 1]
        else:
            return
        self.limit = min(self.limit, last)
        # Of equal ranks all stay; their hashes decide when all is told.
        for trace_id in [name for name, each in self._traces.items() if each.rank > self.limit]:
            self.left_out += len(self._traces.pop(trace_id))
        self._marks = sum(map(len, self._traces.values()))


class _Growing:
    """A trace while it is gathered; see `TracePart`."""

    __slots__ = ("lines", "rank", "spans")

    def __init__(self, rank: int) -> None:
        self.rank = rank
        self.spans: dict[str, SpanMark] = {}
        self.lines: set[tuple[str, str, str]] = set()

    def __len__(self) -> int:
        """Give the spans and lines that are held, at least as many as are told of."""
        return len(self.spans) + len(self.lines)

    def add_span(self, span_id: str, mark: SpanMark) -> None:
        _put(self.spans, span_id, mark)
        if len(self.spans) > 2 * MOST_MARKS:
            self.spans = smallest_spans(self.spans)

    def add_line(self, span_id: str, service: str, template: str) -> None:
        self.lines.add((span_id, service, template))
        if len(self.lines) > 2 * MOST_MARKS:
            self.lines = set(sorted(self.lines)[:MOST_MARKS])

    def told(self) -> TracePart:
        self.spans = smallest_spans(self.spans)
        kept = sorted(self.lines)[:MOST_MARKS]
        self.lines = set(kept)
        return TracePart(spans=self.spans, lines=[LineMark(*each) for each in kept])


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
