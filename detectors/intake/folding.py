"""What is left of a chunk of bulk telemetry? Counts and sketches by service and bucket."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from detectors.flow.sketch import merge_sketches, sketch_of
from detectors.intake.bucket import WIDTH_S, most_names
from detectors.intake.concentration import count_places, count_values
from detectors.intake.folded import Folded
from detectors.intake.line import line_of
from detectors.intake.line_batch import LineBatch, batch_of
from detectors.intake.log_format import trace_in
from detectors.intake.origin import origin_of
from detectors.intake.pattern_tally import SEVERITY_RANK, Tally, log_severity, sample_of
from detectors.intake.plain_line import plain_lines
from detectors.intake.redaction import Redactor
from detectors.intake.trace_assembly import TraceAssembly
from detectors.intake.trace_joining import HeldLine, Statement, TraceJoining
from detectors.intake.trace_sample import (
    ScopeOf,
    TraceBucket,
    TraceSampler,
    cut_name,
    in_default_scope,
)
from detectors.mining.pattern import Pattern, key_of, keys_of, pattern_of
from models.chunk import Chunk, SpanMark, SpanStats
from models.event import Event, LogRecord, Metric, Span
from models.topic import Outgoing

_FAILED = ("error", "status_code_error", "2", "failed", "failure")
"""How senders write that a span failed; 2 is OpenTelemetry's number for it."""

Reach = Callable[[int], None]
"""Tells the joining of traces at which line of several it stands."""


def _stay(number: int) -> None:
    pass


