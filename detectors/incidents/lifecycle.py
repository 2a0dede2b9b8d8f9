"""What does a signal change about the incidents of its scope?"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from detectors.incidents import history, holding, memory, urgency
from detectors.incidents.ending import turn
from detectors.incidents.maintenance import window_of
from detectors.incidents.membership import (
    EVIDENCE_ONLY,
    admit,
    live,
    note,
    open_incident,
    seen_last,
    take_symptom,
    touch,
)
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules
from detectors.incidents.routing import escalation
from detectors.incidents.state import OpenIncident, ScopeState
from detectors.incidents.urgency import Urgency
from models.event import Alert, AlertStatus, Change, ChangeKind, Feedback, FeedbackAction
from models.incident import IncidentStatus
from models.signal import Signal, Symptom, SymptomKind
from models.topic import Outgoing

_FAILURES = ("error", "fatal")


def decide(state: ScopeState, signal: Signal, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Take a signal into account, at a moment of event time that is not before its own."""
    match signal:
        case Change():
            yield from _change(state, signal, as_of, rules)
        case Symptom():
            yield from _symptom(state, signal, as_of, rules)
        case Alert():
            yield from _alert(state, signal, as_of, rules)
        case Feedback():
            yield from _feedback(state, signal, as_of, rules)


def _change(state: ScopeState, change: Change, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    state.changes.append(change)
    state.changes.sort(key=lambda each: (each.timestamp, each.event_id))
    oldest = as_of - LIFECYCLE.changes_before
    recent = [each for each in state.changes if each.timestamp >= oldest]
    state.left_out += max(len(recent) - memory.MOST_CHANGES, 0)
    state.changes = recent[-memory.MOST_CHANGES :]
    holding.refresh(state, as_of)
    incident = live(state)
    history.note_change(state, change, is_calm=incident is None)
    if incident is not None and change.change_kind is not ChangeKind.COMMIT:
        yield from note(incident, change, as_of, rules)
        touch(incident, as_of)


def _symptom(state: ScopeState, symptom: Symptom, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    incident = live(state)
    history.note_symptom(state, symptom)
    if incident is not None:
        yield from take_symptom(incident, symptom, as_of, rules)
        touch(incident, as_of)
        return
    oldest = as_of - LIFECYCLE.symptoms_before
    recent = [each for each in state.symptoms if each.timestamp >= oldest]
    state.symptoms = [*recent, symptom][-memory.MOST_SYMPTOMS :]
    failing = _failing(state, as_of)
    if len({each.service for each in failing}) > 1:
        first = min(failing, key=lambda each: (each.onset_at, each.event_id))
        yield from open_incident(state, symptom, first.service, as_of, rules)


def _failing(state: ScopeState, as_of: datetime) -> list[Symptom]:
    """Give the recent symptoms that are failures by themselves: error lines and failing operations."""
    return [
        each
        for each in state.symptoms
        if each.timestamp >= as_of - LIFECYCLE.symptoms_together
        and each.symptom_kind not in EVIDENCE_ONLY
        and (each.severity in _FAILURES or each.symptom_kind is SymptomKind.ERROR_RATE)
        and window_of(state.changes, each.service, each.timestamp) is None
    ]


def _alert(state: ScopeState, alert: Alert, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    fingerprint = alert.fingerprint or alert.event_id
    incident = _holder(state, fingerprint)
    if incident is not None:
        yield from _episode(state, incident, fingerprint, alert, as_of, rules)
    elif alert.status is AlertStatus.FIRING:
        window = window_of(state.changes, alert.service, alert.timestamp)
        if window is not None and window.ends > as_of:
            yield from holding.hold(state, fingerprint, alert, window, as_of, rules)
        else:
            yield from admit(state, fingerprint, alert, as_of, rules)


def _episode(
    state: ScopeState, incident: OpenIncident, fingerprint: str, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    episode = incident.alerts[fingerprint]
    if alert.timestamp < (episode.heard_at or episode.latest.timestamp):
        episode.repeats += 1  # late: the sender has said otherwise since
        return
    episode.heard_at = alert.timestamp
    informational = urgency.of_alert(alert) is Urgency.INFORMATIONAL
    incident.noise = incident.noise and (informational or incident.held_until is not None)
    same = episode.latest.status is alert.status
    if same:
        episode.repeats += 1
    is_news = not same or (alert.value, alert.severity) != (episode.latest.value, episode.latest.severity)
    if is_news:
        episode.latest = alert
    if alert.status is AlertStatus.FIRING:
        episode.resolved_at = None
        incident.calm_since = None
        seen_last(incident, alert)
    elif not same:
        episode.resolved_at = alert.timestamp
        if all(each.resolved_at is not None for each in incident.alerts.values()):
            incident.calm_since = as_of
    if not same:
        yield from note(incident, alert, as_of, rules)
        if incident.status is IncidentStatus.RESOLVED and alert.status is AlertStatus.FIRING:
            yield from turn(
                state, incident, IncidentStatus.OPEN, as_of, rules, rule="reopened",
                text=f"reopened: the alert {alert.name} fires again", by=alert.event_id,
            )  # fmt: skip
        else:
            touch(incident, as_of)
    elif is_news:
        touch(incident, as_of)


def _feedback(state: ScopeState, feedback: Feedback, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    incident = _meant(state, feedback)
    if incident is None:
        state.unmatched += 1
        return
    if feedback.service is None:
        feedback = msgspec.structs.replace(feedback, service=incident.service)
    if len(incident.feedback) < memory.MOST_FEEDBACK:
        incident.feedback.append(feedback)
    yield from note(incident, feedback, as_of, rules)
    escalation.hear(incident, feedback)
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


def _holder(state: ScopeState, fingerprint: str) -> OpenIncident | None:
    return next((each for each in reversed(state.incidents) if fingerprint in each.alerts), None)


def _meant(state: ScopeState, feedback: Feedback) -> OpenIncident | None:
    if feedback.incident_id is not None:
        return next((each for each in state.incidents if each.incident_id == feedback.incident_id), None)
    return live(state) or (state.incidents[-1] if state.incidents else None)
