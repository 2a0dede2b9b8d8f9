"""What is told of the log signatures themselves, whether anything is abnormal about them or not?"""

from models.event_time import EventTime
from models.output import Timed


class SignatureMerged(Timed, tag="signature_merged", tag_field="kind", frozen=True, kw_only=True):
    """Signatures turned out to be one statement; whoever stored their ids reads the one they are part of."""

    event_id: str
    """Follows from the service, the ids and the time: the same from every worker and in every replay."""
    service: str
    signature_id: str
    """The signature that stays."""
    merged: list[str]
    """Ids that are part of it since then and are not told of any more."""
    template: str
    """What stays looks like that: its first line, masked."""
    as_of: EventTime
    """The end of the bucket of 10 s whose lines showed it (event time)."""
