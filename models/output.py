"""What does every output record carry?"""

import msgspec
from msgspec.structs import force_setattr

from models.event_time import EventTime, to_event_time
from models.record import Record, time_fields

SCHEMA_VERSION = 1


class Timed(Record, frozen=True, kw_only=True):
    """A record whose `*_at` and `as_of` fields are event times; inside they are aware UTC."""

    def __post_init__(self) -> None:
        """Bring every time to aware UTC; an impossible one is an error that names the field."""
        for field in time_fields(type(self)):
            value = getattr(self, field)
            if value is not None:
                force_setattr(self, field, to_event_time(value, field))


class Output(Timed, frozen=True, kw_only=True):
    """What every record about an incident carries; never a random or wall-clock value."""

    incident_id: str
    as_of: EventTime
    """The event time of the decision."""
    rules_version: str
    """The version of the rules that drew it."""
    schema_version: int = msgspec.field(default=SCHEMA_VERSION)
