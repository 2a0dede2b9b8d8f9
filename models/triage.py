"""How bad is it and why, whose is it, and what should happen next?"""

from enum import IntEnum, StrEnum

from models.event_time import EventTime
from models.output import Output
from models.record import Record


class Severity(IntEnum):
    """How bad for users: 1 is the worst. Never mixed with log severity."""

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3
    SEV4 = 4


class Verdict(StrEnum):
    """Is it real?"""

    NOISE = "noise"
    CANDIDATE = "candidate"
    INCIDENT = "incident"


class Reason(Record, frozen=True, kw_only=True):
    """One rule that fired, with what it saw."""

    rule: str
    text: str
    """The reason as a clause of the headline, for example "errors are at 18 % (threshold 5 %)"."""
    value: float | None = None
    threshold: float | None = None
    unit: str | None = None
    window_s: float | None = None
    """Length of the window that was judged (seconds)."""
    evidence: list[str]
    """Ids of the evidence; a reason without any is dropped."""


class Owner(Record, frozen=True, kw_only=True):
    """Who should act, and why."""

    owner: str
    reason: str
    service: str
    runbook: str | None = None
    second_best: str | None = None
    second_reason: str | None = None
    evidence: list[str] = []
    """Ids of the evidence that the reason rests on."""


class NextAction(Record, frozen=True, kw_only=True):
    """A check or step for a person; Headwater runs none of them."""

    text: str
    why: str
    evidence: list[str]


class Difference(Record, frozen=True, kw_only=True):
    """What differs from the version before."""

    field: str
    before: str
    after: str


class Triage(Output, tag="triage", tag_field="kind", frozen=True, kw_only=True):
    """What responders read first."""

    version: int
    """Counts up with each change of the triage, from 1."""
    verdict: Verdict
    severity: Severity
    status: str
    headline: str
    """One sentence: severity, service, and what it rests on."""
    service: str
    """The service that users see failing."""
    opened_at: EventTime
    reasons: list[Reason]
    blast_radius: list[str]
    """Services with an alert or a symptom."""
    owner: Owner
    next_actions: list[NextAction]
    previous: list[Difference] = []
