"""For how long has a reader been behind what it reads?"""

from dataclasses import dataclass

STALLED_AFTER_S = 30.0
"""Records that wait so long (machine time) while none is taken show that something hangs."""


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


def stall(place: str, behind: int, waited_s: float) -> str:
    """Say that a reader hangs; empty: it does not.

    Args:
        place: Topic and partition, for the reader of the message.
        behind: Records that wait.
        waited_s: Machine time since any was taken last, in seconds.
    """
    if behind > 0 and waited_s > STALLED_AFTER_S:
        return f"{behind} records of {place} wait, none was taken for {waited_s:.0f} s"
    return ""
