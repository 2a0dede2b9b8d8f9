"""What does one more message about a known alert change: a re-send, a flap, an end, a return?"""

from collections.abc import Iterator
from datetime import datetime

from detectors.incidents import crowd, memory, narration, urgency
from detectors.incidents.ending import turn
from detectors.incidents.experiment import is_experiment
from detectors.incidents.membership import note, seen_last, touch
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules
from detectors.incidents.state import Episode, OpenIncident, ScopeState, evidence_id
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import cut, span
from models.event import Alert, AlertStatus
from models.incident import IncidentStatus
from models.timeline import EntryKind
from models.topic import Outgoing
from models.triage import Verdict


def holder(state: ScopeState, fingerprint: str) -> OpenIncident | None:
    """Give the incident that knows an alert, the latest of several; None: none does."""
    return next(
        (
            each
            for each in reversed(state.incidents)
            if fingerprint in each.alerts or crowd.holds(each, fingerprint)
        ),
        None,
    )


def hear(
    state: ScopeState, incident: OpenIncident, fingerprint: str, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in a message about an alert that an incident knows.

    A firing soon after a resolution is the same episode: recorded, and from `LIFECYCLE.flapping` on
    only counted. A firing of a resolved incident reopens it.
    """
    episode = incident.alerts.get(fingerprint)
    if episode is None:
        yield from _of_crowd(state, incident, fingerprint, alert, as_of, rules)
        return
    if alert.timestamp < (episode.heard_at or episode.latest.timestamp):
        episode.repeats += 1  # late: the sender has said otherwise since
        return
    episode.heard_at = alert.timestamp
    unimportant = urgency.of_alert(alert) is Urgency.INFORMATIONAL or is_experiment(alert)
    incident.noise = incident.noise and (unimportant or incident.held_until is not None)
    before = episode.latest
    same = before.status is alert.status
    if same:
        episode.repeats += 1
    is_news = not same or (alert.value, alert.severity) != (before.value, before.severity)
    if is_news:
        episode.latest = alert
    if alert.status is AlertStatus.FIRING:
        yield from _fires(state, incident, episode, alert, same, as_of, rules)
    elif not same:
        episode.resolved_at = alert.timestamp
        _calm(incident, as_of)
        if episode.fired < LIFECYCLE.flapping:
            yield from note(incident, alert, as_of, rules)
    if is_news:
        touch(incident, as_of)


def _fires(
    state: ScopeState,
    incident: OpenIncident,
    episode: Episode,
    alert: Alert,
    same: bool,
    as_of: datetime,
    rules: Rules,
) -> Iterator[Outgoing]:
    episode.resolved_at = None
    incident.calm_since = None
    seen_last(incident, alert)
    if same:
        if incident.resolved_at != incident.resolved_on:  # it was only silent: nobody called it resolved
            yield from _reopen(state, incident, alert, _cited(incident, episode, alert), as_of, rules)
        return
    episode.fired += 1
    episode.back_at = alert.timestamp
    if incident.triage is not None and not incident.noise and incident.triage.verdict is not Verdict.INCIDENT:
        incident.confirm_at = alert.timestamp + LIFECYCLE.confirm
    if episode.fired <= LIFECYCLE.flapping:
        yield from note(incident, alert, as_of, rules)
    if episode.fired == LIFECYCLE.flapping:
        incident.flapping = True
        length = span(alert.timestamp - episode.first.timestamp)
        memory.tell(
            incident,
            narration.status_entry(
                entry_kind=EntryKind.STATUS, service=alert.service, rule="flapping",
                text=f"the alert {cut(alert.name, 80)} of {alert.service} flaps: it fired {episode.fired}"
                f" times within {length}; further firings are counted",
                evidence_id=_cited(incident, episode, alert), occurred_at=alert.timestamp, learned_at=as_of,
            ),
        )  # fmt: skip
    yield from _reopen(state, incident, alert, _cited(incident, episode, alert), as_of, rules)


def _of_crowd(
    state: ScopeState, incident: OpenIncident, fingerprint: str, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    fires = alert.status is AlertStatus.FIRING
    if not crowd.put(incident, fingerprint, fires=fires):
        incident.crowd_repeats += 1
        return
    touch(incident, as_of)
    if fires:
        incident.calm_since = None
        seen_last(incident, alert)
        yield from _reopen(state, incident, alert, "", as_of, rules)
    else:
        _calm(incident, as_of)


def _reopen(
    state: ScopeState, incident: OpenIncident, alert: Alert, cites: str, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    if incident.status is IncidentStatus.RESOLVED:
        if not cites:
            yield from note(incident, alert, as_of, rules)
        yield from turn(
            state, incident, IncidentStatus.OPEN, as_of, rules, rule="reopened",
            text=f"reopened: the alert {cut(alert.name, 80)} fires again", by=alert.event_id, cites=cites,
        )  # fmt: skip


def _cited(incident: OpenIncident, episode: Episode, alert: Alert) -> str:
    """Give the evidence of a firing; of the first one where there is no room for more."""
    found = evidence_id(alert.event_id)
    return found if found in incident.evidence else evidence_id(episode.first.event_id)


def _calm(incident: OpenIncident, as_of: datetime) -> None:
    if not incident.crowd_fires and all(each.resolved_at is not None for each in incident.alerts.values()):
        incident.calm_since = as_of
