"""Which number tells a process that has taken a partition over from all that had it before?"""

from datetime import datetime


def next_epoch(last: int, now: datetime) -> int:
    """Give an epoch above the last one known, and at least the machine's time in seconds since 1970.

    What was known may be lost (group offsets expire, a changelog is deleted) while those who
    listen still know the old number: counted from one again, everything would be ignored.

    >>> from datetime import UTC
    >>> at = datetime(2026, 6, 23, tzinfo=UTC)
    >>> next_epoch(0, at) == int(at.timestamp())
    True
    >>> next_epoch(9_000_000_000, at)
    9000000001
    """
    return max(last + 1, int(now.timestamp()))
