"""What is told of an incident's routing, and is it news?"""

from collections.abc import Iterator

from detectors.incidents import memory
from detectors.incidents.routing import escalation
from detectors.incidents.routing.contender import Field
from detectors.incidents.routing.known import is_known
from detectors.incidents.state import Situation
from models import topic
from models.record import content_id
from models.routing import CandidateKind, IncidentRouting, RoutingCandidate
from models.topic import Outgoing
from models.triage import Owner


def owner(situation: Situation, field: Field) -> Owner:
    """Give the owner and the second best as the triage tells them."""
    routing = situation.incident.routing
    entry = situation.catalog.entry(routing.service, situation.as_of)
    second = second_best(field, routing.owner)
    return Owner(
        owner=routing.owner,
        reason=routing.reason,
        service=routing.service,
        runbook=entry.runbook if entry else None,
        second_best=second.who if second else None,
        second_reason=f"{second.who} {second.parts[0].text}" if second else None,
        evidence=routing.evidence,
    )


def second_best(field: Field, holder: str) -> RoutingCandidate | None:
    """Give the best team beside the owner, one that can act before one that cannot; None: there is none."""
    teams = [
        each for each in field.candidates if each.candidate_kind is CandidateKind.TEAM and each.who != holder
    ]
    return next((each for each in teams if each.can_act), teams[0] if teams else None)


def publish(situation: Situation, field: Field, *, owner_changed: bool) -> Iterator[Outgoing]:
    """Advance the escalation and send the routing if anything of it is news, evidence first."""
    incident, routing = situation.incident, situation.incident.routing
    if incident.noise or incident.triage is None:
        return
    yield from escalation.advance(situation, incident.triage, field, owner_changed=owner_changed)
    found = _routing(situation, field)
    told = content_id("routing", *_news(found))
    if told == routing.told:
        return
    routing.version, routing.told = found.version, told
    yield Outgoing(topic=topic.ROUTING, key=incident.incident_id, value=found)


def _news(found: IncidentRouting) -> tuple[object, ...]:
    """Give what of a routing is news when it changes; how a reason is worded is not."""
    standings = [(each.who, each.score, each.can_act, each.on_call) for each in found.candidates]
    whose = (found.owner, found.service, found.held_back is None, found.second_best, len(found.changes))
    told = (found.tell_now, found.keep_informed, found.missing, found.escalation, found.schedule_version)
    return *whose, standings, *told


def keep(situation: Situation, field: Field) -> Iterator[Outgoing]:
    """Keep and publish the evidence that the candidates cite."""
    cited = {one for each in field.candidates for part in each.parts for one in part.evidence}
    made = {each.evidence_id: each for each in field.evidence}
    for each in sorted(cited & made.keys()):
        yield from memory.keep(situation.incident, made[each])


def _routing(situation: Situation, field: Field) -> IncidentRouting:
    incident, routing = situation.incident, situation.incident.routing
    second = second_best(field, routing.owner)
    former = [each.from_owner for each in routing.changes if is_known(situation, each.from_owner)]
    relieved = routing.escalation.relieved if routing.escalation else []
    informed = dict.fromkeys([*reversed(former), *routing.joined, *field.informed, *relieved])
    informed |= dict.fromkeys(escalation.informed_since(incident))
    return IncidentRouting(
        incident_id=incident.incident_id,
        as_of=situation.as_of,
        rules_version=situation.rules_version,
        version=routing.version + 1,
        owner=routing.owner,
        service=routing.service,
        reason=routing.reason,
        evidence=routing.evidence,
        held_back=routing.held_back or None,
        second_best=second.who if second else None,
        second_reason=f"{second.who} {second.parts[0].text}" if second else None,
        candidates=field.candidates,
        left_out=field.left_out,
        tell_now=escalation.told_now(incident),
        keep_informed=[each for each in informed if each != routing.owner],
        missing=field.missing,
        escalation=escalation.standing(incident),
        changes=routing.changes,
        schedule_version=situation.oncall.version,
    )
