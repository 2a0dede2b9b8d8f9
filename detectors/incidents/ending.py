"""When does an incident end, and what is told when its status turns?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from detectors.incidents import evidence, history, holding, memory, narration, precision, room
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules, draft, escalate, judge_again, publish
from detectors.incidents.reality import is_noise
from detectors.incidents.routing import escalation, ownership
from detectors.incidents.splitting import split, split_at
from detectors.incidents.state import Ended, OpenIncident, ScopeState, evidence_id
from models.incident import IncidentStatus
from models.timeline import EntryKind
from models.topic import Outgoing

_MOST_NAMED = 20
"""Services of an incident that is over that are remembered, those that came in first."""


class Ending(NamedTuple):
    """How an incident ends if nothing more comes: resolved, or closed where it is resolved."""

    at: datetime
    """When it is due."""
    since: datetime
    """From when on the incident counts as recovered."""
    rule: str
    text: str


def deadline(state: ScopeState) -> datetime | None:
    """Give the earliest moment at which the passing of time changes something."""
    return min((moment for each in state.incidents for moment in _moments(each)), default=None)


def fire(state: ScopeState, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Do what is due at a moment: publish, resolve or close."""
    for incident in list(state.incidents):
        if incident.merged_into is not None:
            continue  # at this very moment, by an alert that was raised again
        if incident.held_until is not None and incident.held_until <= as_of:
            yield from holding.release(state, incident, as_of, rules)
        apart_at = split_at(incident)
        if apart_at is not None and apart_at <= as_of:
            yield from split(state, incident, as_of, rules)
        if incident.confirm_at is not None and incident.confirm_at <= as_of:
            incident.confirm_at = None
            incident.publish_at = as_of
        ending = ending_of(incident)
        if ending.at <= as_of:
            if incident.status is IncidentStatus.RESOLVED:
                yield from _close(state, incident, as_of, rules)
            else:
                yield from _resolve(state, incident, as_of, ending, rules)
        elif any(_is_due(each, as_of) for each in (incident.publish_at, ownership.deadline(incident))):
            yield from publish(state, incident, as_of, rules)
        elif _is_due(escalation.deadline(incident), as_of):
            yield from escalate(state, incident, as_of, rules)
        elif _is_due(incident.judge_at, as_of):
            yield from judge_again(state, incident, as_of, rules)
    room.give_way(state)


def turn(
    state: ScopeState,
    incident: OpenIncident,
    status: IncidentStatus,
    as_of: datetime,
    rules: Rules,
    *,
    rule: str,
    text: str,
    by: str = "",
    cites: str = "",
) -> Iterator[Outgoing]:
    """Bring an incident to another status: recorded, published, and drafted where it is over."""
    incident.status = status
    if status is IncidentStatus.MITIGATED:
        incident.mitigated_at = as_of
    elif status is IncidentStatus.RESOLVED:
        incident.resolved_at, incident.resolved_on = incident.resolved_at or as_of, as_of
    elif status is IncidentStatus.OPEN:
        incident.resolved_at = incident.resolved_on = incident.mitigated_at = incident.calm_since = None
        # A responder's word holds until it has been quiet once more.
        incident.last_signal_at, incident.last_signal = as_of, by
    told: dict[str, Any] = {"occurred_at": as_of, "learned_at": as_of, "service": incident.service}
    cited = cites or evidence_id(by)
    memory.tell(
        incident,
        narration.status_entry(entry_kind=EntryKind.STATUS, text=text, rule=rule, evidence_id=cited, **told),
    )
    yield from publish(state, incident, as_of, rules)
    is_over = status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    if is_over and not is_noise(incident):
        _remember(state, incident, as_of)
        yield from draft(state, incident, as_of, rules)


def _is_due(moment: datetime | None, as_of: datetime) -> bool:
    return moment is not None and moment <= as_of


def _remember(state: ScopeState, incident: OpenIncident, as_of: datetime) -> None:
    """Remember an incident that is over, so that the next one of its services can name it."""
    others = [each for each in state.ended if each.incident_id != incident.incident_id]
    services = list(incident.members)[:_MOST_NAMED]
    own = Ended(incident_id=incident.incident_id, ended_at=as_of, services=services)
    state.ended = [*others, own][-memory.MOST_ENDED :]


def _moments(incident: OpenIncident) -> Iterator[datetime]:
    waiting = (incident.publish_at, ownership.deadline(incident), escalation.deadline(incident))
    yield from (each for each in waiting if each is not None)
    if incident.held_until is not None:
        yield incident.held_until
    if incident.confirm_at is not None:
        yield incident.confirm_at
    apart_at = split_at(incident)
    if apart_at is not None:
        yield apart_at
    if incident.judge_at is not None and incident.publish_at is None:
        yield incident.judge_at
    yield ending_of(incident).at


def ending_of(incident: OpenIncident) -> Ending:
    """Give when an incident that is not closed ends, and why, if nothing more of it is seen."""
    if incident.status is IncidentStatus.RESOLVED:
        assert incident.resolved_at is not None  # set with the status
        at = max(incident.resolved_at, incident.last_signal_at) + LIFECYCLE.reopen
        if incident.resolved_on is not None and at <= incident.resolved_on:
            at = incident.resolved_on + LIFECYCLE.reopen  # it was known only when the window was over
        return Ending(at, incident.resolved_at, "reopen_window", "")
    if incident.calm_since is not None:
        since = max(incident.calm_since, incident.last_signal_at)
        wait = LIFECYCLE.quiet if incident.flapping else LIFECYCLE.calm
        return Ending(since + wait, since, "alerts_resolved", "all alerts are resolved and stayed so")
    firing = incident.crowd_fires or any(each.resolved_at is None for each in incident.alerts.values())
    wait = LIFECYCLE.abandoned if firing else LIFECYCLE.quiet
    since = incident.last_signal_at
    return Ending(since + wait, since, "quiet", "nothing more of the incident was seen")


def _resolve(
    state: ScopeState, incident: OpenIncident, as_of: datetime, ending: Ending, rules: Rules
) -> Iterator[Outgoing]:
    quiet = evidence.of_quiet(incident, ending.since, as_of, rules.version, incident.last_signal)
    yield from memory.keep(incident, quiet)
    incident.resolved_at = ending.since
    yield from turn(
        state, incident, IncidentStatus.RESOLVED, as_of, rules, rule=ending.rule,
        text=f"resolved: {ending.text}", cites=quiet.evidence_id,
    )  # fmt: skip


def _close(state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    quiet = evidence.of_quiet(
        incident, incident.resolved_at or as_of, as_of, rules.version, incident.last_signal
    )
    yield from memory.keep(incident, quiet)
    yield from turn(
        state, incident, IncidentStatus.CLOSED, as_of, rules, rule="reopen_window",
        text="closed: it stayed resolved", cites=quiet.evidence_id,
    )  # fmt: skip
    state.incidents.remove(incident)
    precision.learn(state, incident)
    if not is_noise(incident):
        history.note_closing(state, incident)
