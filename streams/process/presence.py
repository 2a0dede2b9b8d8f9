"""Was this process away for so long that others may have its partitions by now?"""

from collections.abc import Callable
from typing import NoReturn

import structlog

from streams import machine
from streams.process.exit_code import ExitCode

log = structlog.get_logger()


class Presence:
    """Ends a process that was frozen for longer than its session, before it writes what it still holds.

    To be confirmed several times within a session timeout, and before every write of state: a
    frozen process does neither, and whichever comes first when it thaws sees the gap.
    """

    def __init__(self, session_timeout_s: float, end: Callable[[ExitCode], NoReturn]) -> None:
        """Begin now; `end` ends the process."""
        self._session_timeout_s = session_timeout_s
        self._end = end
        self._confirmed_at = machine.monotonic()

    def confirm(self) -> None:
        """Note that the process is there, or end it."""
        now = machine.monotonic()
        away_s = now - self._confirmed_at
        if away_s > self._session_timeout_s:
            log.warning("process.was_away", seconds=round(away_s, 1))
            self._end(ExitCode.REBALANCED)
        self._confirmed_at = now
