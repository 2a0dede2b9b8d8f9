"""What is left of a chunk of bulk telemetry? Counts and sketches by service and bucket."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from detectors.flow.ledger import Buckets
from detectors.flow.sketch import merge_sketches, sketch_of
from detectors.intake.bucket import MOST_NAMES, RECORD_BYTES, WIDTH_S, most_names, newest, smallest
from detectors.intake.concentration import count_places, count_values
from detectors.intake.line import line_of, stands_alone
from detectors.intake.log_format import trace_in
from detectors.intake.origin import origin_of
from detectors.intake.pattern_tally import (
    ERRORS,
    SEVERITY_RANK,
    Tally,
    log_severity,
    sample_of,
)
from detectors.intake.redaction import Redactor
from detectors.intake.secret import is_plain
from detectors.intake.trace_assembly import TraceAssembly
from detectors.intake.trace_joining import HeldLine, Statement, TraceJoining
from detectors.intake.trace_sample import ScopeOf, TraceSampler, cut_name, in_default_scope
from detectors.mining.pattern import (
    Pattern,
    is_more_than_words,
    key_of,
    pattern_of,
    pattern_of_masked,
)
from detectors.mining.recall import Memo, Recall
from detectors.mining.token import mask
from models import topic
from models.chunk import (
    Chunk,
    LogPatterns,
    MetricBuckets,
    SpanBuckets,
    SpanMark,
    SpanStats,
    TraceSamples,
)
from models.event import Event, LogLine, LogRecord, Metric, Span
from models.topic import Outgoing

_LONGEST_ESCAPE = 6
"""Bytes of one character in JSON at most."""
_FAILED = ("error", "status_code_error", "2", "failed", "failure")
"""How senders write that a span failed; 2 is OpenTelemetry's number for it."""

LINES_REMEMBERED = 20_000
"""Lines of a generation, digits aside, whose pattern is remembered: two are about 16 MB."""

_plain: WeakKeyDictionary[Redactor, Recall[bytes, Pattern]] = WeakKeyDictionary()
"""Patterns of lines that a redactor leaves as they are; it changes no result, only what it costs."""

WORDS_REMEMBERED = 20_000


def _masked_if_plain(word: str) -> str:
    masked = mask(word)
    if masked in ("<n>", "<hex>"):
        return masked  # digits and letters of hexadecimal numbers make no name, no hint and no fault
    return masked if is_plain(word) and not TraceAssembly.may_open_with(word) else ""


