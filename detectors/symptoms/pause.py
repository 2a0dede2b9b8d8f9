"""When did a service not log at all, so that no line of it can have been missing?"""

import msgspec

LEAST_S = 60
"""A service that logs nothing for longer than this pauses: shorter gaps are empty buckets like others."""

MOST = 32
"""Pauses that are remembered of a service, at some 24 bytes each below 1 kB."""


class Pauses(msgspec.Struct):
    """The latest pauses of one service: a night, or the time between two runs of a job."""

    spans: list[tuple[int, int]] = []
    """From and until (epoch seconds), ascending."""
    heard_until: int | None = None
    """End of the latest bucket in which the service logged."""

    def hear(self, start: int, end: int) -> None:
        """Note that the service logged in a bucket."""
        if self.heard_until is not None and start - self.heard_until > LEAST_S:
            self.spans.append((self.heard_until, start))
            del self.spans[:-MOST]
        self.heard_until = end

    def known_from(self) -> int:
        """Give since when all pauses are remembered (epoch seconds)."""
        return self.spans[0][0] if len(self.spans) == MOST else 0

    def length(self, since: int, until: int) -> int:
        """Give the seconds of pause between two moments."""
        return sum(max(0, min(end, until) - max(start, since)) for start, end in reversed(self.spans))
