"""What was a value in the last buckets, and since when has it been away from that?"""

from collections.abc import Sequence

import msgspec

HISTORY = 60
"""Points kept of a series: ten minutes of 10-second buckets, an hour of minutes, five of 5-minute points."""


class Series(msgspec.Struct):
    """The newest points of one value, and the deviation that it is in."""

    starts: list[int] = []
    """Bucket starts (epoch seconds), ascending."""
    values: list[float] = []
    onset: int | None = None
    """Start of the bucket in which the running deviation began; None: nothing deviates."""
    told: int | None = None
    """Start of the bucket for which the running deviation was last told of."""

    def add(self, start: int, value: float) -> None:
        """Append a point; the oldest beyond `HISTORY` goes."""
        self.starts.append(start)
        self.values.append(value)
        if len(self.starts) > HISTORY:
            del self.starts[0], self.values[0]

    def baseline(self, until: int) -> Sequence[float]:
        """Give the values before the running deviation, or before `until` where there is none."""
        end = until if self.onset is None else self.onset
        return [value for start, value in zip(self.starts, self.values, strict=True) if start < end]

    def between(self, since: int, until: int) -> float:
        """Give the sum of the values in buckets from `since` up to, not including, `until`."""
        return sum(
            value for start, value in zip(self.starts, self.values, strict=True) if since <= start < until
        )

    def deviates(self, start: int, *, tell_every_s: int) -> bool:
        """Note that it deviates in this bucket; True: tell of it now (at the onset, then every so often)."""
        if self.onset is None:
            self.onset = start
        if self.told is None or start - self.told >= tell_every_s:
            self.told = start
            return True
        return False

    def recovers(self) -> None:
        """Note that it no longer deviates."""
        self.onset = None
        self.told = None
