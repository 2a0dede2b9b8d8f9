"""How far is a path complete? The records by which time passes on our topics."""

from msgspec.structs import force_setattr

from models.event_time import EventTime, to_event_time
from models.record import Record, time_fields


class Progress(Record, frozen=True, kw_only=True):
    """How far one path is."""

    epoch: int
    """Rises with each assignment of the path's partition; what an older epoch says is ignored."""
    watermark: EventTime | None = None
    """No event before this moment will come on the path (event time); later ones count as late."""
    idle_at: EventTime | None = None
    """Set where the path is silent: the machine's time less the allowed lateness when it was seen silent."""

    def __post_init__(self) -> None:
        """Bring both times to aware UTC."""
        for field in time_fields(type(self)):
            value = getattr(self, field)
            if value is not None:
                force_setattr(self, field, to_event_time(value, field))


class Tick(Record, tag="tick", tag_field="kind", frozen=True, kw_only=True):
    """The progress of some paths; a path is a topic and partition, written `logs:3`."""

    paths: dict[str, Progress]


class Heartbeat(Record, tag="heartbeat", tag_field="kind", frozen=True, kw_only=True):
    """A producer's word on an input partition: everything before this moment has been sent.

    Producers need not send any. One that publishes a recording does, so that silence in the
    recording is not taken for silence of the producer.
    """

    timestamp: EventTime
    """The event time up to which the producer has sent everything to this partition."""
    next_within_s: float = 0.0
    """The producer will write here again within so many seconds of machine time; 0: it has ended."""

    def __post_init__(self) -> None:
        """Bring the time to aware UTC."""
        force_setattr(self, "timestamp", to_event_time(self.timestamp, "timestamp"))
