"""What is left of a chunk of bulk telemetry? Counts and sketches by service and bucket."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from hashlib import blake2b
from typing import Any, TypeVar

from detectors.flow.ledger import Buckets
from detectors.flow.sketch import merge_sketches, sketch_of
from detectors.intake.reading import clean_body
from detectors.intake.redaction import redact
from detectors.mining.pattern import pattern_of
from models import topic
from models.chunk import Chunk, LogPatterns, MetricBuckets, PatternCount, Sketch, SpanBuckets, SpanStats
from models.event import Event, LogRecord, Metric, Span
from models.record import encode
from models.topic import Outgoing

C = TypeVar("C", bound=PatternCount | Sketch | SpanStats)

BUCKET = timedelta(seconds=10)
"""Width of a bucket: short enough for an onset, long enough for a funnel of a hundred to one."""

MOST_NAMES = 100
"""Patterns or operations of a service that are kept of one bucket: of long lines some 100 kB, so that
three open buckets and a full history stay below the megabyte that one record of the table may have."""

MOST_METRICS = 300
"""Metrics of a service that are kept of one bucket: as many as there are series of it, some 40 kB."""

RECORD_BYTES = 800_000
"""Largest folded record (bytes of its buckets): Kafka takes a megabyte unless it is told otherwise."""

_WIDTH = int(BUCKET.total_seconds())
_SAMPLE_LIMIT = 500
_LONGEST_ESCAPE = 6
"""Bytes of one character in JSON at most."""
_FAILED = ("error", "status_code_error", "2", "failed", "failure")
"""How senders write that a span failed; 2 is OpenTelemetry's number for it."""

_SEVERITIES = {
    "trace": "trace", "debug": "debug", "info": "info", "information": "info", "notice": "info",
    "warn": "warn", "warning": "warn", "error": "error", "err": "error", "severe": "error",
    "fatal": "fatal", "critical": "fatal", "crit": "fatal", "alert": "fatal", "emergency": "fatal",
    "emerg": "fatal", "panic": "fatal",
}  # fmt: skip
_RANK = {"unknown": 0, "trace": 1, "debug": 2, "info": 3, "warn": 4, "error": 5, "fatal": 6}


def log_severity(sent: str | None) -> str:
    """Give the severity of a log line as one of our seven words; what is not known is `unknown`."""
    return _SEVERITIES.get(sent.lower(), "unknown") if sent else "unknown"


class Fold:
    """The events of one chunk, folded; the order in which they are added does not matter."""

    def __init__(self) -> None:
        """Start empty."""
        self._services: dict[str, Buckets[Any]] = {}
        self._left_out: Counter[str] = Counter()
        self.size = 0
        """Rough size of what is folded so far (bytes), to end a chunk before a record grows too large."""

    def add(self, event: Event) -> None:
        """Count one log line, metric point or span."""
        if isinstance(event, LogRecord):
            self._add_log(event)
        elif isinstance(event, Metric):
            self._add(event.service, event, redact(event.name), sketch_of(event.value), merge_sketches)
        elif isinstance(event, Span):
            peer = redact(event.peer_service or "")
            name = f"{redact(event.name)} → {peer}" if peer else redact(event.name)
            errors = int((event.status or "").lower() in _FAILED)
            stats = SpanStats(durations=sketch_of(event.duration_ms), errors=errors, peer=peer)
            self._add(event.service, event, name, stats, merge_spans)

    def records(self, source: str, chunk: Chunk) -> Iterable[Outgoing]:
        """Give one record for each service of the chunk, in alphabetical order."""
        target, kind = _FOLDED[source]
        for service in sorted(self._services):
            folded = self._services[service]
            buckets = {start: smallest(each) for start, each in folded.items()}
            if self.size > RECORD_BYTES // _LONGEST_ESCAPE:
                buckets = _newest(buckets)
            beyond = sum(map(len, folded.values())) - sum(map(len, buckets.values()))
            left_out = self._left_out[service] + beyond
            value = kind(service=service, chunk=chunk, buckets=buckets, left_out=left_out)
            yield Outgoing(topic=target, key=service, value=value)

    def _add_log(self, event: LogRecord) -> None:
        body = clean_body(event.body)
        pattern, template = pattern_of(body)
        severity = log_severity(event.severity)
        at = event.timestamp.timestamp()
        line = PatternCount(
            template=template,
            count=1,
            errors=int(_RANK[severity] >= _RANK["error"]),
            severity=severity,
            first_at=at,
            last_at=at,
            sample=body if len(body) <= _SAMPLE_LIMIT else f"{body[: _SAMPLE_LIMIT - 1]}…",
        )
        self._add(event.service, event, pattern, line, merge_patterns)

    def _add(
        self, service: str, event: Event, name: str, content: Any, merge: Callable[[Any, Any], Any]
    ) -> None:
        start = int(event.timestamp.timestamp()) // _WIDTH * _WIDTH
        service = redact(service)
        contents = self._services.setdefault(service, {}).setdefault(start, {})
        known = contents.get(name)
        if known is None:
            contents[name] = content
            self.size += len(name) + _size(content)
            if len(contents) > 2 * most_names(content):
                kept = self._services[service][start] = smallest(contents)
                self._left_out[service] += len(contents) - len(kept)
        else:
            contents[name] = merge(known, content)


