"""What does a signal, or the passing of time, change about the incidents of a scope?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from detectors.incidents import evidence, memory, narration, urgency
from detectors.incidents.publication import Judge, draft, publish
from detectors.incidents.state import (
    Episode,
    OpenIncident,
    ScopeState,
    SymptomTrack,
    evidence_id,
    symptom_key,
)
from detectors.incidents.urgency import Urgency
from models.event import Alert, AlertStatus, Change, ChangeKind, Feedback, FeedbackAction
from models.incident import IncidentStatus, incident_id_of
from models.signal import Signal, Symptom, SymptomKind
from models.timeline import EntryKind
from models.topic import Outgoing

__all__ = ["Judge", "deadline", "decide", "fire"]


class LifecyclePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When incidents open, end and are forgotten (event time)."""

    symptoms_before: timedelta = timedelta(minutes=10)
    """Symptoms so long before the opening belong to the incident: most faults show before they page."""
    changes_before: timedelta = timedelta(hours=24)
    """Changes so old are still looked at: a fault may wait for the daily peak."""
    changes_told: timedelta = timedelta(hours=1)
    """Changes so long before the opening stand in the timeline."""
    symptoms_together: timedelta = timedelta(minutes=2)
    """Failures of two services within so long open an incident before any alert."""
    calm: timedelta = timedelta(minutes=2)
    """All alerts resolved for so long: recovered, and not a flap."""
    quiet: timedelta = timedelta(minutes=10)
    """No signal for so long while no alert fires: recovered."""
    abandoned: timedelta = timedelta(hours=6)
    """No signal for so long although an alert was never resolved: its sender has gone."""
    reopen: timedelta = timedelta(minutes=15)
    """The same alert so soon after the resolution reopens the incident; afterwards it is closed."""
    gather: timedelta = timedelta(seconds=10)
    """What changes within so long is published together."""


POLICY = LifecyclePolicy()

_LIVE = (IncidentStatus.OPEN, IncidentStatus.MITIGATED)
_FAILURES = ("error", "fatal")


class _Ending(NamedTuple):
    at: datetime
    """When it is due."""
    since: datetime
    """From when on the incident counts as recovered."""
    rule: str
    text: str


