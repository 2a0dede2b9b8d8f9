"""What is event time, on the wire and inside?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before this no event of ours happened: such a time is a unit mix-up or a default of zero."""

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""After this no event of ours happened: epoch milliseconds sent as seconds land far beyond it."""

_DESCRIPTION = "Event time: an RFC 3339 string with its offset, or seconds since 1970-01-01T00:00:00Z."

if TYPE_CHECKING:
    EventTime = datetime
else:
    EventTime = (
        Annotated[datetime, msgspec.Meta(tz=True, description=_DESCRIPTION)]
        | Annotated[float, msgspec.Meta(description="Seconds since 1970-01-01T00:00:00Z.")]
    )
"""On the wire an RFC 3339 string or epoch seconds; inside always an aware datetime in UTC."""


def to_event_time(value: datetime | float, field: str) -> datetime:
    """Give the aware UTC datetime of a wire value.

    Args:
        value: An aware datetime, or seconds since the epoch (microsecond precision).
        field: Named in the error.

    Raises:
        ValueError: The time is outside 1990 to 2200; the message names the field.

    >>> to_event_time(1782205200.5, "timestamp").isoformat()
    '2026-06-23T09:00:00.500000+00:00'
    """
    if isinstance(value, datetime):
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    elif EARLIEST.timestamp() <= value < LATEST.timestamp():
        moment = datetime.fromtimestamp(value, UTC)
    else:
        hint = " (milliseconds? send seconds)" if value > LATEST.timestamp() else ""
        raise ValueError(f"{value!r} is not a possible time in epoch seconds{hint} - at `$.{field}`")
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"{moment.isoformat()} lies outside 1990 to 2200 - at `$.{field}`")
    return moment


def rfc3339(moment: datetime) -> str:
    """Write a moment as it stands in ids and on the wire, for example 2026-06-23T09:00:00.5Z.

    >>> rfc3339(datetime(2026, 6, 23, 9, 0, tzinfo=UTC))
    '2026-06-23T09:00:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
