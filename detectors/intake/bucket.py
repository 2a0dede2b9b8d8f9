"""What may one bucket of one service hold, and which of it where there is more?

A record of the table holds a megabyte. What is kept must not depend on where chunks end, so it is chosen
by the hashes of names, which are the same for a part as for the whole.
"""

from datetime import timedelta
from hashlib import blake2b
from typing import TypeVar

from detectors.flow.ledger import Buckets
from models.chunk import Sketch
from models.record import encode

C = TypeVar("C")

BUCKET = timedelta(seconds=10)
"""Width of a bucket: short enough for an onset, long enough for a funnel of a hundred to one."""

MOST_NAMES = 100
"""Patterns or operations of a service that are kept of one bucket: of long lines some 100 kB, so that
three open buckets and a full history stay below the megabyte that one record of the table may have."""

MOST_METRICS = 300
"""Metrics of a service that are kept of one bucket: as many as there are series of it, some 40 kB."""

RECORD_BYTES = 800_000
"""Largest folded record (bytes of its buckets): Kafka takes a megabyte unless it is told otherwise."""

WIDTH_S = int(BUCKET.total_seconds())


def order_of(name: str) -> bytes:
    """Give the place of a name in the order in which a bucket keeps contents: its hash."""
    return blake2b(name.encode(), digest_size=8).digest()


def most_names(content: object) -> int:
    """Give how many contents of that kind one bucket of a service may hold."""
    return MOST_METRICS if isinstance(content, Sketch) else MOST_NAMES


def smallest(contents: dict[str, C], most: int | None = None) -> dict[str, C]:
    """Give the contents of a bucket with the smallest hashes of their names, as many as it may hold.

    What is among the smallest of a bucket is among the smallest of every chunk that holds a part
    of it, so what is kept does not depend on where chunks end.

    Args:
        contents: By name.
        most: How many may be kept; None: as many as a bucket may hold of that kind.
    """
    if len(contents) <= MOST_NAMES:
        return contents
    limit = most_names(next(iter(contents.values()))) if most is None else most
    if len(contents) <= limit:
        return contents
    kept = sorted(contents, key=lambda name: (order_of(name), name))
    return {name: contents[name] for name in kept[:limit]}


def newest(buckets: Buckets[C]) -> Buckets[C]:
    """Give the newest buckets that one record can carry: one array may span the telemetry of days."""
    kept: Buckets[C] = {}
    room = RECORD_BYTES
    for start in sorted(buckets, reverse=True):
        room -= len(encode(buckets[start]))
        if room < 0:
            break
        kept[start] = buckets[start]
    return kept
