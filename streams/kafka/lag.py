"""For how long has a reader been behind what it reads?"""

from dataclasses import dataclass


@dataclass(slots=True)
class Lag:
    """How far one partition is behind, and since when; times are monotonic machine time in seconds.

    Being behind for a moment is nothing: after an outage everybody is, and catches up. Who stays
    behind for long must not hold the others up.
    """

    behind_from_s: float
    """From this age of the newest record on it counts as behind."""
    age_s: float = 0.0
    """Age of the newest record at reading, by the broker's clock."""
    since: float | None = None
    """Since when it has been behind without a pause; None: it is not."""

    def note(self, age_s: float, monotonic: float) -> None:
        """Note the age of what is read; 0 where nothing is left to read."""
        self.age_s = age_s
        if age_s < self.behind_from_s:
            self.since = None
        elif self.since is None:
            self.since = monotonic

    def is_too_long(self, monotonic: float, limit_s: float) -> bool:
        """Tell whether it has been behind for longer than the limit."""
        return self.since is not None and monotonic - self.since > limit_s
