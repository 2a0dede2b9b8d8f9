"""Why did a role's process end? What it tells its parent, which starts it again."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of a role's process."""

    STOPPED = 0
    """It was asked to stop; it is not started again."""
    FAILED = 70
    """Something outside did not work, or a bug; it is started again after a pause."""
    REBALANCED = 75
    """Its partitions were taken away; it is started again at once."""
    HOLE = 76
    """Records were missing between the position and what came; it is started again after a pause."""
    MISCONFIGURED = 78
    """A setting or a topic is wrong; starting it again would not help."""
