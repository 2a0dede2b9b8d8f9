"""What does every sink promise?"""

from datetime import timedelta
from typing import Protocol

from models.postmortem import Postmortem


class SinkUnavailableError(Exception):
    """The outside does not take what we write; the same write may succeed later."""

    def __init__(self, where: str, retry_after: timedelta) -> None:
        """Say which place is unavailable and when to come back."""
        self.where = where
        self.retry_after = retry_after
        seconds = f"{retry_after.total_seconds():g} s"
        super().__init__(f"cannot write to {where}: see the cause, mend it; the next attempt is in {seconds}")


class PostmortemSink(Protocol):
    """A place that keeps postmortem drafts."""

    async def write(self, postmortem: Postmortem) -> None:
        """Keep a draft in place of any earlier one of the same incident.

        When it returns, the draft is there as a whole; writing it again changes nothing.

        Raises:
            SinkUnavailableError: Nothing was changed; the caller tries again after `retry_after`.
        """

    async def close(self) -> None:
        """Let go of what is held; closing again is harmless."""
