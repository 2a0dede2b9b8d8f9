"""What is kept of a record that could not be read?"""

from models.record import Record


class DeadLetter(Record, tag="dead_letter", tag_field="kind", frozen=True, kw_only=True):
    """A record that was set aside, with all that is needed to mend it and send it back."""

    topic: str
    partition: int
    offset: int
    stage: str
    """Which stage refused it, for example `intake`."""
    reason: str
    """Bounded: usable as a metric label."""
    detail: str
    """Names the field and what was expected there."""
    key: str | None = None
    payload: str = ""
    """The record, secrets redacted, cut to `PAYLOAD_LIMIT`; base64 where `encoding` says so."""
    encoding: str = "utf-8"
    size: int = 0
    """Bytes of the whole record."""
    truncated: bool = False
    element: int | None = None
    """Position within an array record; None: the whole record."""
    recorded_at: float = 0.0
    """When the broker took the record (epoch seconds, machine time)."""