def merge_patterns(one: PatternCount, other: PatternCount) -> PatternCount:
    """Count the lines of both; the earliest line by (event time, text) stays the sample."""
    earlier = min(one, other, key=lambda each: (each.first_at, each.sample))
    return PatternCount(
        template=one.template,
        count=one.count + other.count,
        errors=one.errors + other.errors,
        severity=max(one.severity, other.severity, key=_RANK.__getitem__),
        first_at=earlier.first_at,
        last_at=max(one.last_at, other.last_at),
        sample=earlier.sample,
    )


def merge_spans(one: SpanStats, other: SpanStats) -> SpanStats:
    """Count the spans of both."""
    return SpanStats(
        durations=merge_sketches(one.durations, other.durations),
        errors=one.errors + other.errors,
        peer=one.peer,
    )


def _size(content: PatternCount | Sketch | SpanStats) -> int:
    """Give the rough size of one folded content as JSON (bytes)."""
    return 200 + 2 * len(content.template) + len(content.sample) if isinstance(content, PatternCount) else 300


_FOLDED: dict[str, tuple[str, Callable[..., LogPatterns | MetricBuckets | SpanBuckets]]] = {
    topic.LOGS: (topic.LOG_PATTERNS, LogPatterns),
    topic.METRICS: (topic.METRIC_BUCKETS, MetricBuckets),
    topic.SPANS: (topic.SPAN_BUCKETS, SpanBuckets),
}


def most_names(content: PatternCount | Sketch | SpanStats) -> int:
    """Give how many contents of that kind one bucket of a service may hold."""
    return MOST_METRICS if isinstance(content, Sketch) else MOST_NAMES


def smallest(contents: dict[str, C]) -> dict[str, C]:
    """Give the contents of a bucket with the smallest hashes of their names, as many as it may hold.

    What is among the smallest of a bucket is among the smallest of every chunk that holds a part
    of it, so what is kept does not depend on where chunks end.
    """
    if len(contents) <= MOST_NAMES:
        return contents
    most = most_names(next(iter(contents.values())))
    if len(contents) <= most:
        return contents
    kept = sorted(contents, key=lambda name: (blake2b(name.encode(), digest_size=8).digest(), name))
    return {name: contents[name] for name in kept[:most]}


def _newest(buckets: Buckets[C]) -> Buckets[C]:
    """Give the newest buckets that one record can carry: one array may span the telemetry of days."""
    kept: Buckets[C] = {}
    room = RECORD_BYTES
    for start in sorted(buckets, reverse=True):
        room -= len(encode(buckets[start]))
        if room < 0:
            break
        kept[start] = buckets[start]
    return kept
