"""How long may nobody answer before the next is told? The escalation of a policy file."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from models.triage import Severity

Minutes = Annotated[float, msgspec.Meta(ge=0.5, le=1440)]


class EscalationTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Waits by severity, and how a busy time shortens them."""

    # 5 minutes for what users feel and 30 for the rest: Site Reliability Engineering (2016), chapter 11.
    unanswered_min: dict[Literal["SEV1", "SEV2", "SEV3", "SEV4"], Minutes] = msgspec.field(
        default_factory=lambda: {"SEV1": 5.0, "SEV2": 10.0, "SEV3": 30.0}
    )
    """Minutes without an acknowledgement after which the next level is told; a severity that is not named
    is told once and waits."""
    peak_factor: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """By which a `peak` or `market_hours` of the calendar multiplies the waits."""

    def wait(self, severity: Severity, *, is_peak: bool) -> timedelta | None:
        """Give how long a level may stay unanswered; None: for ever.

        >>> EscalationTable().wait(Severity.SEV1, is_peak=True)
        datetime.timedelta(seconds=150)
        """
        minutes = self.unanswered_min.get(severity.name)  # type: ignore[call-overload]  # names are the keys
        if minutes is None:
            return None
        return timedelta(minutes=minutes * (self.peak_factor if is_peak else 1.0))
