"""When does a part of an incident turn out to be another one, and what is told of it?"""

from collections.abc import Iterator
from datetime import datetime

from detectors.incidents import memory, narration, trait
from detectors.incidents.membership import join, note
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules, publish
from detectors.incidents.relation import relate, surroundings
from detectors.incidents.state import OpenIncident, ScopeState, evidence_id
from detectors.incidents.wording import clock, listed
from models.event import Alert
from models.incident import IncidentStatus, incident_id_of
from models.signal import Symptom
from models.timeline import EntryKind
from models.topic import Outgoing


def split_at(incident: OpenIncident) -> datetime | None:
    """Give when a part becomes an incident of its own if nothing more comes; None: there is no such part.

    A part is what only time and words brought in, with all that came in through it. It leaves when all
    alerts of the rest are over, nothing more of the rest was seen for `LIFECYCLE.part`, and it still fires.
    """
    if incident.noise or incident.status is IncidentStatus.RESOLVED or incident.merged_into:
        return None
    if all(each.tied for each in incident.members.values()):
        return None
    part = _part(incident)
    rest = [each for each in incident.alerts.values() if each.first.service not in part]
    theirs = [each for each in incident.alerts.values() if each.first.service in part]
    over = [each.resolved_at for each in rest]
    if incident.crowd_fires or not rest or None in over or all(each.resolved_at for each in theirs):
        return None
    seen = [track.latest.timestamp for track in incident.symptoms.values() if track.first.service not in part]
    return max([*(each for each in over if each is not None), *seen]) + LIFECYCLE.part


def split(state: ScopeState, incident: OpenIncident, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Make a part an incident of its own: recorded in both, with the alerts and symptoms it holds."""
    part = _part(incident)
    alerts = {name: each for name, each in incident.alerts.items() if each.first.service in part}
    symptoms = {name: each for name, each in incident.symptoms.items() if each.first.service in part}
    first = min((each.first for each in alerts.values()), key=lambda each: (each.timestamp, each.event_id))
    own = OpenIncident(
        incident_id=incident_id_of(state.scope, first.event_id, as_of),
        scope=state.scope,
        service=first.service,
        opened_at=as_of,
        last_signal_at=max(each.latest.timestamp for each in alerts.values()),
        last_signal=first.event_id,
        alerts=alerts,
        symptoms=symptoms,
        flapping=incident.flapping,
        split_from=incident.incident_id,
        confirm_at=as_of,
    )
    state.incidents.append(own)
    around = surroundings(rules.catalog, as_of, state.changes)
    signals: list[Alert | Symptom] = [each.first for each in alerts.values()]
    signals += [each.first for each in symptoms.values()]
    for signal in sorted(
        signals, key=lambda each: (each.service != first.service, each.timestamp, each.event_id)
    ):
        what = trait.of_signal(signal)
        join(own, what, relate(what, own, around) if own.members else None, as_of, around)
        yield from note(own, signal, as_of, rules)
    for name in alerts:
        del incident.alerts[name]
    for name in symptoms:
        del incident.symptoms[name]
    incident.members = {name: each for name, each in incident.members.items() if name not in part}
    incident.split_into = [*incident.split_into, own.incident_id][-memory.MOST_APART :]
    incident.calm_since = as_of
    yield from _told(incident, own, first, part, as_of, rules)
    yield from publish(state, own, as_of, rules)
    yield from publish(state, incident, as_of, rules)


def _told(
    incident: OpenIncident, own: OpenIncident, first: Alert, part: set[str], as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    why = (
        f"all else was over for {LIFECYCLE.part.total_seconds() / 60:.0f} minutes at {clock(as_of)} and"
        f" {listed(sorted(part)[:3])} still fires; only time and words held it to the rest"
    )
    for told, text in (
        (incident, f"split: a part is the incident {own.incident_id} of its own, for {why}"),
        (own, f"split from the incident {incident.incident_id}: {why}"),
    ):
        yield from note(told, first, as_of, rules)
        if evidence_id(first.event_id) in told.evidence:
            memory.tell(
                told,
                narration.status_entry(
                    entry_kind=EntryKind.MEMBERSHIP, service=told.service, text=text, rule="split",
                    evidence_id=evidence_id(first.event_id), occurred_at=as_of, learned_at=as_of,
                ),
            )  # fmt: skip


def _part(incident: OpenIncident) -> set[str]:
    """Name the services that only time and words brought in, and those that came in through them."""
    part: set[str] = set()
    for name, each in incident.members.items():  # in the order in which they came in
        if not each.tied or each.via in part:
            part.add(name)
    return part