_plain_words: Memo[str, str] = Memo(_masked_if_plain, WORDS_REMEMBERED)
"""Words masked, digits aside; empty: it may have a part in a secret, or in the head of a trace."""


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
        self._plain = _plain.setdefault(redactor, Recall(LINES_REMEMBERED))
        self._samples = TraceSampler(scope_of)
        self._owners: dict[str, str] = {}
        """Services as sent, and redacted."""
        self._services: dict[str, Buckets[Any]] = {}
        self._left_out: Counter[str] = Counter()
        self._sent: dict[str, Buckets[Any]] = {}
        """The same by services as they were sent."""
        self._size = 0

    @property
    def size(self) -> int:
        """Rough size of what is folded so far (bytes), to end a chunk before a record grows too large."""
        return self._size + self._samples.size

    def add(self, event: Event) -> None:
        """Count one log line, metric point or span."""
        if isinstance(event, LogRecord):
            self.add_line(event.timestamp.timestamp(), event)
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
                self._samples.add_span(event.trace_id, event.span_id, mark)

    def add_line(self, at: float, line: LogLine | LogRecord) -> None:
        """Count one log line by its event time (epoch seconds).

        The hot path: a line that differs from an earlier one in digits alone is neither unwrapped, nor
        redacted, nor masked again, where none of that looked at the value of a digit.
        """
        sent, attributes = line.severity, line.attributes
        if sent and not (attributes and trace_in(attributes)):
            body = line.body
            key = key_of(body)
            pattern = self._plain.get(key) or self._plain_pattern(key, body)
            if pattern is not None and line.service not in self._open:
                self._count(line.service, at, pattern, log_severity(sent), body, attributes)
                if line.trace_id:
                    self._sample(at, line, pattern)
                return
        self._add_log(at, line)

    def _sample(self, at: float, line: LogLine | LogRecord, pattern: Pattern) -> None:
        service = self._owners.get(line.service)
        if service is None:
            service = self._owners[line.service] = self._redact(line.service)
        self._samples.add_line(service, at, line.trace_id or "", line.span_id, pattern[1])

    def _plain_pattern(self, key: bytes, body: str) -> Pattern | None:
        """Give the pattern of a line that is what it was sent as; None: that takes a longer look.

        Each of its words is innocent, so all of it is, but for numbers that are told by their length, and
        for a name that stands alone.
        """
        found = self._plain.older(key)
        if found is None and stands_alone(body) and not self._redactor.may_be_number(key):
            text = key.decode("utf-8", "surrogatepass")
            words = [] if is_more_than_words(text) else list(map(_plain_words.__getitem__, text.split()))
            if len(words) > 1 and "" not in words:
                found = pattern_of_masked(" ".join(words))
                self._plain.offer(key, found)
        return found

    def may_open(self, line: LogLine | LogRecord) -> bool:
        """Tell whether a line looks like the head of a trace."""
        if self._plain.get(key_of(line.body)) is not None:
            return False
        found = line_of(line.body, line.severity, line.attributes)
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
        """Give one record for each service of the chunk, in alphabetical order."""
        target, kind = _FOLDED[source]
        for service in sorted(self._services):
            folded = self._services[service]
            buckets = {start: _told(each) for start, each in folded.items()}
            if self.size > RECORD_BYTES // _LONGEST_ESCAPE:
                buckets = newest(buckets)
            beyond = sum(map(len, folded.values())) - sum(map(len, buckets.values()))
            left_out = self._left_out[service] + beyond
            value = kind(service=service, chunk=chunk, buckets=buckets, left_out=left_out)
            yield Outgoing(topic=target, key=service, value=value)
        sampled = self._samples.contents()
        for scope in sorted(sampled):
            buckets, left_out = newest(sampled[scope]), self._samples.left_out(scope)
            traces = TraceSamples(scope=scope, chunk=chunk, buckets=buckets, left_out=left_out)
            yield Outgoing(topic=topic.TRACE_SAMPLES, key=scope, value=traces)

    def _add_log(self, at: float, sent: LogLine | LogRecord) -> None:
        service, body = sent.service, sent.body
        line = line_of(body, sent.severity, sent.attributes)
        text = self._redact(line.body)
        opens = line.identity is None and TraceAssembly.opens(text)
        if self._traces is not None:
            if line.identity is not None:
                self.settle(self._traces.end(service))
            elif opens or service in self._open:
                if sent.trace_id:
                    self._sample(at, sent, pattern_of(text))
                held = HeldLine(at, text, log_severity(line.severity), line.attributes)
                self.settle(self._traces.feed(service, held))
                return
        pattern = pattern_of(self._redact(line.identity) if line.identity else text)
        self._count(service, at, pattern, log_severity(line.severity), text, line.attributes)
        if sent.trace_id:
            self._sample(at, sent, pattern)
        if opens or text is not body or line.identity is not None:
            return
        # What was unwrapped or redacted, or may have been for its digits, is looked at each time.
        if not self._redactor.depends_on_digits(body):
            self._plain.offer(key_of(body), pattern)

    def _count(
        self, service: str, at: float, pattern: Pattern, severity: str, text: str,
        attributes: Mapping[str, Any] | None,
    ) -> None:  # fmt: skip
        start = int(at) // WIDTH_S * WIDTH_S
        name, template = pattern
        try:
            tally = self._sent[service][start][name]
        except KeyError:
            tally = self._tally(service, start, name, Tally(template, severity, at, sample_of(text)))
        tally.count += 1
        if severity in ERRORS:
            tally.errors += 1
        if severity != tally.severity:
            tally.severity = max(tally.severity, severity, key=SEVERITY_RANK.__getitem__)
        if at > tally.last_at:  # noqa: PLR1730  # a call of max costs as much as all the rest of it
            tally.last_at = at
        if at <= tally.first_at:
            tally.first_at, tally.sample = min((tally.first_at, tally.sample), (at, sample_of(text)))
        if attributes:
            self._size += count_places(tally.places, attributes, self._redactor)
        if tally.is_credential:
            self._size += count_values(tally.places, origin_of(text, attributes))

    def _tally(self, service: str, start: int, name: str, new: Tally) -> Tally:
        owner = self._redact(service)
        buckets = self._sent[service] = self._services.setdefault(owner, {})
        contents = buckets.setdefault(start, {})
        known = contents.get(name)
        if known is None:
            known = contents[name] = new
            self._size += len(name) + 200 + 2 * len(new.template) + len(new.sample)
            self._bound(owner, start, MOST_NAMES)
        return known

    def _add(
        self, service: str, event: Event, name: str, content: Any, merge: Callable[[Any, Any], Any]
    ) -> None:
        start = int(event.timestamp.timestamp()) // WIDTH_S * WIDTH_S
        service = self._redact(service)
        contents = self._services.setdefault(service, {}).setdefault(start, {})
        known = contents.get(name)
        if known is None:
            contents[name] = content
            self._size += len(name) + 300
            self._bound(service, start, most_names(content))
        else:
            contents[name] = merge(known, content)

    def _bound(self, service: str, start: int, most: int) -> None:
        contents = self._services[service][start]
        if len(contents) > 2 * most:
            kept = self._services[service][start] = smallest(contents, most)
            self._left_out[service] += len(contents) - len(kept)


def merge_spans(one: SpanStats, other: SpanStats) -> SpanStats:
    """Count the spans of both."""
    return SpanStats(
        durations=merge_sketches(one.durations, other.durations),
        errors=one.errors + other.errors,
        peer=one.peer,
    )


_FOLDED: dict[str, tuple[str, Callable[..., LogPatterns | MetricBuckets | SpanBuckets]]] = {
    topic.LOGS: (topic.LOG_PATTERNS, LogPatterns),
    topic.METRICS: (topic.METRIC_BUCKETS, MetricBuckets),
    topic.SPANS: (topic.SPAN_BUCKETS, SpanBuckets),
}


def _told(contents: dict[str, Any]) -> dict[str, Any]:
    kept = smallest(contents)
    return {name: each.told() if isinstance(each, Tally) else each for name, each in kept.items()}
