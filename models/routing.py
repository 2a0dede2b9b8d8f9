"""Whose is the incident, who else can act, and who should be told now?"""

from enum import StrEnum

from models.event_time import EventTime
from models.output import Output, Timed
from models.record import Record
from models.triage import Severity


class CandidateKind(StrEnum):
    """Who can take an incident."""

    TEAM = "team"
    RESPONDER = "responder"
    """One handle; never a name."""


class Part(StrEnum):
    """What speaks for or against a candidate."""

    LEADING_CAUSE = "leading_cause"
    USERS_SEE = "users_see"
    CAUSE_CANDIDATE = "cause_candidate"
    DEPENDENCY = "dependency"
    AFFECTED = "affected"
    MADE_CHANGE = "made_change"
    RESOLVED_SIMILAR = "resolved_similar"
    LIAISON = "liaison"
    ASSIGNED = "assigned"
    WRONG_OWNER = "wrong_owner"
    ON_CALL = "on_call"
    NOBODY_ON_CALL = "nobody_on_call"
    LOAD = "load"


class RoutingPart(Record, frozen=True, kw_only=True):
    """One summand of a candidate's score, which is also a reason."""

    name: Part
    points: float
    text: str
    """Continues the candidate's name, for example "owns payments, which is affected"."""
    evidence: list[str]
    """Ids of the evidence; a part without any is dropped."""


class RoutingCandidate(Record, frozen=True, kw_only=True):
    """Somebody who may act on the incident; what they did before is knowledge, never blame."""

    rank: int
    who: str
    """A team as the catalog names it, or a handle."""
    candidate_kind: CandidateKind
    score: float
    """Sum of the parts."""
    parts: list[RoutingPart]
    can_act: bool
    """Owns a service or change that is concerned, and has somebody on call where schedules are known."""
    can_act_text: str
    on_call: list[str] = []
    """Handles on call now, the first level first."""


class OwnershipChange(Timed, tag="ownership.changed", tag_field="kind", frozen=True, kw_only=True):
    """The incident passed from one owner to another."""

    changed_at: EventTime
    from_owner: str
    to_owner: str
    service: str
    """The service for which the new owner has it."""
    reason: str
    evidence: list[str]
    margin: float | None = None
    """Points by which the leading cause leads what lies with the old owner; None: no matter of points."""
    cool_down_ends_at: EventTime | None = None
    """Until then evidence alone moves it no more; a responder's word does."""
    kept_informed: list[str] = []
    """Who owned it before."""


class EscalationPhase(StrEnum):
    """Where an escalation stands."""

    WAITING = "waiting"
    """Somebody should have been told, and nobody has acknowledged."""
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    """The last level was told, and nobody acknowledged in time."""
    ENDED = "ended"
    """The incident is resolved."""


class EscalationStep(Timed, frozen=True, kw_only=True):
    """One moment at which somebody should be told; Headwater pages nobody itself."""

    told_at: EventTime
    """The event time at which it was due."""
    level: int
    text: str
    """Who and why, without handles."""
    tell: list[str]
    """Handles, or teams where no handle is known."""
    evidence: list[str]


class EscalationStanding(Timed, frozen=True, kw_only=True):
    """Where the escalation of an incident stands."""

    phase: EscalationPhase
    severity: Severity
    """By which it waits."""
    level: int
    levels: int
    started_at: EventTime
    """When this run of it began (event time); another severity or owner begins a new one."""
    due_at: EventTime | None = None
    """When the next level is due if nobody acknowledges (event time); None: nothing is due."""
    peak: str | None = None
    """The calendar entry that shortens the wait; None: none does."""
    acknowledged_at: EventTime | None = None
    acknowledged_by: str | None = None
    """Role or handle, as sent."""
    steps: list[EscalationStep]
    """The latest last."""


class IncidentRouting(Output, tag="routing", tag_field="kind", frozen=True, kw_only=True):
    """Whose an incident is, and who should be told now."""

    version: int
    """Counts up with each change, from 1."""
    owner: str
    service: str
    """The service for which they own it."""
    reason: str
    evidence: list[str]
    """Ids of the evidence that the reason rests on."""
    held_back: str | None = None
    """Why evidence that points to another owner does not move it yet."""
    second_best: str | None = None
    second_reason: str | None = None
    candidates: list[RoutingCandidate]
    """Teams and responders, the highest score first."""
    left_out: int = 0
    """Candidates beyond those listed."""
    tell_now: list[str]
    """Handles, or teams where no handle is known, of the step that waits for an acknowledgement."""
    keep_informed: list[str]
    """Former owners, and liaisons."""
    missing: list[str] = []
    """What could not be said for want of a schedule, an owner or a liaison."""
    escalation: EscalationStanding | None = None
    """None: nothing is known to be an incident yet."""
    changes: list[OwnershipChange] = []
    """The earliest first."""
    schedule_version: str = ""
    """A hash of the on-call schedules that were asked; empty: none are known."""
