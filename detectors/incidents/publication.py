"""What is told of an incident, and what of it is new since it was last told?"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from detectors.incidents import assessment, crowd
from detectors.incidents.blast_radius import services
from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.cause import ranking
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.difference import leader_of
from detectors.incidents.narration import anchors
from detectors.incidents.postmortem import draft as postmortem_draft
from detectors.incidents.routing import contender, ownership, route
from detectors.incidents.severity import verdict as severity
from detectors.incidents.state import OpenIncident, ScopeState, Situation
from detectors.oncall import NO_SCHEDULE, OnCallSchedule
from detectors.topology import Catalog
from models import topic
from models.incident import Incident, IncidentStatus
from models.policy import Policy
from models.timeline import Timeline
from models.topic import Outgoing
from models.triage import Verdict

_NO_CAUSE = CauseFinding(
    candidates=[], abstained="noise has no cause to look for", recommended_checks=[], evidence=[]
)


class Rules(NamedTuple):
    """By what an incident is judged."""

    catalog: Catalog
    policy: Policy
    version: str
    """Of the rules in the code and of those in the policy; told with every output."""
    oncall: OnCallSchedule = NO_SCHEDULE


def publish(state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Rules an incident anew and send what differs from what was sent before, evidence first."""
    incident.publish_at = None
    situation = _situation(state, incident, as_of, rules)
    incident.service = _entry_service(situation)
    finding = _NO_CAUSE if incident.noise else cause_candidate.rank(situation)
    if not incident.noise:
        yield from ranking.publish(situation, finding)
    holder = incident.routing.owner
    yield from ownership.settle(situation, finding)
    field = contender.rank(state, situation, finding)
    yield from route.keep(situation, field)
    yield from assessment.publish(situation, finding, route.owner(situation, field))
    owner_changed = holder not in ("", incident.routing.owner)
    yield from route.publish(situation, field, owner_changed=owner_changed)
    yield from _news_of_timeline(situation)
    yield Outgoing(topic=topic.INCIDENTS, key=incident.incident_id, value=_incident(state, situation))


def escalate(state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Tell the next level of an escalation whose wait is over; nothing else of the incident is judged."""
    situation = _situation(state, incident, as_of, rules)
    field = contender.rank(state, situation, cause_candidate.rank(situation))
    yield from route.keep(situation, field)
    yield from route.publish(situation, field, owner_changed=False)
    yield from _news_of_timeline(situation)


def draft(state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Draft the postmortem of an incident that is over, with its worst severity."""
    if incident.worst is None or incident.causes is None:
        return
    incident.drafts += 1
    situation = _situation(state, incident, as_of, rules)
    yield Outgoing(
        topic=topic.POSTMORTEMS,
        key=incident.incident_id,
        value=postmortem_draft.draft(
            situation, incident.worst, incident.causes, _timeline(situation), incident.drafts
        ),
    )


def _situation(state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules) -> Situation:
    return Situation(
        incident=incident,
        as_of=as_of,
        changes=[each for each in state.changes if each.timestamp <= as_of],
        catalog=rules.catalog,
        policy=rules.policy,
        oncall=rules.oncall,
        rules_version=rules.version,
        comparisons=state.comparisons,
        deploys=state.deploys,
        past=state.past,
    )


def _entry_service(situation: Situation) -> str:
    """Give the service that users see failing: of those that alert the most critical, then the first."""
    incident, as_of = situation.incident, situation.as_of

    def order(service: str, first_at: datetime) -> tuple[bool, int, datetime, str]:
        entry = situation.catalog.entry(service, as_of)
        facing = entry is not None and entry.customer_facing is True
        tier = entry.tier if entry is not None and entry.tier is not None else 9
        return (not facing, tier, first_at, service)

    alerts = [order(each.first.service, each.first.timestamp) for each in incident.alerts.values()]
    return min(alerts)[3] if alerts else incident.service


def judge_again(
    state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Judge the severity although nothing came: time has passed; publish only if it has changed."""
    finding = severity.judge(_situation(state, incident, as_of, rules))
    if finding.severity != incident.held:
        yield from publish(state, incident, as_of, rules)
    else:
        incident.lower_since, incident.judge_at = finding.lower_since, finding.judge_at


def _news_of_timeline(situation: Situation) -> Iterator[Outgoing]:
    incident = situation.incident
    if not incident.told:
        incident.told = True
        yield Outgoing(topic=topic.TIMELINE, key=incident.incident_id, value=_timeline(situation))


def _timeline(situation: Situation) -> Timeline:
    incident = situation.incident
    return Timeline(
        incident_id=incident.incident_id,
        as_of=situation.as_of,
        rules_version=situation.rules_version,
        anchors=anchors(incident),
        entries=sorted(incident.timeline, key=lambda each: (each.occurred_at, each.learned_at, each.text)),
        left_out=incident.left_out,
    )


def _incident(state: ScopeState, situation: Situation) -> Incident:
    incident = situation.incident
    triage = incident.triage
    return Incident(
        incident_id=incident.incident_id,
        as_of=situation.as_of,
        rules_version=situation.rules_version,
        scope=state.scope,
        verdict=triage.verdict if triage else Verdict.CANDIDATE,
        status=incident.status,
        severity=triage.severity if triage else severity.judge(situation).severity,
        headline=triage.headline if triage else "",
        service=incident.service,
        owner=triage.owner.owner if triage else "",
        opened_at=incident.opened_at,
        mitigated_at=incident.mitigated_at,
        resolved_at=incident.resolved_at,
        closed_at=situation.as_of if incident.status is IncidentStatus.CLOSED else None,
        services=services(incident),
        alerts=len(incident.alerts) + crowd.size(incident),
        alerts_kept=len(incident.alerts),
        repeated_alerts=sum(each.repeats for each in incident.alerts.values()) + incident.crowd_repeats,
        flaps=sum(each.fired - 1 for each in incident.alerts.values()),
        members=list(incident.members.values()),
        apart=incident.apart,
        late_signals=state.late,
        leading_cause=leader_of(incident.causes) or None,
        previous_incident=incident.previous_incident,
        merged_into=incident.merged_into,
        split_from=incident.split_from,
        split_into=incident.split_into,
    )
