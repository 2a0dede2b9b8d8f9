"""What does a signal change about the incidents of its scope?"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from detectors.incidents import episode, history, holding, memory, placing, regrouping, room
from detectors.incidents.ending import turn
from detectors.incidents.maintenance import window_of
from detectors.incidents.membership import live, note, note_change, touch
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules
from detectors.incidents.routing import escalation
from detectors.incidents.severity import word
from detectors.incidents.state import OpenIncident, ScopeState
from detectors.incidents.wording import without_people
from models.event import Alert, AlertStatus, Change, ChangeKind, Feedback, FeedbackAction
from models.incident import IncidentStatus
from models.signal import Signal, Symptom
from models.topic import Outgoing


def decide(state: ScopeState, signal: Signal, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Take a signal into account, at a moment of event time that is not before its own."""
    match signal:
        case Change():
            yield from _change(state, signal, as_of, rules)
        case Symptom():
            history.note_symptom(state, signal)
            yield from placing.place_symptom(state, signal, as_of, rules)
        case Alert():
            yield from _alert(state, signal, as_of, rules)
        case Feedback():
            yield from _feedback(state, signal, as_of, rules)
    room.give_way(state)


def _change(state: ScopeState, change: Change, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    state.changes.append(change)
    state.changes.sort(key=lambda each: (each.timestamp, each.event_id))
    oldest = as_of - LIFECYCLE.changes_before
    recent = [each for each in state.changes if each.timestamp >= oldest]
    state.left_out += max(len(recent) - memory.MOST_CHANGES, 0)
    state.changes = recent[-memory.MOST_CHANGES :]
    holding.refresh(state, as_of)
    going_on = live(state)
    history.note_change(state, change, is_calm=not going_on)
    if change.change_kind is not ChangeKind.COMMIT:
        for incident in going_on:
            yield from note_change(state, incident, change, as_of, rules)
            touch(incident, as_of)


def _alert(state: ScopeState, alert: Alert, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    fingerprint = alert.fingerprint or alert.event_id
    incident = episode.holder(state, fingerprint)
    if incident is not None:
        yield from episode.hear(state, incident, fingerprint, alert, as_of, rules)
    elif alert.status is AlertStatus.FIRING:
        window = window_of(state.changes, alert.service, alert.timestamp)
        if window is not None and window.ends > as_of:
            yield from holding.hold(state, fingerprint, alert, window, as_of, rules)
        else:
            yield from placing.place_alert(state, fingerprint, alert, as_of, rules)


def _feedback(state: ScopeState, feedback: Feedback, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    incident = _meant(state, feedback)
    if incident is None:
        state.unmatched += 1
        return
    regroup = {FeedbackAction.MERGE: regrouping.merge, FeedbackAction.SPLIT: regrouping.split}
    if feedback.service is None:
        feedback = msgspec.structs.replace(feedback, service=incident.service)
    if room.make_room_for_word(incident, feedback):
        incident.feedback.append(feedback)
    told = _blameless(state, incident, feedback, rules)
    yield from note(incident, told, as_of, rules)
    if feedback.action in regroup:
        yield from regroup[feedback.action](state, incident, told, as_of, rules)
        return
    escalation.hear(incident, feedback)
    word.hear(incident, feedback)
    turns: dict[FeedbackAction, tuple[IncidentStatus, str]] = {
        FeedbackAction.MITIGATE: (IncidentStatus.MITIGATED, "a responder says that users are no longer hit"),
        FeedbackAction.RESOLVE: (IncidentStatus.RESOLVED, "a responder says that it is over"),
        FeedbackAction.REOPEN: (IncidentStatus.OPEN, "a responder says that it is not over"),
    }
    meant = turns.get(feedback.action)
    told_too_late = (incident.status, feedback.action) == (IncidentStatus.RESOLVED, FeedbackAction.MITIGATE)
    if meant is not None and meant[0] is not incident.status and not told_too_late:
        status, text = meant
        yield from turn(
            state, incident, status, as_of, rules, rule="feedback",
            text=f"{status.value}: {text}", by=feedback.event_id,
        )  # fmt: skip
    else:
        touch(incident, as_of)


def _blameless(state: ScopeState, incident: OpenIncident, feedback: Feedback, rules: Rules) -> Feedback:
    """Give feedback as it is told: nobody who is known here is named in its text."""
    if not feedback.text:
        return feedback
    people = {each.author for each in state.changes} | {each.actor for each in incident.feedback}
    for team in rules.oncall.teams:
        people |= {each.handle for each in rules.oncall.on_call(team, feedback.timestamp)}
    known = sorted(each for each in people if each)
    return msgspec.structs.replace(feedback, text=without_people(feedback.text, known))


def _meant(state: ScopeState, feedback: Feedback) -> OpenIncident | None:
    """Give the incident that is named, or holds the service, or is the latest that goes on."""
    named = feedback.incident_id
    if named is not None:
        return regrouping.named(state, named)
    going_on = live(state)
    of_service = [each for each in reversed(going_on) if feedback.service in each.members]
    latest = [*of_service, *reversed(going_on), *reversed(state.incidents)]
    return latest[0] if latest else None
