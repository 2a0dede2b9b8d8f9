"""What does the triage of an incident say now, and what of it is new since it was last told?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

import msgspec

from detectors.incidents import evidence, next_action
from detectors.incidents.blast_radius import services
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.conclusion import conclude, keep_cited
from detectors.incidents.difference import told_apart
from detectors.incidents.impact import business
from detectors.incidents.impact import scope as impact_scope
from detectors.incidents.severity import headline
from detectors.incidents.severity import verdict as severity
from detectors.incidents.state import OpenIncident, Situation
from detectors.incidents.wording import listed, span
from models import topic
from models.impact import BusinessImpact, Figure, Hit, ImpactScope
from models.timeline import EntryKind
from models.topic import Outgoing
from models.triage import Owner, Triage, Verdict

_ABOUT_REALITY = ("confirmed", "unconfirmed", "rule_precision")
"""The rules that say whether it is real."""


def publish(situation: Situation, causes: CauseFinding, owner: Owner) -> Iterator[Outgoing]:
    """Judge an incident and send its triage where it differs from the one before, its evidence first."""
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
    yield from keep_cited(situation, cited, causes.evidence)
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
            conclude(situation, EntryKind.STATUS, text, why.rule, why.evidence[0])
        if before.severity != triage.severity:
            text = _turned(situation, before, triage)
            conclude(situation, EntryKind.SEVERITY, text, reasons[0].rule, reasons[0].evidence[0])
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


def _published(incident: OpenIncident, triage: Triage) -> Iterator[Outgoing]:
    incident.triage = triage
    if triage.verdict is not Verdict.CANDIDATE:
        incident.confirm_at = None
    if incident.worst is None or triage.severity <= incident.worst.severity:
        incident.worst = triage
    yield Outgoing(topic=topic.TRIAGE, key=incident.incident_id, value=triage)
