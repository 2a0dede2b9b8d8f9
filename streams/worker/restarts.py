"""After how long a pause is a role's process started again, and when is it given up?"""

from dataclasses import dataclass

from streams.process.exit_code import ExitCode

STEADY_AFTER_S = 30.0
"""A process that has lived so long was well: the next restart is the first again."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 15.0
MOST_RESTARTS = 10
"""Restarts in a row, each after a life shorter than `STEADY_AFTER_S`, before the worker gives up."""


@dataclass(slots=True)
class Restarts:
    """The restarts of one role, and how many failures in a row led to them."""

    failures: int = 0

    def pause_s(self, code: int, lived_s: float) -> float | None:
        """Give the pause before the next start, in seconds of machine time; None: it is given up.

        A rebalance is nobody's failure. A hole is one: read again it is gone, unless it stays.

        >>> restarts = Restarts()
        >>> [restarts.pause_s(ExitCode.FAILED, 1.0) for _ in range(3)]
        [1.0, 2.0, 4.0]
        >>> restarts.pause_s(ExitCode.REBALANCED, 1.0)
        0.0
        """
        planned = code == ExitCode.REBALANCED
        if lived_s >= STEADY_AFTER_S:
            self.failures = 0
        elif not planned:
            self.failures += 1
        if self.failures > MOST_RESTARTS:
            return None
        return 0.0 if planned else min(FIRST_PAUSE_S * 2**self.failures, LONGEST_PAUSE_S)
