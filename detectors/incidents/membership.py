"""What belongs to an incident, and what is noted of it?"""

from collections.abc import Iterator
from datetime import datetime

from detectors.incidents import evidence, history, memory, narration, urgency
from detectors.incidents.maintenance import Window
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules, publish
from detectors.incidents.state import Episode, OpenIncident, ScopeState, SymptomTrack, symptom_key
from detectors.incidents.urgency import Urgency
from models.event import Alert, ChangeKind
from models.incident import IncidentStatus, incident_id_of
from models.signal import Signal, Symptom, SymptomKind
from models.topic import Outgoing

EVIDENCE_ONLY = (SymptomKind.DEPLOY_COMPARISON, SymptomKind.SILENT_SERVICE)
"""Symptoms that show no failure by themselves: a change differs by intent, and when the way of the logs
breaks all services are silent at once."""

LIVE = (IncidentStatus.OPEN, IncidentStatus.MITIGATED)


def open_incident(
    state: ScopeState,
    opening: Alert | Symptom,
    service: str,
    as_of: datetime,
    rules: Rules,
    *,
    fingerprint: str = "",
    noise: bool = False,
    held: Window | None = None,
) -> Iterator[Outgoing]:
    """Open an incident with what came shortly before it, and publish it at once; noise looks at no past."""
    incident = OpenIncident(
        incident_id=incident_id_of(state.scope, opening.event_id, as_of),
        scope=state.scope,
        service=service,
        opened_at=as_of,
        noise=noise,
        held_by=held.by.event_id if held else "",
        held_until=held.ends if held else None,
        last_signal_at=as_of,
        last_signal=opening.event_id,
    )
    if state.closed_at is not None and as_of - state.closed_at <= LIFECYCLE.changes_before:
        incident.previous_incident = state.closed_id
    state.incidents.append(incident)
    if not noise:
        history.note_opening(state, as_of)
    if held is not None:
        yield from note(incident, held.by, as_of, rules)
    elif not noise:
        yield from _look_back(state, incident, as_of, rules)
    if isinstance(opening, Alert):
        yield from first_firing(incident, fingerprint, opening, as_of, rules)
    yield from publish(state, incident, as_of, rules)


def _look_back(
    state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in what came shortly before the opening: changes to tell of, and symptoms."""
    for change in state.changes:
        if change.timestamp >= as_of - LIFECYCLE.changes_told and change.change_kind is not ChangeKind.COMMIT:
            yield from note(incident, change, as_of, rules)
    for symptom in state.symptoms:
        if symptom.timestamp >= as_of - LIFECYCLE.symptoms_before:
            yield from take_symptom(incident, symptom, as_of, rules)
    state.symptoms = []


def admit(
    state: ScopeState, fingerprint: str, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in an alert that fires and that no incident knows: in the one that is going on, or a new one."""
    incident = live(state)
    noise = urgency.of_alert(alert) is Urgency.INFORMATIONAL
    if incident is not None:
        yield from first_firing(incident, fingerprint, alert, as_of, rules)
    elif noise and has_noise_enough(state):
        state.left_out += 1
    else:
        yield from open_incident(
            state, alert, alert.service, as_of, rules, fingerprint=fingerprint, noise=noise
        )


def has_noise_enough(state: ScopeState) -> bool:
    """Tell whether as many incidents of noise are open as may be."""
    return sum(each.noise for each in state.incidents) >= memory.MOST_NOISE


def first_firing(
    incident: OpenIncident, fingerprint: str, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in an alert that the incident does not know yet."""
    seen_last(incident, alert)
    incident.calm_since = None
    if len(incident.alerts) >= memory.MOST_ALERTS:
        incident.left_out += 1
        return
    incident.alerts[fingerprint] = Episode(first=alert, latest=alert)
    yield from note(incident, alert, as_of, rules)
    touch(incident, as_of)


def take_symptom(
    incident: OpenIncident, symptom: Symptom, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in a symptom; one of `EVIDENCE_ONLY` is told of and widens nothing."""
    if symptom.symptom_kind in EVIDENCE_ONLY:
        yield from note(incident, symptom, as_of, rules)
    else:
        yield from track(incident, symptom, as_of, rules)


def track(incident: OpenIncident, symptom: Symptom, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Take in a symptom: a new one is told of, a later sighting of the same only if it is worse."""
    seen_last(incident, symptom)
    key = symptom_key(symptom)
    track = incident.symptoms.get(key)
    if track is None:
        if not memory.has_room(incident, symptom):
            incident.left_out += 1
            return
        incident.symptoms[key] = SymptomTrack(first=symptom, worst=symptom, latest=symptom)
        yield from note(incident, symptom, as_of, rules)
        memory.make_room(incident)
        return
    track.count += 1
    track.latest = symptom
    if abs(symptom.score) > abs(track.worst.score):
        told = list(
            memory.keep(incident, evidence.of_signal(symptom, incident.incident_id, as_of, rules.version))
        )
        if told:
            track.worst = symptom
        yield from told


def note(incident: OpenIncident, signal: Signal, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Keep the evidence of a signal and tell of it in the timeline, once."""
    found = evidence.of_signal(signal, incident.incident_id, as_of, rules.version)
    if found.evidence_id in incident.evidence:
        return
    kept = list(memory.keep(incident, found))
    if kept:
        memory.tell(incident, narration.entry(signal, found, as_of))
    yield from kept


def touch(incident: OpenIncident, as_of: datetime) -> None:
    """Note that something changed: it is published with what else changes shortly after."""
    if incident.publish_at is None:
        incident.publish_at = as_of + LIFECYCLE.gather


def seen_last(incident: OpenIncident, signal: Alert | Symptom) -> None:
    """Note when the incident was last seen to be going on."""
    if signal.timestamp >= incident.last_signal_at:
        incident.last_signal_at, incident.last_signal = signal.timestamp, signal.event_id


def live(state: ScopeState) -> OpenIncident | None:
    """Give the incident of a scope that is going on; noise is none."""
    return next((each for each in reversed(state.incidents) if each.status in LIVE and not each.noise), None)