class Fold:
    """The events of one chunk, folded.

    The order in which they are added does not matter, but for lines that are joined to stack traces.
    """

    def __init__(
        self, redactor: Redactor, traces: TraceJoining | None = None, scope_of: ScopeOf = in_default_scope
    ) -> None:
        """Start empty.

        Args:
            redactor: Nothing that it knows as a secret is in what is folded.
            traces: Joins the lines of the partition to stack traces, over all its chunks; None: each line
                counts by itself.
            scope_of: Gives the scope under which requests through a service are sampled.
        """
        self._traces = traces
        self._open: Mapping[str, object] = {} if traces is None else traces.open
        self._redactor = redactor
        self._redact = redactor.redact
        self._plain = plain_lines(redactor)
        self._samples = TraceSampler(scope_of)
        self._folded = Folded()
        self._places: dict[str, dict[int, _Place]] = {}
        """By the service, as it was sent, and the start of the bucket."""

    @property
    def size(self) -> int:
        """Rough size of what is folded so far (bytes), to end a chunk before a record grows too large."""
        return self._folded.size + self._samples.size

    def add(self, event: Event) -> None:
        """Count one log line, metric point or span."""
        if isinstance(event, LogRecord):
            self.add_lines(batch_of([event], [event.timestamp.timestamp()]))
        elif isinstance(event, Metric):
            self._add(event.service, event, self._redact(event.name), sketch_of(event.value), merge_sketches)
        elif isinstance(event, Span):
            peer = self._redact(event.peer_service or "")
            name = f"{self._redact(event.name)} → {peer}" if peer else self._redact(event.name)
            errors = int((event.status or "").lower() in _FAILED)
            stats = SpanStats(durations=sketch_of(event.duration_ms), errors=errors, peer=peer)
            self._add(event.service, event, name, stats, merge_spans)
            if event.trace_id and event.span_id:
                service, at = self._redact(event.service), event.timestamp.timestamp()
                parent, operation = event.parent_span_id or "", cut_name(self._redact(event.name))
                mark = SpanMark(parent, service, operation, int(at * 1_000), round(event.duration_ms, 1))
                self._samples.bucket(service, int(at)).add_span(event.trace_id, event.span_id, mark)

    def add_lines(self, batch: LineBatch, reach: Reach = _stay) -> None:
        """Count log lines, in their order.

        The hot path: a line that differs from an earlier one in digits alone is neither unwrapped, nor
        redacted, nor masked again, where none of that looked at the value of a digit.

        Args:
            batch: The lines as they were read.
            reach: Called with a line's place among them before it may be joined to a trace.
        """
        known, look, opened, places = self._plain.known, self._plain.pattern, self._open, self._places
        start = end = 0
        lines = zip(*batch, keys_of(batch.bodies), strict=True)
        for number, (at, service, body, severity, attributes, trace_id, span_id, key) in enumerate(lines):
            if opened:
                reach(number)
                self.hear(at)
            if severity and not (attributes and trace_in(attributes)):
                pattern = known.get(key) or look(key, body)
                if pattern is not None and service not in opened:
                    if not start <= at < end:
                        start = int(at) // WIDTH_S * WIDTH_S
                        end = start + WIDTH_S
                    try:
                        place = places[service][start]
                    except KeyError:
                        place = self._place(service, start)
                    level = log_severity(severity)
                    tally = place.tallies.get(pattern[0])
                    if tally is None:
                        tally = self._tally(place, pattern, level, at, body)
                    tally.add(at, level, body)
                    if attributes or tally.is_credential:
                        self._spread(tally, body, attributes)
                    if trace_id:
                        place.traces.add_line(trace_id, span_id, place.service, pattern[1])
                    continue
            reach(number)
            self._add_long(batch.one(number))

    def may_open(self, line: LineBatch) -> bool:
        """Tell whether a line looks like the head of a trace."""
        (body,), (severity,), (attributes,) = line.bodies, line.severities, line.attributes
        if self._plain.known.get(key_of(body)) is not None:
            return False
        found = line_of(body, severity, attributes)
        return found.identity is None and TraceAssembly.opens(self._redact(found.body))

    def hear(self, at: float) -> None:
        """Learn how far the partition is (epoch seconds), before the line that tells it is added."""
        if self._open and self._traces is not None:
            self.settle(self._traces.hear(at))

    def settle(self, statements: Iterable[Statement]) -> None:
        """Count statements that are complete, each at its first line; a trace is as severe as its worst."""
        for each in statements:
            lines, first = each.lines, each.lines[0]
            if each.identity is None:
                pattern, text, severity = pattern_of(first.text), first.text, first.severity
            else:
                pattern = pattern_of(self._redact(each.identity))
                text = self._redact("\n".join(line.text for line in lines))
                severity = max((line.severity for line in lines), key=SEVERITY_RANK.__getitem__)
                severity = "error" if severity == "unknown" else severity
            self._count(each.service, first.at, pattern, severity, text, first.attributes)

    def records(self, source: str, chunk: Chunk) -> Iterable[Outgoing]:
        """Give one record for each service of the chunk and for each scope of sampled traces."""
        yield from self._folded.records(source, chunk)
        yield from self._samples.records(chunk)

    def _add_long(self, batch: LineBatch) -> None:
        (at,), (service,), (body,), (sent,), (attributes,), (trace_id,), (span_id,) = batch
        line = line_of(body, sent, attributes)
        text = self._redact(line.body)
        opens = line.identity is None and TraceAssembly.opens(text)
        if self._traces is not None:
            if line.identity is not None:
                self.settle(self._traces.end(service))
            elif opens or service in self._open:
                if trace_id:
                    place = self._place(service, int(at) // WIDTH_S * WIDTH_S)
                    place.traces.add_line(trace_id, span_id, place.service, pattern_of(text)[1])
                held = HeldLine(at, text, log_severity(line.severity), line.attributes)
                self.settle(self._traces.feed(service, held))
                return
        pattern = pattern_of(self._redact(line.identity) if line.identity else text)
        place = self._count(service, at, pattern, log_severity(line.severity), text, line.attributes)
        if trace_id:
            place.traces.add_line(trace_id, span_id, place.service, pattern[1])
        if opens or text is not body or line.identity is not None:
            return
        # What was unwrapped or redacted, or may have been for its digits, is looked at each time.
        if not self._redactor.depends_on_digits(body):
            self._plain.known.offer(key_of(body), pattern)

    def _count(
        self, service: str, at: float, pattern: Pattern, severity: str, text: str,
        attributes: Mapping[str, Any] | None,
    ) -> "_Place":  # fmt: skip
        place = self._place(service, int(at) // WIDTH_S * WIDTH_S)
        tally = place.tallies.get(pattern[0]) or self._tally(place, pattern, severity, at, text)
        tally.add(at, severity, text)
        self._spread(tally, text, attributes)
        return place

    def _spread(self, tally: Tally, text: str, attributes: Mapping[str, Any] | None) -> None:
        if attributes:
            self._folded.size += count_places(tally.places, attributes, self._redactor)
        if tally.is_credential:
            self._folded.size += count_values(tally.places, origin_of(text, attributes))

    def _place(self, service: str, start: int) -> "_Place":
        places = self._places.setdefault(service, {})
        place = places.get(start)
        if place is None:
            owner = self._redact(service)
            traces, tallies = self._samples.bucket(owner, start), self._folded.contents(owner, start)
            place = places[start] = _Place(owner, start, traces, tallies)
        return place

    def _tally(self, place: "_Place", pattern: Pattern, severity: str, at: float, text: str) -> Tally:
        name, template = pattern
        tally = Tally(template, severity, at, sample_of(text))
        self._folded.size += len(name) + 200 + 2 * len(template) + len(tally.sample)
        self._folded.put(place.service, place.start, name, tally)
        return tally

    def _add(
        self, service: str, event: Event, name: str, content: Any, merge: Callable[[Any, Any], Any]
    ) -> None:
        start = int(event.timestamp.timestamp()) // WIDTH_S * WIDTH_S
        service = self._redact(service)
        contents = self._folded.contents(service, start)
        known = contents.get(name)
        if known is None:
            self._folded.size += len(name) + 300
            self._folded.put(service, start, name, content, most_names(content))
        else:
            contents[name] = merge(known, content)


class _Place:
    """Where the lines of a service in a bucket are counted."""

    __slots__ = ("service", "start", "tallies", "traces")

    def __init__(self, service: str, start: int, traces: TraceBucket, tallies: dict[str, Any]) -> None:
        self.service = service
        """Redacted."""
        self.start = start
        self.traces = traces
        self.tallies = tallies
        """By pattern id."""


def merge_spans(one: SpanStats, other: SpanStats) -> SpanStats:
    """Count the spans of both."""
    return SpanStats(
        durations=merge_sketches(one.durations, other.durations),
        errors=one.errors + other.errors,
        peer=one.peer,
    )
