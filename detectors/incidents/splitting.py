"""When does a part of an incident turn out to be another one, and what is told of it?"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from detectors.incidents import memory, narration, trait
from detectors.incidents.membership import join, note
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules, publish
from detectors.incidents.relation import relate, surroundings
from detectors.incidents.state import Episode, OpenIncident, ScopeState, SymptomTrack, evidence_id
from detectors.incidents.wording import clock, listed
from models.event import Alert
from models.incident import IncidentStatus, incident_id_of
from models.signal import Signal, Symptom
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
    """Make a part that only time and words brought in an incident of its own."""
    services = _part(incident)
    part = of_services(incident, services)
    first = min(
        (each.first for each in part.alerts.values()), key=lambda each: (each.timestamp, each.event_id)
    )
    why = (
        f"all else was over for {LIFECYCLE.part.total_seconds() / 60:.0f} minutes at {clock(as_of)} and"
        f" {listed(sorted(services)[:3])} still fires; only time and words held it to the rest"
    )
    yield from part_off(state, incident, part, first, why, as_of, rules)


class Part(NamedTuple):
    """What leaves an incident."""

    alerts: dict[str, Episode]
    """By fingerprint."""
    symptoms: dict[str, SymptomTrack]
    """By `symptom_key`."""
    services: set[str]
    """Those that leave whole."""

    @property
    def signals(self) -> list[Alert | Symptom]:
        """The first of each, the earliest at the front."""
        found: list[Alert | Symptom] = [each.first for each in self.alerts.values()]
        found += [each.first for each in self.symptoms.values()]
        return sorted(found, key=lambda each: (trait.of_signal(each).at, each.event_id))


def of_services(incident: OpenIncident, services: set[str]) -> Part:
    """Give all that an incident holds of some services."""
    alerts = {name: each for name, each in incident.alerts.items() if each.first.service in services}
    symptoms = {name: each for name, each in incident.symptoms.items() if each.first.service in services}
    return Part(alerts, symptoms, services)


def part_off(
    state: ScopeState,
    incident: OpenIncident,
    part: Part,
    by: Signal,
    why: str,
    as_of: datetime,
    rules: Rules,
) -> Iterator[Outgoing]:
    """Make a part an incident of its own: recorded in both, with the alerts and symptoms it holds.

    Args:
        state: The scope.
        incident: The one that stays.
        part: What leaves; never nothing, and never all.
        by: What shows that they are two.
        why: The same in words.
        as_of: The moment of the decision (event time).
        rules: By what is judged.
    """
    episodes, tracks = list(part.alerts.values()), list(part.symptoms.values())
    opening = min(
        (each.first for each in episodes), key=lambda each: (each.timestamp, each.event_id),
        default=part.signals[0],
    )  # fmt: skip
    latest: list[Alert | Symptom] = [each.latest for each in episodes]
    latest += [each.latest for each in tracks]
    last = max(latest, key=lambda each: (each.timestamp, each.event_id))
    own = OpenIncident(
        incident_id=incident_id_of(state.scope, opening.event_id, as_of),
        scope=state.scope,
        service=opening.service,
        opened_at=as_of,
        last_signal_at=last.timestamp,
        last_signal=last.event_id,
        alerts=part.alerts,
        symptoms=part.symptoms,
        flapping=incident.flapping,
        split_from=incident.incident_id,
        confirm_at=as_of,
    )
    state.incidents.append(own)
    around = surroundings(rules.catalog, as_of, state.changes)
    for signal in sorted(part.signals, key=lambda each: each.service != opening.service):
        what = trait.of_signal(signal)
        join(own, what, relate(what, own, around) if own.members else None, as_of, around)
        yield from note(own, signal, as_of, rules)
    incident.alerts = {name: each for name, each in incident.alerts.items() if name not in part.alerts}
    incident.symptoms = {name: each for name, each in incident.symptoms.items() if name not in part.symptoms}
    incident.members = {name: each for name, each in incident.members.items() if name not in part.services}
    if incident.service not in incident.members:
        incident.service = next(iter(incident.members), incident.service)
    incident.split_into = [*incident.split_into, own.incident_id][-memory.MOST_APART :]
    for each in (incident, own):
        _calm(each, as_of)
    yield from _told(incident, own, by, why, as_of, rules)
    yield from publish(state, own, as_of, rules)
    yield from publish(state, incident, as_of, rules)


def _calm(incident: OpenIncident, as_of: datetime) -> None:
    fires = incident.crowd_fires or any(each.resolved_at is None for each in incident.alerts.values())
    if incident.alerts and not fires:
        incident.calm_since = incident.calm_since or as_of


def _told(
    incident: OpenIncident, own: OpenIncident, by: Signal, why: str, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    for told, text in (
        (incident, f"split: a part is the incident {own.incident_id} of its own: {why}"),
        (own, f"split from the incident {incident.incident_id}: {why}"),
    ):
        yield from note(told, by, as_of, rules)
        if evidence_id(by.event_id) in told.evidence:
            memory.tell(
                told,
                narration.status_entry(
                    entry_kind=EntryKind.MEMBERSHIP, service=told.service, text=text, rule="split",
                    evidence_id=evidence_id(by.event_id), occurred_at=as_of, learned_at=as_of,
                ),
            )  # fmt: skip


def _part(incident: OpenIncident) -> set[str]:
    """Name the services that only time and words brought in, and those that came in through them."""
    part: set[str] = set()
    for name, each in incident.members.items():  # in the order in which they came in
        if not each.tied or each.via in part:
            part.add(name)
    return part
