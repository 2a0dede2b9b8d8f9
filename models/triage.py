"""How bad is it and why, whose is it, and what should happen next?"""

from enum import IntEnum, StrEnum

from models.event_time import EventTime
from models.impact import BusinessImpact, ImpactScope
from models.output import Output, Timed
from models.record import Record
from models.severity_table import ImpactLevel, UrgencyLevel


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


class Reason(Timed, frozen=True, kw_only=True):
    """One thing that was seen, with the rules of the table that it made fire."""

    rule: str
    text: str
    """The reason as a clause of the headline, for example "errors are at 18 % (threshold 5 %)"."""
    value: float | None = None
    threshold: float | None = None
    unit: str | None = None
    window_s: float | None = None
    """Length of the window that was judged (seconds)."""
    sample_size: int | None = None
    """Observations behind the value; None: not told."""
    since_at: EventTime | None = None
    """Since when it is so (event time)."""
    severity: Severity | None = None
    """The severity that it calls for at the urgency of the moment; None: it informs only."""
    fired: list[str] = []
    """Rules of the policy's table that fired on it."""
    evidence: list[str]
    """Ids of the evidence; a reason without any is dropped."""


class NearMiss(Record, frozen=True, kw_only=True):
    """A rule of the table that lacked one condition, and came close to it."""

    rule: str
    severity: Severity
    """What the incident would be, had it fired."""
    text: str
    """The condition that it lacked, as a clause with value and limit."""
    service: str
    """Empty: the incident as a whole."""
    value: float
    threshold: float
    unit: str
    window_s: float | None = None
    """Length of the window that was judged (seconds)."""
    sample_size: int | None = None
    evidence: list[str]


class Raise(Record, frozen=True, kw_only=True):
    """What would make it worse."""

    severity: Severity
    text: str
    """For example "SEV1 if errors exceed 20 % or a second region fails"."""
    rules: list[str]
    """The rules of the table that would fire."""


class MissingInput(Record, frozen=True, kw_only=True):
    """Something that the severity should rest on, and of which nothing was told."""

    name: str
    """alert_source, customer_facing, error_rate, latency, saturation, business_transactions,
    recent_deployments, dependency_health, similar_incidents, compliance or urgency."""
    text: str
    taken_as: str | None = None
    """What was assumed in its place: where unsure, what gives the higher severity; None: nothing."""


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
    impact: ImpactLevel = ImpactLevel.MINOR
    """How much harm is done: one factor of the severity."""
    urgency: UrgencyLevel = UrgencyLevel.HIGH
    """How soon it must end: the other factor."""
    reasons: list[Reason]
    near_misses: list[NearMiss] = []
    """The most severe first."""
    lower_at: EventTime | None = None
    """When the severity goes down if nothing gets worse (event time); None: it stays."""
    raises: list[Raise] = []
    """One for each severity that is worse and could be reached by one more condition."""
    missing_inputs: list[MissingInput] = []
    impact_scope: ImpactScope | None = None
    """None: nothing tells of tenants, regions, versions, hosts or paths."""
    business_impact: BusinessImpact | None = None
    """None: no service that fails may face users."""
    blast_radius: list[str]
    """Services with an alert or a symptom."""
    owner: Owner
    next_actions: list[NextAction]
    previous: list[Difference] = []
