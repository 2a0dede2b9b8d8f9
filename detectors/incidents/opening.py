"""How does an incident begin: with which signal, with what came shortly before, and beside which others?"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from detectors.incidents import evidence, history, memory, precision, trait
from detectors.incidents.maintenance import Window
from detectors.incidents.membership import (
    EVIDENCE_ONLY,
    first_firing,
    join,
    live,
    note,
    note_change,
    relations,
    take_symptom,
)
from detectors.incidents.policy import LIFECYCLE, RELATION
from detectors.incidents.publication import Rules, publish
from detectors.incidents.relation import Surroundings, relate, surroundings
from detectors.incidents.state import OpenIncident, ScopeState
from models.event import Alert, ChangeKind
from models.incident import incident_id_of
from models.membership import Apart
from models.signal import Symptom
from models.topic import Outgoing


def open_incident(
    state: ScopeState,
    opening: Alert | Symptom,
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
        service=opening.service,
        opened_at=as_of,
        noise=noise,
        held_by=held.by.event_id if held else "",
        held_until=held.ends if held else None,
        last_signal_at=as_of,
        last_signal=opening.event_id,
    )
    what = trait.of_signal(opening)
    around = surroundings(rules.catalog, as_of, state.changes)
    if not noise:
        incident.previous_incident = _previous(state, what.service, as_of, rules)
        beside = relations(live(state), what, around)[: memory.MOST_APART]
        incident.apart = [
            Apart(
                incident_id=other.incident_id,
                score=relation.score,
                threshold=RELATION.threshold,
                parts=relation.parts,
            )
            for relation, other in beside
        ]
    state.incidents.append(incident)
    if not noise:
        history.note_opening(state, as_of)
    join(incident, what, None, as_of, around)
    if held is not None:
        yield from note(incident, held.by, as_of, rules)
    elif not noise:
        for change in state.changes:
            if (
                change.timestamp >= as_of - LIFECYCLE.changes_told
                and change.change_kind is not ChangeKind.COMMIT
            ):
                yield from note_change(state, incident, change, as_of, rules)
        if isinstance(opening, Symptom):
            state.symptoms.remove(opening)
            yield from take_symptom(incident, opening, as_of, rules)
        yield from gather(state, incident, as_of, rules, around)
    if isinstance(opening, Alert):
        yield from distrust(state, incident, opening, as_of, rules)
        yield from first_firing(incident, fingerprint, opening, as_of, rules)
    yield from publish(state, incident, as_of, rules)


def gather(
    state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules, around: Surroundings
) -> Iterator[Outgoing]:
    """Take in those recent symptoms of no incident that belong to this one.

    What one of them brings in may bring in others, so that the order of the list does not matter.
    """
    oldest = as_of - LIFECYCLE.symptoms_before
    waiting = [each for each in state.symptoms if each.timestamp >= oldest]
    is_growing = bool(waiting)
    while is_growing:
        is_growing = False
        left = []
        for symptom in waiting:
            what = trait.of_signal(symptom)
            relation = relate(what, incident, around)
            if relation.joins:
                if symptom.symptom_kind not in EVIDENCE_ONLY:
                    is_growing = join(incident, what, relation, as_of, around) or is_growing
                yield from take_symptom(incident, symptom, as_of, rules)
            else:
                left.append(symptom)
        waiting = left
    state.symptoms = waiting


def distrust(
    state: ScopeState, incident: OpenIncident, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Note of an alert whose rule was mostly wrong that it was, with the word of the last responder."""
    rule = precision.rule_of(alert)
    known = state.precision.get(rule)
    if known is None or not precision.imprecise(known) or len(incident.imprecise) >= memory.MOST_APART:
        return
    incident.imprecise[rule] = msgspec.structs.replace(known)
    said = evidence.of_signal(known.latest, incident.incident_id, as_of, rules.version)
    yield from memory.keep(incident, said)


def has_noise_enough(state: ScopeState) -> bool:
    """Tell whether as many incidents of noise are open as may be."""
    return sum(each.noise for each in state.incidents) >= memory.MOST_NOISE


def _previous(state: ScopeState, service: str, as_of: datetime, rules: Rules) -> str | None:
    """Name the latest incident of the day before that hit this service, or one on the way of its calls."""
    reach = rules.catalog.reach(service, as_of)
    for each in reversed(state.ended):
        if as_of - each.ended_at <= LIFECYCLE.changes_before and any(
            other in reach or service in rules.catalog.reach(other, as_of) for other in each.services
        ):
            return each.incident_id
    return None
