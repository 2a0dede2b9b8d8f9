"""Who is on call for a team, from when until when?"""

from models.event_time import EventTime
from models.output import Timed

FIRST_LEVEL = 1
"""The level that is told first; 2 stands behind it, and so on."""


class Shift(Timed, frozen=True, kw_only=True):
    """One responder on call for one team, without a break."""

    team: str
    """The name under which the catalog calls the team an owner."""
    handle: str
    """A handle, never a name or an address."""
    level: int = FIRST_LEVEL
    starts_at: EventTime
    ends_at: EventTime
    """The first moment at which the responder is no longer on call (event time)."""
