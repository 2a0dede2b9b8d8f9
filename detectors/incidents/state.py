"""What does Headwater remember of an incident that is not over? Explicit, bounded, a value in a table."""

from datetime import datetime
from functools import lru_cache

import msgspec

from detectors.incidents.routing.state import RoutingState
from detectors.oncall import NO_SCHEDULE, OnCallSchedule
from detectors.topology import Catalog
from models.cause import CauseClass, Causes
from models.event import Alert, Change, Feedback
from models.evidence import Evidence
from models.incident import IncidentStatus
from models.membership import Apart, Member
from models.policy import Policy
from models.record import content_id
from models.signal import Signal, Symptom, SymptomKind
from models.timeline import TimelineEntry
from models.triage import Severity, Triage

MECHANISMS = (SymptomKind.FLOW_BREAK, SymptomKind.NETWORK_GAP)
"""Symptoms that show where and how something fails; that users notice it they do not show."""


class Episode(msgspec.Struct, kw_only=True):
    """One alert from its first firing to its resolution, however often it was sent."""

    first: Alert
    latest: Alert
    heard_at: datetime | None = None
    """Event time of the newest message about it where that is a repetition of `latest`."""
    repeats: int = 0
    """How often the same state was sent again: suppressed, not dropped."""
    resolved_at: datetime | None = None
    fired: int = 1
    """How often it began to fire: from the second time on it came back within the grace, or reopened."""
    back_at: datetime | None = None
    """When it came back last (event time)."""


