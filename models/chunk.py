"""What is folded from bulk telemetry, and from which part of which partition?"""

from typing import Annotated

import msgspec

from models.record import Record


class Chunk(Record, frozen=True, kw_only=True):
    """A run of offsets of one input partition that was folded as one."""

    source: str
    """Topic and partition, written `logs:3`."""
    epoch: int
    """The writer's epoch: rises with each assignment of the partition."""
    first: int
    """First offset of the chunk."""
    end: int
    """The offset after its last."""


Spread = dict[str, dict[str, int]]
"""Lines by dimension (tenant, region, version, host) and by value."""


class Crowd(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Lines by value where there are too many values to count each; merging two is exact and commutative."""

    lines: int
    ones: list[int]
    """For each bit of a value's hash, the lines whose value has that bit."""
    candidate: str = ""
    """The value that has the hash of the majority, if it is known; see `detectors.intake.crowd`."""


class PatternCount(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The lines of one pattern of one service in one bucket; merging two is commutative."""

    template: str
    count: int
    errors: int
    """How many of them have severity error or worse."""
    severity: str
    """The worst severity seen: trace, debug, info, warn, error, fatal, or unknown."""
    first_at: float
    """Event time of the earliest line (epoch seconds)."""
    last_at: float
    """Event time of the latest line (epoch seconds)."""
    sample: str
    """The earliest line by (event time, text), redacted."""
    concentration: Spread = {}
    """Of lines that name a tenant, region, version or host, or of failed credentials a source or an actor
    (hashed): exact counts, where the values are few."""
    crowds: dict[str, Crowd] = {}
    """The dimensions of which the values are many."""


class Sketch(Record, frozen=True, kw_only=True):
    """Count, minimum, maximum and a histogram of values; merging two is commutative and exact.

    There is no sum: adding floats depends on their order, and chunks may be cut anywhere.
    """

    count: int
    minimum: float
    maximum: float
    bins: dict[int, int] = {}
    """Values by the logarithmic bin of their size; see `detectors.flow.sketch`."""


class SpanStats(Record, frozen=True, kw_only=True):
    """The spans of one operation (or edge) of one service in one bucket."""

    durations: Sketch
    """Milliseconds."""
    errors: int
    peer: str = ""
    """The service that is called, for the client side of an edge; empty: the service's own operation."""


class SpanMark(Record, array_like=True, frozen=True):
    """One span of a sampled trace, without what is not needed to see how requests go."""

    parent: str
    """Hash of the parent's span id; empty: none."""
    service: str
    name: str
    started_ms: int
    """Event time of its start (epoch milliseconds)."""
    duration_ms: float


class LineMark(Record, array_like=True, frozen=True, order=True):
    """That a span of a sampled trace wrote a log line of a pattern, however often."""

    span: str
    """Hash of the span id; empty: the line names none."""
    service: str
    template: str


class TracePart(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one sampled trace in one bucket; merging two is commutative and idempotent."""

    spans: dict[str, SpanMark] = {}
    """By the hash of the span id: the smallest, as many as are kept."""
    lines: list[LineMark] = []
    """In ascending order: the smallest, as many as are kept."""


BucketStart = Annotated[int, msgspec.Meta(description="Start of the bucket, epoch seconds.")]


class LogPatterns(Record, tag="log_patterns", tag_field="kind", frozen=True, kw_only=True):
    """The log lines of one service in one chunk, by bucket and pattern id."""

    service: str
    chunk: Chunk
    buckets: dict[BucketStart, dict[str, PatternCount]]
    left_out: int = 0
    """Contents beyond what a bucket or the record may hold."""


class MetricBuckets(Record, tag="metric_buckets", tag_field="kind", frozen=True, kw_only=True):
    """The metric points of one service in one chunk, by bucket and metric name."""

    service: str
    chunk: Chunk
    buckets: dict[BucketStart, dict[str, Sketch]]
    left_out: int = 0
    """Contents beyond what a bucket or the record may hold."""


class SpanBuckets(Record, tag="span_buckets", tag_field="kind", frozen=True, kw_only=True):
    """The spans of one service in one chunk, by bucket and operation."""

    service: str
    chunk: Chunk
    buckets: dict[BucketStart, dict[str, SpanStats]]
    left_out: int = 0
    """Contents beyond what a bucket or the record may hold."""


class TraceSamples(Record, tag="trace_samples", tag_field="kind", frozen=True, kw_only=True):
    """Some traces of one scope in one chunk of spans or log lines, by bucket and trace id.

    The traces whose ids have the smallest hashes: the same ones whichever partition a part came by.
    """

    scope: str
    chunk: Chunk
    buckets: dict[BucketStart, dict[str, TracePart]]
    left_out: int = 0
    """Spans and lines beyond what a bucket may hold."""
