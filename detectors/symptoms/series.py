"""What was a value in the last buckets, and since when has it been away from that?"""

import msgspec

HISTORY = 60
"""Points kept of a series: ten minutes of 10-second buckets, an hour of minutes, five of 5-minute points."""

CALM_S = 60
"""A deviation is over when nothing deviated for so many seconds: shorter pauses belong to it."""

NEW_NORMAL_S = 3_600
"""A deviation that lasts an hour is what is usual from then on: nobody wants to be told of it for ever."""


class Series(msgspec.Struct):
    """The newest points of one value, and the deviation that it is in."""

    starts: list[int] = []
    """Bucket starts (epoch seconds), ascending."""
    values: list[float] = []
    onset: int | None = None
    """Start of the bucket in which the running deviation began; None: nothing deviates."""
    told: int | None = None
    """Start of the bucket for which the running deviation was last told of."""
    seen: int | None = None
    """Start of the latest bucket that deviated."""
    usual: float = 0.0
    """What was usual when the running deviation began."""

    def add(self, start: int, value: float) -> None:
        """Append a point; the oldest beyond `HISTORY` goes."""
        self.starts.append(start)
        self.values.append(value)
        if len(self.starts) > HISTORY:
            del self.starts[0], self.values[0]

    def between(self, since: int, until: int) -> float:
        """Give the sum of the values in buckets from `since` up to, not including, `until`."""
        return sum(
            value for start, value in zip(self.starts, self.values, strict=True) if since <= start < until
        )

    def deviates(self, start: int, usual: float, *, tell_every_s: int) -> bool:
        """Note that it deviates in this bucket; True: tell of it now (at the onset, then every so often).

        What was usual at the onset stays so until the deviation is over: a fault must not become
        its own baseline.
        """
        if self.onset is None:
            self.onset, self.usual = start, usual
        self.seen = start
        if self.told is None or start - self.told >= tell_every_s:
            self.told = start
            return True
        return False

    def recovers(self, start: int) -> bool:
        """Note that it does not deviate in this bucket; True: nothing has deviated for `CALM_S`."""
        if self.onset is None:
            return True
        long_calm = self.seen is not None and start - self.seen >= CALM_S
        if long_calm:
            self.onset = self.told = self.seen = None
        return long_calm

    def is_new_normal(self, start: int) -> bool:
        """Tell whether the deviation has lasted so long that it is what is usual now; if so, it is over."""
        if self.onset is None or start - self.onset < NEW_NORMAL_S:
            return False
        self.onset = self.told = self.seen = None
        return True

    def lapses(self, start: int) -> None:
        """Let the deviation be over if nothing has deviated for longer than `CALM_S`."""
        if self.seen is not None and start - self.seen > CALM_S:
            self.onset = self.told = self.seen = None

    def relearn(self) -> None:
        """Forget all points: what is usual has to be learnt anew."""
        self.starts.clear()
        self.values.clear()