class SymptomTrack(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One thing abnormal at one service, from its first to its latest sighting."""

    first: Symptom
    worst: Symptom
    """The sighting with the highest score, the earlier one on a tie."""
    latest: Symptom
    count: int = 1
    spread: dict[str, dict[str, int]] = {}
    """Of failing log lines: lines by tenant and region, added up over all sightings."""
    failures: dict[int, list[int]] = {}
    """Of failing requests: failed (millionths), all, and the minutes of which a sighting told (a bit for
    each minute of half an hour), by the epoch second at which they began; older ones are added up, and
    none is older than six hours."""


class Precision(msgspec.Struct, kw_only=True):
    """How often an alert rule was right, by what responders said of its incidents."""

    real: int = 0
    noise: int = 0
    latest: Feedback
    """The word that was counted last."""


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """A severity that a responder confirmed."""

    severity: Severity
    event_id: str
    """Of the feedback."""
    at: datetime
    """When it was said (event time)."""


class OpenIncident(msgspec.Struct, kw_only=True):
    """All that is remembered of one incident until it is closed."""

    incident_id: str
    scope: str
    service: str
    """The service whose alert or symptom opened it; what users see failing."""
    opened_at: datetime
    noise: bool = False
    """Opened by an alert that its sender calls informational, or one that announced work holds back:
    it takes in nothing else."""
    held_by: str = ""
    """Event id of the change that announced that work; empty: nothing is held back."""
    held_until: datetime | None = None
    """When that work is over (event time): what still fires then is raised again."""
    status: IncidentStatus = IncidentStatus.OPEN
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_on: datetime | None = None
    """When it was found to be resolved: six hours of silence are known only at their end (event time)."""
    last_signal_at: datetime
    """Event time of the latest alert that fired or symptom that belongs to it."""
    last_signal: str = ""
    """The event id of that signal."""
    calm_since: datetime | None = None
    """Since when none of its alerts fires (event time); None: one does, or there never was one."""
    alerts: dict[str, Episode] = {}
    """By fingerprint."""
    crowd: bytearray = msgspec.field(default_factory=bytearray)
    """Alerts beyond those that are kept, as `crowd.py` packs them."""
    crowd_fires: int = 0
    """How many of them fire."""
    crowd_repeats: int = 0
    """How often one of them was sent again."""
    flapping: bool = False
    """One of its alerts comes and goes: it must be quiet for longer before it counts as over."""
    confirm_at: datetime | None = None
    """When an alert will have held for so long that it is no spurious one (event time)."""
    imprecise: dict[str, Precision] = {}
    """Of the rules of its alerts those that were mostly wrong, as known when the alert came."""
    members: dict[str, Member] = {}
    """Its services in the order in which they came in, by name."""
    texts: list[str] = []
    """What its first signals say, for comparison, without numbers and service names."""
    labels: dict[str, list[str]] = {}
    """Regions, tenants and versions that its signals name, by dimension."""
    apart: list[Apart] = []
    """The incidents that went on when it opened."""
    symptoms: dict[str, SymptomTrack] = {}
    """By `symptom_key`."""
    feedback: list[Feedback] = []
    evidence: dict[str, Evidence] = {}
    timeline: list[TimelineEntry] = []
    left_out: int = 0
    """Timeline entries and evidence beyond the bound."""
    late: int = 0
    triage: Triage | None = None
    """As last published."""
    held: Severity | None = None
    """The severity as last judged; it goes down only after it has been too high for a while."""
    confirmed: Confirmed | None = None
    """The severity that a responder confirmed last: by itself it goes no lower."""
    lower_since: datetime | None = None
    """Since when it has clearly been too high (event time); None: it is not."""
    judge_at: datetime | None = None
    """When passing time alone may change the severity (event time); None: only a signal can."""
    worst: Triage | None = None
    """The triage with the worst severity so far, the latest of those."""
    causes: Causes | None = None
    """As last published."""
    publish_at: datetime | None = None
    """When what has changed since the last publication is due (event time)."""
    told: bool = False
    """Whether the published timeline has every entry."""
    drafts: int = 0
    """Postmortem drafts written so far."""
    previous_incident: str | None = None
    split_from: str | None = None
    split_into: list[str] = []
    absorbed: list[str] = []
    """Incidents that turned out to be this one."""
    merged_into: str | None = None
    parted: list[str] = []
    """Incidents that a responder split from it: only a responder makes them one again."""
    routing: RoutingState = msgspec.field(default_factory=RoutingState)


class PastDeploy(msgspec.Struct, kw_only=True):
    """One deployment of a service, and what followed it."""

    change_id: str
    service: str
    version: str | None = None
    at: datetime
    """When it was finished (event time)."""
    calm: bool = True
    """No incident was open when it went live, and none opened shortly after."""
    taken_back: bool = False
    followed: list[int] = []
    """Hashes of what deviated at its service shortly after, by `history.key_of`."""


class PastIncident(msgspec.Struct, kw_only=True):
    """One incident that was closed with a leading cause, or that a responder ended."""

    incident_id: str
    opened_at: datetime
    shown: list[int]
    """Hashes of its alerts and symptoms: the smallest ones."""
    service: str
    """Where its cause lay, as said when it was closed; without one, what users saw failing."""
    cause_class: CauseClass | None = None
    """None: no cause led."""
    text: str = ""
    ended_by: list[str] = []
    """Handles that mitigated or resolved it, in alphabetical order."""


class Ended(msgspec.Struct, kw_only=True):
    """What is remembered of an incident that is over, so that the next one can name it."""

    incident_id: str
    ended_at: datetime
    services: list[str]


class ScopeState(msgspec.Struct, kw_only=True):
    """All that is remembered of one scope."""

    scope: str
    pending: list[Signal] = []
    """Signals whose time has not come, by (timestamp, event_id)."""
    seen: dict[int, int] = {}
    """Hashes of the event ids of the newest signals, the oldest first: a repetition is not taken twice."""
    decided_until: datetime | None = None
    """What lies before this moment has been decided (event time)."""
    late: int = 0
    left_out: int = 0
    """Noise and changes beyond what is kept, and signals decided early because too many waited."""
    repeated: int = 0
    """Signals that had come before: dropped, and counted."""
    unmatched: int = 0
    """Feedback that names no incident which is still open or may be reopened."""
    changes: list[Change] = []
    """Within the lookback, by (timestamp, event_id)."""
    symptoms: list[Symptom] = []
    """Recent ones that belong to no incident."""
    incidents: list[OpenIncident] = []
    """Those that are not closed, the oldest first."""
    comparisons: list[Symptom] = []
    """The newest comparison of logs before and after each recent change, by (timestamp, event_id)."""
    deploys: list[PastDeploy] = []
    """By (at, change_id)."""
    past: list[PastIncident] = []
    """Those that were closed with a leading cause or ended by a responder, the oldest first."""
    ended: list[Ended] = []
    """Incidents that are over, noise apart, the one that ended last at the end."""
    precision: dict[str, Precision] = {}
    """By alert rule, the one heard of last at the end."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a reasoner may look at, at one moment of event time."""

    incident: OpenIncident
    as_of: datetime
    changes: list[Change]
    """Changes of the scope within the lookback up to `as_of`, by (timestamp, event_id)."""
    catalog: Catalog
    policy: Policy
    oncall: OnCallSchedule = NO_SCHEDULE
    rules_version: str
    comparisons: list[Symptom] = []
    """What the logs said before and after recent changes, one for each change."""
    deploys: list[PastDeploy] = []
    """Deployments of the scope that are remembered, by (at, change_id)."""
    past: list[PastIncident] = []
    """Earlier incidents of the scope, the oldest first."""


@lru_cache(maxsize=8_192)  # some 1 MB; a pure function that is asked for the same ids again and again
def evidence_id(event_id: str) -> str:
    """Name the evidence that an event gives."""
    return content_id("evidence", event_id)


def symptom_key(symptom: Symptom) -> str:
    """Name what a symptom is about: later sightings of the same thing share it."""
    return f"{symptom.service}|{symptom.symptom_kind.value}|{symptom.subject}"
