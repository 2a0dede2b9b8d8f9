"""What may a chunk tell of each service, bucket by bucket, where there is more than one record can carry?"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from detectors.flow.ledger import Buckets
from detectors.intake.bucket import MOST_NAMES, RECORD_BYTES, newest, smallest
from detectors.intake.pattern_tally import Tally
from models import topic
from models.chunk import Chunk, LogPatterns, MetricBuckets, SpanBuckets
from models.topic import Outgoing

_LONGEST_ESCAPE = 6
"""Bytes of one character in JSON at most."""

_KINDS: dict[str, tuple[str, Callable[..., LogPatterns | MetricBuckets | SpanBuckets]]] = {
    topic.LOGS: (topic.LOG_PATTERNS, LogPatterns),
    topic.METRICS: (topic.METRIC_BUCKETS, MetricBuckets),
    topic.SPANS: (topic.SPAN_BUCKETS, SpanBuckets),
}


class Folded:
    """Contents by service, bucket and name, within bounds that do not depend on where chunks end."""

    def __init__(self) -> None:
        """Start empty."""
        self._services: dict[str, Buckets[Any]] = {}
        self._left_out: Counter[str] = Counter()
        self.size = 0
        """Rough size of all contents (bytes); who adds to them adds to it."""

    def contents(self, service: str, start: int) -> dict[str, Any]:
        """Give the contents of a bucket of a service, its name redacted; they stay the same object.

        What is there may be changed, and something new is `put`.
        """
        return self._services.setdefault(service, {}).setdefault(start, {})

    def put(self, service: str, start: int, name: str, content: Any, most: int = MOST_NAMES) -> None:
        """Take in a content under a name that the bucket lacks.

        Args:
            service: Its name, redacted.
            start: Of the bucket (epoch seconds).
            name: What was counted.
            content: What it came to.
            most: Contents that one bucket may tell of.
        """
        contents = self.contents(service, start)
        contents[name] = content
        if len(contents) > 2 * most:
            kept = smallest(contents, most)
            self._left_out[service] += len(contents) - len(kept)
            contents.clear()
            contents.update(kept)

    def records(self, source: str, chunk: Chunk) -> Iterable[Outgoing]:
        """Give one record for each service of the chunk, in alphabetical order.

        Args:
            source: The topic that was folded.
            chunk: Which part of it.
        """
        target, kind = _KINDS[source]
        for service in sorted(self._services):
            folded = self._services[service]
            buckets = {start: _told(each) for start, each in folded.items()}
            if self.size > RECORD_BYTES // _LONGEST_ESCAPE:
                buckets = newest(buckets)
            beyond = sum(map(len, folded.values())) - sum(map(len, buckets.values()))
            left_out = self._left_out[service] + beyond
            value = kind(service=service, chunk=chunk, buckets=buckets, left_out=left_out)
            yield Outgoing(topic=target, key=service, value=value)


def _told(contents: dict[str, Any]) -> dict[str, Any]:
    kept = smallest(contents)
    return {name: each.told() if isinstance(each, Tally) else each for name, each in kept.items()}
