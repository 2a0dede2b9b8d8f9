"""What does a responder's word do to what belongs together: are two incidents one, or is one two?

A merge and a split are events like those that evidence brings about: recorded in both incidents, with the
word as their evidence. What cannot be done is said in the timeline, with what to do instead. What a
responder split, evidence does not merge again.
"""

from collections.abc import Iterator
from datetime import datetime

from detectors.incidents import memory, narration
from detectors.incidents.ending import turn
from detectors.incidents.membership import LIVE, note
from detectors.incidents.merging import absorb
from detectors.incidents.publication import Rules, publish
from detectors.incidents.splitting import Part, of_services, part_off
from detectors.incidents.state import OpenIncident, ScopeState, evidence_id
from models.event import Feedback
from models.incident import IncidentStatus
from models.timeline import EntryKind
from models.topic import Outgoing


def named(state: ScopeState, incident_id: str | None) -> OpenIncident | None:
    """Give the incident of an id, or the one that it is part of by now; None: none that is not closed."""
    known = (
        each for each in state.incidents if incident_id == each.incident_id or incident_id in each.absorbed
    )
    return next(known, None)


def merge(
    state: ScopeState, incident: OpenIncident, said: Feedback, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Make an incident part of the one that a responder names; that is reopened where it was resolved."""
    into = named(state, said.into_incident_id)
    refused = _why_not_one(state, incident, into, said)
    if into is None or refused:
        yield from _refuse(state, incident, said, "merge", f"not merged: {refused}", as_of, rules)
        return
    yield from note(into, said, as_of, rules)
    if into.status is IncidentStatus.RESOLVED and incident.status in LIVE:
        yield from turn(
            state, into, IncidentStatus.OPEN, as_of, rules, rule="merge", by=said.event_id,
            text=f"reopened: the incident {incident.incident_id}, which goes on, is part of it",
        )  # fmt: skip
    into.parted = [each for each in into.parted if each != incident.incident_id]
    yield from absorb(state, into, incident, said, "a responder said so", as_of, rules)
    yield from publish(state, into, as_of, rules)


def split(
    state: ScopeState, incident: OpenIncident, said: Feedback, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Make an incident of what a responder says is no part of it."""
    part = _part(incident, said)
    refused = _why_not_two(state, incident, part, said)
    if refused:
        yield from _refuse(state, incident, said, "split", f"not split: {refused}", as_of, rules)
        return
    before = {each.incident_id for each in state.incidents}
    yield from part_off(state, incident, part, said, "a responder said so", as_of, rules)
    for own in state.incidents:
        if own.incident_id not in before:
            own.parted = [incident.incident_id]
            incident.parted = [*incident.parted, own.incident_id][-memory.MOST_PARTED :]


def _why_not_one(state: ScopeState, incident: OpenIncident, into: OpenIncident | None, said: Feedback) -> str:
    """Say why a merge is not done and what to do instead; empty: nothing is in its way."""
    if into is None:
        return (
            f"the scope {state.scope} knows no incident {said.into_incident_id} that is not closed; name"
            " one of this scope in into_incident_id"
        )
    if into is incident:
        return "both ids name this incident"
    if into.noise and not incident.noise:
        return f"the incident {into.incident_id} is noise; merge it into this one instead"
    return ""


def _part(incident: OpenIncident, said: Feedback) -> Part:
    if not said.alerts:
        return of_services(incident, {said.service or ""})
    wanted = set(said.alerts)
    alerts = {
        name: each
        for name, each in incident.alerts.items()
        if wanted & {name, each.first.event_id, each.latest.event_id}
    }
    kept = {each.first.service for name, each in incident.alerts.items() if name not in alerts}
    kept |= {each.first.service for each in incident.symptoms.values()}
    return Part(alerts, {}, {each.first.service for each in alerts.values()} - kept)


def _why_not_two(state: ScopeState, incident: OpenIncident, part: Part, said: Feedback) -> str:
    """Say why a split is not done and what to do instead; empty: nothing is in its way."""
    if incident.status not in LIVE:
        return "the incident is over; reopen it first"
    if incident.noise:
        return "the incident is noise: it holds nothing that belongs to others"
    if sum(each.status in LIVE and not each.noise for each in state.incidents) >= memory.MOST_LIVE:
        return f"{memory.MOST_LIVE} incidents of the scope go on already; resolve or merge one first"
    if not part.alerts and not part.symptoms:
        what = "alert that is named" if said.alerts else f"alert or symptom of {said.service}"
        return f"it holds no {what} among those kept whole; name others in alerts or service"
    if len(part.alerts) == len(incident.alerts) and len(part.symptoms) == len(incident.symptoms):
        return "nothing would be left of it; assign it instead, or name less"
    return ""


def _refuse(
    state: ScopeState,
    incident: OpenIncident,
    said: Feedback,
    rule: str,
    text: str,
    as_of: datetime,
    rules: Rules,
) -> Iterator[Outgoing]:
    cites = evidence_id(said.event_id)
    if cites in incident.evidence:
        memory.tell(
            incident,
            narration.status_entry(
                entry_kind=EntryKind.MEMBERSHIP, service=incident.service, text=text, rule=rule,
                evidence_id=cites, occurred_at=as_of, learned_at=as_of,
            ),
        )  # fmt: skip
    yield from publish(state, incident, as_of, rules)
