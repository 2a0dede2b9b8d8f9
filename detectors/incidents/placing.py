"""To which incident does a signal go: the one it relates to most, a new one, or none yet?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from detectors.incidents import crowd, memory, merging, trait, urgency
from detectors.incidents.experiment import is_experiment
from detectors.incidents.maintenance import window_of
from detectors.incidents.membership import EVIDENCE_ONLY, first_firing, join, live, relations, take_symptom
from detectors.incidents.opening import distrust, gather, has_noise_enough, open_incident
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules
from detectors.incidents.relation import Surroundings, relate, surroundings
from detectors.incidents.state import OpenIncident, ScopeState
from detectors.incidents.urgency import Urgency
from models.event import Alert
from models.signal import Symptom, SymptomKind
from models.topic import Outgoing

_FAILURES = ("error", "fatal")


def place_alert(
    state: ScopeState, fingerprint: str, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in an alert that fires and that no incident knows.

    One that relates to no incident opens another, up to `memory.MOST_LIVE`; beyond, it joins the one
    that it relates to most. An informational alert joins what it relates to, and else is noise.
    """
    noise = urgency.of_alert(alert) is Urgency.INFORMATIONAL or is_experiment(alert)
    what = trait.of_signal(alert)
    around = surroundings(rules.catalog, as_of, state.changes)
    going_on = [] if is_experiment(alert) else live(state)
    found = relations(going_on, what, around)
    if found and (found[0][0].joins or (not noise and len(going_on) >= memory.MOST_LIVE)):
        relation, incident = found[0]
        if sum(crowd.size(each) for each in state.incidents) >= crowd.MOST:
            incident.left_out += 1
            return
        is_new = join(incident, what, relation, as_of, around)
        yield from distrust(state, incident, alert, as_of, rules)
        yield from first_firing(incident, fingerprint, alert, as_of, rules)
        if is_new:
            yield from gather(state, incident, as_of, rules, around)
        if not noise:
            yield from merging.merge(state, alert, going_on, as_of, rules)
    elif noise and has_noise_enough(state):
        state.left_out += 1
    else:
        yield from open_incident(state, alert, as_of, rules, fingerprint=fingerprint, noise=noise)


def place_symptom(state: ScopeState, symptom: Symptom, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Take in a symptom: into the incident that it relates to most, else it waits for one.

    Where two services fail together that have to do with each other, they open one.
    """
    what = trait.of_signal(symptom)
    around = surroundings(rules.catalog, as_of, state.changes)
    found = relations(live(state), what, around)
    if found and found[0][0].joins:
        yield from _join(state, found[0][1], symptom, as_of, rules, around)
        if is_failure(symptom):
            yield from merging.merge(state, symptom, [each for _, each in found], as_of, rules)
        return
    oldest = as_of - LIFECYCLE.symptoms_before
    recent = [each for each in state.symptoms if each.timestamp >= oldest]
    state.symptoms = [*recent, symptom][-memory.MOST_SYMPTOMS :]
    first = _failing_together(state, symptom, as_of, around)
    if first is not None and len(live(state)) < memory.MOST_LIVE:
        yield from open_incident(state, first, as_of, rules)


def _join(
    state: ScopeState,
    incident: OpenIncident,
    symptom: Symptom,
    as_of: datetime,
    rules: Rules,
    around: Surroundings,
) -> Iterator[Outgoing]:
    what = trait.of_signal(symptom)
    is_new = symptom.symptom_kind not in EVIDENCE_ONLY and join(
        incident, what, relate(what, incident, around), as_of, around
    )
    yield from take_symptom(incident, symptom, as_of, rules)
    if is_new:
        yield from gather(state, incident, as_of, rules, around)


def _failing_together(
    state: ScopeState, newest: Symptom, as_of: datetime, around: Surroundings
) -> Symptom | None:
    """Give the first of the recent failures that have to do with the newest, if they open an incident.

    Two services must have failed for a while: a bad request leaves error lines at each service on its
    way, and most services log a few on any day.
    """
    failing = [
        each
        for each in state.symptoms
        if each.timestamp >= as_of - LIFECYCLE.symptoms_together
        and is_failure(each)
        and window_of(state.changes, each.service, each.timestamp) is None
    ]
    if newest not in failing:
        return None
    probe = OpenIncident(
        incident_id="", scope=state.scope, service=newest.service, opened_at=as_of, last_signal_at=as_of
    )
    join(probe, trait.of_signal(newest), None, as_of, around)
    together = [each for each in failing if relate(trait.of_signal(each), probe, around).joins]
    held = [
        service
        for service in {each.service for each in together}
        if _held([each for each in together if each.service == service]) >= LIFECYCLE.failing
    ]
    if len(held) < 2:
        return None
    return min(together, key=lambda each: (each.onset_at, each.event_id))


def _held(failures: list[Symptom]) -> timedelta:
    return max(each.timestamp for each in failures) - min(each.onset_at for each in failures)


def is_failure(symptom: Symptom) -> bool:
    """Tell whether a symptom is a failure by itself: error lines and failing operations."""
    return symptom.symptom_kind not in EVIDENCE_ONLY and (
        symptom.severity in _FAILURES or symptom.symptom_kind is SymptomKind.ERROR_RATE
    )
