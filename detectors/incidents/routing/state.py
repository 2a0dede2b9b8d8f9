"""What is remembered of an incident's owner, and of who has been told?"""

from datetime import datetime

import msgspec

from models.routing import EscalationPhase, EscalationStep, OwnershipChange
from models.triage import Severity


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What a responder said of the owner."""

    event_id: str
    said_at: datetime
    """Event time."""
    assigned: str = ""
    """The team or handle it was given to."""
    refused: str = ""
    """The owner who was said to be wrong."""


class Escalation(msgspec.Struct, kw_only=True):
    """One run of an escalation, from its first level on."""

    phase: EscalationPhase = EscalationPhase.WAITING
    severity: Severity
    level: int = 1
    started_at: datetime
    level_at: datetime
    """When the present level was reached (event time)."""
    due_at: datetime | None = None
    peak: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    on_duty: list[str] = []
    """Who of the owner was on call when somebody was told last, at the levels that were told."""
    duty_changes_at: datetime | None = None
    """When a shift of these levels begins or ends next (event time); None: no schedule tells."""
    relieved: list[str] = []
    """Handles whose shift ended while it went on, the latest last."""
    steps: list[EscalationStep] = []


class RoutingState(msgspec.Struct, kw_only=True):
    """The owner of one incident, how it came to them, and who has been told."""

    owner: str = ""
    """Empty: not settled yet."""
    service: str = ""
    reason: str = ""
    evidence: list[str] = []
    by_cause: bool = False
    """Whether a leading cause once gave it to its owner; else it lies where it was seen."""
    by_word: str = ""
    """Event id of the feedback that gave it to its owner."""
    words: list[Word] = []
    unsaid: list[str] = []
    """Event ids of what was said of the owner of an incident that is part of this one by now."""
    changes: list[OwnershipChange] = []
    joined: list[str] = []
    """Owners of incidents that turned out to be part of this one, in the order in which they came in."""
    held_back: str = ""
    look_again_at: datetime | None = None
    """When the cool-down that holds a change back ends (event time)."""
    escalation: Escalation | None = None
    version: int = 0
    """Of the routing as last published; 0: none was."""
    told: str = ""
    """A hash of what it said, its version and time left out."""
