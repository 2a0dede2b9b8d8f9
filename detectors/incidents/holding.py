"""What happens to alerts that announced work holds back: recorded as noise, and raised again if they stay."""

from collections.abc import Iterator
from datetime import datetime

from detectors.incidents import memory, narration
from detectors.incidents.maintenance import Window, window_of
from detectors.incidents.membership import first_firing, touch
from detectors.incidents.opening import has_noise_enough, open_incident
from detectors.incidents.placing import place_alert
from detectors.incidents.publication import Rules
from detectors.incidents.state import OpenIncident, ScopeState, evidence_id
from detectors.incidents.wording import listed
from models.event import Alert
from models.incident import IncidentStatus
from models.timeline import EntryKind
from models.topic import Outgoing


def hold(
    state: ScopeState, fingerprint: str, alert: Alert, window: Window, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Record an alert as noise until the work is over; what one announcement holds back is one record."""
    known = next((each for each in state.incidents if _holds(each, window)), None)
    if known is not None:
        yield from first_firing(known, fingerprint, alert, as_of, rules)
    elif has_noise_enough(state):
        state.left_out += 1
    else:
        yield from open_incident(state, alert, as_of, rules, fingerprint=fingerprint, noise=True, held=window)


def refresh(state: ScopeState, as_of: datetime) -> None:
    """Let what is held back follow what is announced now: work may end before or after its plan."""
    for incident in state.incidents:
        if incident.held_until is not None:
            window = window_of(state.changes, incident.service, as_of)
            incident.held_until = as_of if window is None else window.ends


def release(state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """End the holding back: what still fires is raised as if it fired for the first time now."""
    incident.held_until = None
    firing = {name: each for name, each in incident.alerts.items() if each.resolved_at is None}
    names = [each.first.name for each in firing.values()]
    told = f"still firing and raised: {listed(names[:3])}" if names else "nothing fires any more"
    memory.tell(
        incident,
        narration.status_entry(
            entry_kind=EntryKind.STATUS, service=incident.service, rule="maintenance",
            text=f"the announced work is over; {told}", evidence_id=evidence_id(incident.held_by),
            occurred_at=as_of, learned_at=as_of,
        ),
    )  # fmt: skip
    touch(incident, as_of)
    for fingerprint, episode in sorted(firing.items()):
        del incident.alerts[fingerprint]
        yield from place_alert(state, fingerprint, episode.latest, as_of, rules)


def _holds(incident: OpenIncident, window: Window) -> bool:
    is_over = incident.status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    return incident.held_until is not None and incident.held_by == window.by.event_id and not is_over