def decide(state: ScopeState, signal: Signal, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    """Take a signal into account, at a moment of event time that is not before its own."""
    match signal:
        case Change():
            yield from _change(state, signal, as_of, judge)
        case Symptom():
            yield from _symptom(state, signal, as_of, judge)
        case Alert():
            yield from _alert(state, signal, as_of, judge)
        case Feedback():
            yield from _feedback(state, signal, as_of, judge)


def deadline(state: ScopeState) -> datetime | None:
    """Give the earliest moment at which the passing of time changes something."""
    return min((moment for each in state.incidents for moment in _moments(each)), default=None)


def fire(state: ScopeState, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    """Do what is due at a moment: publish, resolve or close."""
    for incident in list(state.incidents):
        ending = _ending(incident)
        if ending is not None and ending.at <= as_of:
            if incident.status is IncidentStatus.RESOLVED:
                yield from _close(state, incident, as_of, judge)
            else:
                yield from _resolve(state, incident, as_of, ending, judge)
        elif incident.publish_at is not None and incident.publish_at <= as_of:
            yield from publish(state, incident, as_of, judge)


def _moments(incident: OpenIncident) -> Iterator[datetime]:
    if incident.publish_at is not None:
        yield incident.publish_at
    ending = _ending(incident)
    if ending is not None:
        yield ending.at


def _ending(incident: OpenIncident) -> _Ending | None:
    if incident.status is IncidentStatus.RESOLVED:
        assert incident.resolved_at is not None  # set with the status
        at = max(incident.resolved_at, incident.last_signal_at) + POLICY.reopen
        return _Ending(at, incident.resolved_at, "reopen_window", "")
    if incident.calm_since is not None:
        since = max(incident.calm_since, incident.last_signal_at)
        return _Ending(since + POLICY.calm, since, "alerts_resolved", "all alerts are resolved and stayed so")
    firing = any(each.resolved_at is None for each in incident.alerts.values())
    wait = POLICY.abandoned if firing else POLICY.quiet
    since = incident.last_signal_at
    return _Ending(since + wait, since, "quiet", "nothing more of the incident was seen")


def _change(state: ScopeState, change: Change, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    state.changes.append(change)
    state.changes.sort(key=lambda each: (each.timestamp, each.event_id))
    oldest = as_of - POLICY.changes_before
    state.changes = [each for each in state.changes if each.timestamp >= oldest][-memory.MOST_CHANGES :]
    incident = _live(state)
    if incident is not None and change.change_kind is not ChangeKind.COMMIT:
        yield from _note(incident, change, as_of, judge)
        _touch(incident, as_of)


def _symptom(state: ScopeState, symptom: Symptom, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    incident = _live(state)
    if incident is not None:
        yield from _track(incident, symptom, as_of, judge)
        _touch(incident, as_of)
        return
    oldest = as_of - POLICY.symptoms_before
    recent = [each for each in state.symptoms if each.timestamp >= oldest]
    state.symptoms = [*recent, symptom][-memory.MOST_SYMPTOMS :]
    failing = _failing(state, as_of)
    if len({each.service for each in failing}) > 1:
        first = min(failing, key=lambda each: (each.onset_at, each.event_id))
        yield from _open(state, symptom, first.service, as_of, judge)


def _failing(state: ScopeState, as_of: datetime) -> list[Symptom]:
    """Give the recent symptoms that are failures by themselves: error lines and failing operations."""
    return [
        each
        for each in state.symptoms
        if each.timestamp >= as_of - POLICY.symptoms_together
        and (each.severity in _FAILURES or each.symptom_kind is SymptomKind.ERROR_RATE)
    ]


def _alert(state: ScopeState, alert: Alert, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    fingerprint = alert.fingerprint or alert.event_id
    incident = _holder(state, fingerprint)
    if incident is not None:
        yield from _episode(state, incident, fingerprint, alert, as_of, judge)
    elif alert.status is AlertStatus.FIRING:
        incident = _live(state)
        noise = urgency.of_alert(alert) is Urgency.INFORMATIONAL
        if incident is None and noise and _noises(state) >= memory.MOST_NOISE:
            state.left_out += 1
        elif incident is None:
            yield from _open(state, alert, alert.service, as_of, judge, fingerprint=fingerprint, noise=noise)
        else:
            yield from _first_firing(incident, fingerprint, alert, as_of, judge)


def _episode(
    state: ScopeState, incident: OpenIncident, fingerprint: str, alert: Alert, as_of: datetime, judge: Judge
) -> Iterator[Outgoing]:
    episode = incident.alerts[fingerprint]
    if alert.timestamp < (episode.heard_at or episode.latest.timestamp):
        episode.repeats += 1  # late: the sender has said otherwise since
        return
    episode.heard_at = alert.timestamp
    incident.noise = incident.noise and urgency.of_alert(alert) is Urgency.INFORMATIONAL
    same = episode.latest.status is alert.status
    if same:
        episode.repeats += 1
    is_news = not same or (alert.value, alert.severity) != (episode.latest.value, episode.latest.severity)
    if is_news:
        episode.latest = alert
    if alert.status is AlertStatus.FIRING:
        episode.resolved_at = None
        incident.calm_since = None
        _seen(incident, alert)
    elif not same:
        episode.resolved_at = alert.timestamp
        if all(each.resolved_at is not None for each in incident.alerts.values()):
            incident.calm_since = as_of
    if not same:
        yield from _note(incident, alert, as_of, judge)
        if incident.status is IncidentStatus.RESOLVED and alert.status is AlertStatus.FIRING:
            yield from _turn(
                state, incident, IncidentStatus.OPEN, as_of, judge, rule="reopened",
                text=f"reopened: the alert {alert.name} fires again", by=alert.event_id,
            )  # fmt: skip
        else:
            _touch(incident, as_of)
    elif is_news:
        _touch(incident, as_of)


def _first_firing(
    incident: OpenIncident, fingerprint: str, alert: Alert, as_of: datetime, judge: Judge
) -> Iterator[Outgoing]:
    _seen(incident, alert)
    incident.calm_since = None
    if len(incident.alerts) >= memory.MOST_ALERTS:
        incident.left_out += 1
        return
    incident.alerts[fingerprint] = Episode(first=alert, latest=alert)
    yield from _note(incident, alert, as_of, judge)
    _touch(incident, as_of)


def _open(
    state: ScopeState,
    opening: Alert | Symptom,
    service: str,
    as_of: datetime,
    judge: Judge,
    *,
    fingerprint: str = "",
    noise: bool = False,
) -> Iterator[Outgoing]:
    incident = OpenIncident(
        incident_id=incident_id_of(state.scope, opening.event_id, as_of),
        scope=state.scope,
        service=service,
        opened_at=as_of,
        noise=noise,
        last_signal_at=as_of,
        last_signal=opening.event_id,
    )
    if state.closed_at is not None and as_of - state.closed_at <= POLICY.changes_before:
        incident.previous_incident = state.closed_id
    state.incidents.append(incident)
    if not noise:
        yield from _look_back(state, incident, as_of, judge)
    if isinstance(opening, Alert):
        yield from _first_firing(incident, fingerprint, opening, as_of, judge)
    yield from publish(state, incident, as_of, judge)


def _look_back(
    state: ScopeState, incident: OpenIncident, as_of: datetime, judge: Judge
) -> Iterator[Outgoing]:
    """Take in what came shortly before the opening: changes to tell of, and symptoms."""
    for change in state.changes:
        if change.timestamp >= as_of - POLICY.changes_told and change.change_kind is not ChangeKind.COMMIT:
            yield from _note(incident, change, as_of, judge)
    for symptom in state.symptoms:
        if symptom.timestamp >= as_of - POLICY.symptoms_before:
            yield from _track(incident, symptom, as_of, judge)
    state.symptoms = []


def _track(incident: OpenIncident, symptom: Symptom, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    _seen(incident, symptom)
    key = symptom_key(symptom)
    track = incident.symptoms.get(key)
    if track is None:
        if len(incident.symptoms) >= memory.MOST_TRACKS:
            incident.left_out += 1
            return
        incident.symptoms[key] = SymptomTrack(first=symptom, worst=symptom, latest=symptom)
        yield from _note(incident, symptom, as_of, judge)
        return
    track.count += 1
    track.latest = symptom
    if abs(symptom.score) > abs(track.worst.score):
        told = list(
            memory.keep(
                incident, evidence.of_signal(symptom, incident.incident_id, as_of, judge.rules_version)
            )
        )
        if told:
            track.worst = symptom
        yield from told


def _feedback(state: ScopeState, feedback: Feedback, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    incident = _meant(state, feedback)
    if incident is None:
        state.unmatched += 1
        return
    if feedback.service is None:
        feedback = msgspec.structs.replace(feedback, service=incident.service)
    if len(incident.feedback) < memory.MOST_FEEDBACK:
        incident.feedback.append(feedback)
    yield from _note(incident, feedback, as_of, judge)
    turns: dict[FeedbackAction, tuple[IncidentStatus, str]] = {
        FeedbackAction.MITIGATE: (IncidentStatus.MITIGATED, "a responder says that users are no longer hit"),
        FeedbackAction.RESOLVE: (IncidentStatus.RESOLVED, "a responder says that it is over"),
        FeedbackAction.REOPEN: (IncidentStatus.OPEN, "a responder says that it is not over"),
    }
    turn = turns.get(feedback.action)
    told_too_late = (incident.status, feedback.action) == (IncidentStatus.RESOLVED, FeedbackAction.MITIGATE)
    if turn is not None and turn[0] is not incident.status and not told_too_late:
        status, text = turn
        yield from _turn(
            state, incident, status, as_of, judge, rule="feedback",
            text=f"{status.value}: {text}", by=feedback.event_id,
        )  # fmt: skip
    else:
        _touch(incident, as_of)


def _resolve(
    state: ScopeState, incident: OpenIncident, as_of: datetime, ending: _Ending, judge: Judge
) -> Iterator[Outgoing]:
    quiet = evidence.of_quiet(incident, ending.since, as_of, judge.rules_version, incident.last_signal)
    yield from memory.keep(incident, quiet)
    incident.resolved_at = ending.since
    yield from _turn(
        state, incident, IncidentStatus.RESOLVED, as_of, judge, rule=ending.rule,
        text=f"resolved: {ending.text}", cites=quiet.evidence_id,
    )  # fmt: skip


def _close(state: ScopeState, incident: OpenIncident, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    quiet = evidence.of_quiet(
        incident, incident.resolved_at or as_of, as_of, judge.rules_version, incident.last_signal
    )
    yield from memory.keep(incident, quiet)
    yield from _turn(
        state, incident, IncidentStatus.CLOSED, as_of, judge, rule="reopen_window",
        text="closed: it stayed resolved", cites=quiet.evidence_id,
    )  # fmt: skip
    state.incidents.remove(incident)
    if not incident.noise:
        state.closed_id, state.closed_at = incident.incident_id, as_of


def _turn(
    state: ScopeState,
    incident: OpenIncident,
    status: IncidentStatus,
    as_of: datetime,
    judge: Judge,
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
        incident.resolved_at = incident.resolved_at or as_of
    elif status is IncidentStatus.OPEN:
        incident.resolved_at = incident.mitigated_at = incident.calm_since = None
        # A responder's word holds until it has been quiet once more.
        incident.last_signal_at, incident.last_signal = as_of, by
    told: dict[str, Any] = {"occurred_at": as_of, "learned_at": as_of, "service": incident.service}
    cited = cites or evidence_id(by)
    memory.tell(
        incident,
        narration.status_entry(entry_kind=EntryKind.STATUS, text=text, rule=rule, evidence_id=cited, **told),
    )
    yield from publish(state, incident, as_of, judge)
    if status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED) and not incident.noise:
        yield from draft(state, incident, as_of, judge)


def _note(incident: OpenIncident, signal: Signal, as_of: datetime, judge: Judge) -> Iterator[Outgoing]:
    """Keep the evidence of a signal and tell of it in the timeline, once."""
    found = evidence.of_signal(signal, incident.incident_id, as_of, judge.rules_version)
    if found.evidence_id in incident.evidence:
        return
    kept = list(memory.keep(incident, found))
    if kept:
        memory.tell(incident, narration.entry(signal, found, as_of))
    yield from kept


def _touch(incident: OpenIncident, as_of: datetime) -> None:
    if incident.publish_at is None:
        incident.publish_at = as_of + POLICY.gather


def _seen(incident: OpenIncident, signal: Alert | Symptom) -> None:
    if signal.timestamp >= incident.last_signal_at:
        incident.last_signal_at, incident.last_signal = signal.timestamp, signal.event_id


def _live(state: ScopeState) -> OpenIncident | None:
    return next((each for each in reversed(state.incidents) if each.status in _LIVE and not each.noise), None)


def _holder(state: ScopeState, fingerprint: str) -> OpenIncident | None:
    return next((each for each in reversed(state.incidents) if fingerprint in each.alerts), None)


def _noises(state: ScopeState) -> int:
    return sum(each.noise for each in state.incidents)


def _meant(state: ScopeState, feedback: Feedback) -> OpenIncident | None:
    if feedback.incident_id is not None:
        return next((each for each in state.incidents if each.incident_id == feedback.incident_id), None)
    return _live(state) or (state.incidents[-1] if state.incidents else None)
