"""What is told of an incident, and what of it is new since it was last told?"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

import msgspec

from detectors.incidents import crowd, evidence, next_action
from detectors.incidents.blast_radius import services
from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.difference import leader_of, leading_of, moved, standing, told_apart
from detectors.incidents.impact import business
from detectors.incidents.impact import scope as impact_scope
from detectors.incidents.memory import keep, tell
from detectors.incidents.narration import anchors, status_entry
from detectors.incidents.postmortem import draft as postmortem_draft
from detectors.incidents.routing import contender, ownership, route
from detectors.incidents.severity import headline
from detectors.incidents.severity import verdict as severity
from detectors.incidents.state import OpenIncident, ScopeState, Situation
from detectors.incidents.wording import listed, span
from detectors.oncall import NO_SCHEDULE, OnCallSchedule
from detectors.topology import Catalog
from models import topic
from models.cause import Causes
from models.evidence import Evidence
from models.impact import BusinessImpact, Figure, Hit, ImpactScope
from models.incident import Incident, IncidentStatus
from models.policy import Policy
from models.timeline import EntryKind, Timeline
from models.topic import Outgoing
from models.triage import Owner, Triage, Verdict

_NO_CAUSE = CauseFinding(
    candidates=[], abstained="noise has no cause to look for", recommended_checks=[], evidence=[]
)

_ABOUT_REALITY = ("confirmed", "unconfirmed", "rule_precision")
"""The rules that say whether it is real."""


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
        yield from _causes(situation, finding)
    holder = incident.routing.owner
    yield from ownership.settle(situation, finding)
    field = contender.rank(state, situation, finding)
    yield from route.keep(situation, field)
    yield from _triage(situation, finding, route.owner(situation, field))
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


def _causes(situation: Situation, finding: CauseFinding) -> Iterator[Outgoing]:
    incident = situation.incident
    cited = chain.from_iterable(
        argument.evidence
        for each in finding.candidates
        for argument in (*each.supporting, *each.contradicting)
    )
    yield from _keep_cited(situation, cited, finding.evidence)
    known = set(incident.evidence)
    candidates = [
        msgspec.structs.replace(
            each,
            supporting=evidence.cited(each.supporting, known),
            contradicting=evidence.cited(each.contradicting, known),
        )
        for each in finding.candidates
    ]
    before = incident.causes
    ranking = standing(finding.abstained, candidates)
    if before is not None and standing(before.abstained, before.candidates) == ranking:
        return
    leading, led = leading_of(candidates, finding.abstained), leader_of(before)
    causes = Causes(
        incident_id=incident.incident_id,
        as_of=situation.as_of,
        rules_version=situation.rules_version,
        version=1 if before is None else before.version + 1,
        candidates=candidates,
        abstained=finding.abstained,
        confidence=finding.confidence,
        no_change_to_blame=finding.no_change_to_blame,
        recommended_checks=finding.recommended_checks,
        previous=[] if before is None else moved(before, candidates, led, leading),
    )
    incident.causes = causes
    if leading and leading != led:
        first = candidates[0].supporting
        if first:
            _conclude(
                situation,
                EntryKind.CAUSE,
                f"leading candidate: {leading}",
                "cause_ranking",
                first[0].evidence[0],
            )
    yield Outgoing(topic=topic.CAUSES, key=incident.incident_id, value=causes)


def _triage(situation: Situation, causes: CauseFinding, owner: Owner) -> Iterator[Outgoing]:
    incident, as_of = situation.incident, situation.as_of
    finding = severity.judge(situation)
    incident.held, incident.lower_since, incident.judge_at = (
        finding.severity,
        finding.lower_since,
        finding.judge_at,
    )
    hit, cost = impact_scope.find(situation), business.find(situation)
    actions = next_action.propose(situation, causes, owner)
    resting = (*finding.reasons, *finding.near_misses, *actions)
    cited = chain(*(each.evidence for each in (*resting, *_of(hit), *_of(cost))))
    yield from _keep_cited(situation, cited, causes.evidence)
    known = set(incident.evidence)
    reasons = evidence.cited(finding.reasons, known)
    if not reasons:
        return
    before = incident.triage
    triage = Triage(
        incident_id=incident.incident_id,
        as_of=as_of,
        rules_version=situation.rules_version,
        version=1 if before is None else before.version + 1,
        verdict=finding.verdict,
        severity=finding.severity,
        status=incident.status,
        headline=headline.write(finding.severity, incident.service, reasons, as_of),
        service=incident.service,
        opened_at=incident.opened_at,
        impact=finding.impact,
        urgency=finding.urgency,
        reasons=reasons,
        near_misses=evidence.cited(finding.near_misses, known),
        lower_at=lower_at(situation, finding),
        raises=finding.raises,
        missing_inputs=finding.missing_inputs,
        impact_scope=hit and msgspec.structs.replace(hit, hits=evidence.cited(hit.hits, known)),
        business_impact=cost and msgspec.structs.replace(cost, figures=evidence.cited(cost.figures, known)),
        blast_radius=services(incident),
        owner=owner,
        next_actions=evidence.cited(actions, known),
    )
    if before is not None:
        triage = msgspec.structs.replace(triage, previous=told_apart(before, triage))
        if not triage.previous and {each.rule for each in reasons} <= {each.rule for each in before.reasons}:
            return
        if before.verdict is not triage.verdict:
            text = f"{before.verdict.value} became {triage.verdict.value}"
            why = next((each for each in reasons if each.rule in _ABOUT_REALITY), reasons[0])
            if why.rule in _ABOUT_REALITY:
                text += f": {why.text}"
            _conclude(situation, EntryKind.STATUS, text, why.rule, why.evidence[0])
        if before.severity != triage.severity:
            text = _turned(situation, before, triage)
            _conclude(situation, EntryKind.SEVERITY, text, reasons[0].rule, reasons[0].evidence[0])
    yield from _published(incident, triage)


def _of(told: ImpactScope | BusinessImpact | None) -> list[Hit] | list[Figure]:
    if told is None:
        return []
    return told.hits if isinstance(told, ImpactScope) else told.figures


def lower_at(situation: Situation, finding: severity.SeverityFinding) -> datetime | None:
    """Give when a severity goes down if nothing gets worse (event time); None: it stays."""
    if finding.lower_since is None:
        return None
    return finding.lower_since + timedelta(minutes=situation.policy.severity.lower_after_min)


def _turned(situation: Situation, before: Triage, after: Triage) -> str:
    """Say that a severity turned, and by which rules."""
    turned = f"severity {before.severity.name} became {after.severity.name}"
    if after.severity < before.severity:
        return f"{turned}: {after.reasons[0].text}"
    if after.verdict is Verdict.NOISE:
        return f"{turned}: it turned out to be noise"
    fires = {rule for each in after.reasons for rule in each.fired}
    gone = [
        rule
        for each in before.reasons
        if each.severity is not None and each.severity < after.severity
        for rule in each.fired
        if rule not in fires
    ]
    wait = span(timedelta(minutes=situation.policy.severity.lower_after_min))
    named = listed(list(dict.fromkeys(gone))[:3]) or "the rules that called for it"
    return f"{turned}: for {wait} these have clearly not held any more: {named}"


def judge_again(
    state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Judge the severity although nothing came: time has passed; publish only if it has changed."""
    finding = severity.judge(_situation(state, incident, as_of, rules))
    if finding.severity != incident.held:
        yield from publish(state, incident, as_of, rules)
    else:
        incident.lower_since, incident.judge_at = finding.lower_since, finding.judge_at


def _published(incident: OpenIncident, triage: Triage) -> Iterator[Outgoing]:
    incident.triage = triage
    if triage.verdict is not Verdict.CANDIDATE:
        incident.confirm_at = None
    if incident.worst is None or triage.severity <= incident.worst.severity:
        incident.worst = triage
    yield Outgoing(topic=topic.TRIAGE, key=incident.incident_id, value=triage)


def _keep_cited(situation: Situation, ids: Iterable[str], found: list[Evidence]) -> Iterator[Outgoing]:
    wanted = set(ids) - set(situation.incident.evidence)
    given = [each for each in found if each.evidence_id in wanted]
    for each in (*given, *evidence.of_cited(situation, wanted)):
        yield from keep(situation.incident, each)


def _conclude(situation: Situation, kind: EntryKind, text: str, rule: str, cites: str) -> None:
    incident, as_of = situation.incident, situation.as_of
    tell(
        incident,
        status_entry(
            entry_kind=kind,
            service=incident.service,
            text=text,
            rule=rule,
            evidence_id=cites,
            occurred_at=as_of,
            learned_at=as_of,
        ),
    )


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
