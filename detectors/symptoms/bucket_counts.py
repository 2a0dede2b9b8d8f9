"""How many lines did each of the last buckets hold?"""

from collections.abc import Iterator

import msgspec

HISTORY = 120
"""Buckets with lines that are remembered, twenty minutes of a steady signature; at most some 1 kB as JSON,
0.4 kB where counts have two digits."""

WIDTH = 10
"""Seconds of a bucket."""


class BucketCounts(msgspec.Struct):
    """Counts of the newest buckets, empty ones between them included, in their order."""

    end: int = 0
    """End of the latest bucket with lines (epoch seconds)."""
    runs: list[int] = []
    """A positive number counts the lines of one bucket, a negative one that many empty buckets."""
    kept: int = 0
    """Buckets with lines in `runs`."""

    def add(self, start: int, count: int) -> None:
        """Append the lines of a bucket that is later than all others; the oldest beyond `HISTORY` goes."""
        empty = (start - self.end) // WIDTH
        if self.runs and empty:
            self.runs.append(-empty)
        self.runs.append(count)
        self.end = start + WIDTH
        self.kept += 1
        if self.kept > HISTORY:
            del self.runs[: 2 if self.runs[1] < 0 else 1]
            self.kept -= 1

    def points(self) -> Iterator[tuple[int, int]]:
        """Give the buckets that hold lines, as start (epoch seconds) and count, the latest first."""
        end = self.end
        for run in reversed(self.runs):
            if run > 0:
                end -= WIDTH
                yield end, run
            else:
                end += run * WIDTH

    def between(self, since: int, until: int) -> int:
        """Give the lines of the buckets from `since` up to, not including, `until`."""
        total = 0
        for start, count in self.points():
            if start < since:
                break
            if start < until:
                total += count
        return total

    def joins(self, other: "BucketCounts") -> None:
        """Add the counts of another signature, bucket by bucket."""
        points = dict(self.points())
        for start, count in other.points():
            points[start] = points.get(start, 0) + count
        self.runs, self.kept = [], 0
        for start in sorted(points)[-HISTORY:]:
            self.add(start, points[start])
