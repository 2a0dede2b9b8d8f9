"""Why does a service belong to an incident, or why does an incident stand beside another?"""

from models.cause import ScorePart
from models.event_time import EventTime
from models.output import Timed
from models.record import Record


class Member(Timed, frozen=True, kw_only=True):
    """One service of an incident, and why its first signal was taken in."""

    service: str
    joined_at: EventTime
    """When it was taken in (event time)."""
    first_at: EventTime
    """When it first deviated, as far as the incident knows (event time)."""
    via: str
    """The service of the incident that it relates to most; itself where it began the incident."""
    tied: bool
    """By the way that calls take, or because it began the incident; not by time and words alone."""
    score: float
    """Sum of the parts."""
    threshold: float
    parts: list[ScorePart]
    evidence_id: str
    """Of the signal that brought it in."""


class Apart(Record, frozen=True, kw_only=True):
    """Another incident that went on when this one opened, and why they are two."""

    incident_id: str
    score: float
    """Sum of the parts; below the threshold."""
    threshold: float
    parts: list[ScorePart]
