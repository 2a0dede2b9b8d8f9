"""How are folded chunks counted exactly once, although a chunk may be folded again and cut otherwise?"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from models.chunk import Chunk

C = TypeVar("C")

Buckets = dict[int, dict[str, C]]
"""Folded content by bucket start (epoch seconds) and by what was counted."""


class Latest(msgspec.Struct, Generic[C]):
    """The newest chunk of one source partition; it is settled only when the next one begins after it."""

    chunk: Chunk
    buckets: Buckets[C]


class Ledger(msgspec.Struct, Generic[C]):
    """What one key has been told by each source partition, the latest chunk apart from what is settled.

    A writer commits a chunk before it starts the next. So a chunk that begins at or after the end
    of the latest shows that the latest was committed: it settles it. One of a newer epoch that
    begins before that end shows that the latest never was, and replaces it. Within an epoch nothing
    is folded again, so one that begins there is an old chunk that came again: it is ignored, as is
    one of an older epoch, whose writer has been replaced.
    """

    latest: dict[str, Latest[C]] = {}
    """By source partition."""
    settled: Buckets[C] = {}

    def admit(self, chunk: Chunk, buckets: Buckets[C], merge: Callable[[C, C], C]) -> bool:
        """Take a chunk in; False: it was ignored."""
        known = self.latest.get(chunk.source)
        if known is not None:
            follows = chunk.first >= known.chunk.end
            if chunk.epoch < known.chunk.epoch or (chunk.epoch == known.chunk.epoch and not follows):
                return False
            if follows:
                merge_into(self.settled, known.buckets, merge)
        self.latest[chunk.source] = Latest(chunk, buckets)
        return True

    def earliest(self) -> int | None:
        """Give the start of the earliest bucket that holds anything; None: all are empty."""
        starts = [*self.settled, *(start for each in self.latest.values() for start in each.buckets)]
        return min(starts, default=None)

    def take(self, start: int, merge: Callable[[C, C], C]) -> dict[str, C]:
        """Take one bucket out, everything that was told of it merged."""
        total: Buckets[C] = {start: self.settled.pop(start, {})}
        for source in sorted(self.latest):
            told = self.latest[source].buckets.pop(start, None)
            if told:
                merge_into(total, {start: told}, merge)
        return total[start]


def merge_into(total: Buckets[C], told: Buckets[C], merge: Callable[[C, C], C]) -> None:
    """Add what was told to a total, bucket by bucket; `merge` must be commutative and associative."""
    for start, contents in told.items():
        into = total.setdefault(start, {})
        for name, content in contents.items():
            known = into.get(name)
            into[name] = content if known is None else merge(known, content)
