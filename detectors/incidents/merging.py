"""When do two incidents turn out to be one, and what is told of it?"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from detectors.incidents import crowd, memory, narration, room
from detectors.incidents.membership import note
from detectors.incidents.policy import RELATION
from detectors.incidents.publication import Rules, publish
from detectors.incidents.routing import joining
from detectors.incidents.state import OpenIncident, ScopeState, evidence_id
from detectors.topology import Catalog
from models.event import Alert
from models.incident import IncidentStatus
from models.signal import Signal, Symptom
from models.timeline import EntryKind, TimelineEntry
from models.topic import Outgoing

_MOST_ABSORBED = 20


def merge(
    state: ScopeState,
    signal: Alert | Symptom,
    incidents: list[OpenIncident],
    as_of: datetime,
    rules: Rules,
) -> Iterator[Outgoing]:
    """Merge the incidents between which a failing service lies, into the oldest of them.

    It lies between two where a service of one calls it and it calls a service of the other, or where
    both call it. A service that merely calls into both suffers from both: that shows nothing.

    Args:
        state: The scope.
        signal: The failure that was just taken into one of them.
        incidents: Those that go on.
        as_of: The moment of the decision (event time).
        rules: By what is judged.
    """
    if len(incidents) < 2:
        return
    sides = [(each, *_sides(signal.service, each, as_of, rules.catalog)) for each in incidents]
    tied = [each for each, is_called, calls in sides if is_called or calls]
    if len(tied) < 2 or not any(is_called for _, is_called, _ in sides):
        return
    oldest, *others = sorted(tied, key=lambda each: (each.opened_at, each.incident_id))
    ones = [each for each in others if each.incident_id not in oldest.parted]
    for other in ones:
        yield from absorb(state, oldest, other, signal, f"{signal.service} lies between them", as_of, rules)
    if ones:
        yield from publish(state, oldest, as_of, rules)


def _sides(service: str, incident: OpenIncident, as_of: datetime, catalog: Catalog) -> tuple[bool, bool]:
    """Tell whether services of an incident call a service, and whether it calls some of them."""
    reach = catalog.reach(service, as_of)
    others = [each for each in incident.members if each != service]
    is_called = any(0 < catalog.reach(each, as_of).get(service, 0) <= RELATION.between for each in others)
    return is_called, any(0 < reach.get(each, 0) <= RELATION.between for each in others)


def absorb(
    state: ScopeState,
    incident: OpenIncident,
    other: OpenIncident,
    signal: Signal,
    why: str,
    as_of: datetime,
    rules: Rules,
) -> Iterator[Outgoing]:
    """Make an incident part of another one, and close it: recorded in both. The other is to be published.

    Args:
        state: The scope.
        incident: The one that goes on.
        other: The one that ends.
        signal: What shows that they are one.
        why: The same in words.
        as_of: The moment of the decision (event time).
        rules: By what is judged.
    """
    yield from _take_over(incident, other, as_of, rules)
    cites = evidence_id(signal.event_id)
    for told, text in (
        (incident, f"the incident {other.incident_id} is part of this one: {why}"),
        (other, f"merged into the incident {incident.incident_id}: {why}"),
    ):
        yield from note(told, signal, as_of, rules)
        if cites in told.evidence:
            memory.tell(
                told,
                narration.status_entry(
                    entry_kind=EntryKind.MEMBERSHIP, service=told.service, text=text, rule="merge",
                    evidence_id=cites, occurred_at=as_of, learned_at=as_of,
                ),
            )  # fmt: skip
    other.merged_into, other.status = incident.incident_id, IncidentStatus.CLOSED
    yield from publish(state, other, as_of, rules)
    state.incidents.remove(other)


def _take_over(
    incident: OpenIncident, other: OpenIncident, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Bring all that an incident holds into another one, its evidence under that one's id."""
    told: dict[str, list[TimelineEntry]] = {}
    for entry in other.timeline:
        told.setdefault(entry.evidence_id, []).append(entry)
    for name, episode in other.alerts.items():
        if name not in incident.alerts:
            incident.alerts[name] = episode
    for key, track in sorted(other.symptoms.items()):
        known = incident.symptoms.get(key)
        if known is None:
            if not room.make_room(incident, track.worst):
                continue
            incident.symptoms[key] = track
    for piece in other.evidence.values():
        moved = msgspec.structs.replace(
            piece, incident_id=incident.incident_id, as_of=as_of, rules_version=rules.version
        )
        kept = list(memory.keep(incident, moved))
        for entry in told.get(piece.evidence_id, []) if kept else []:
            memory.tell(incident, entry)
        yield from kept
    while len(incident.alerts) > memory.MOST_ALERTS:
        last = max(
            (each.first.timestamp, each.first.event_id, name) for name, each in incident.alerts.items()
        )
        room.move_to_crowd(incident, last[2])
    crowd.absorb(incident, other)
    for name, member in other.members.items():
        if name not in incident.members and len(incident.members) < memory.MOST_MEMBERS:
            incident.members[name] = member
    incident.feedback = sorted(
        [*incident.feedback, *other.feedback], key=lambda each: (each.timestamp, each.event_id)
    )[: memory.MOST_FEEDBACK]
    joining.take_over(incident, other)
    incident.absorbed = [*incident.absorbed, other.incident_id, *other.absorbed][:_MOST_ABSORBED]
    said = [each for each in (incident.confirmed, other.confirmed) if each is not None]
    incident.confirmed = max(said, key=lambda each: (each.at, each.event_id), default=None)
    parted = dict.fromkeys([*incident.parted, *other.parted])
    incident.parted = [each for each in parted if each != other.incident_id][-memory.MOST_PARTED :]
    incident.left_out += other.left_out
    incident.crowd_repeats += other.crowd_repeats
    incident.flapping = incident.flapping or other.flapping
    if other.status is IncidentStatus.OPEN:
        incident.status, incident.mitigated_at = IncidentStatus.OPEN, None
    incident.calm_since = (
        max(incident.calm_since, other.calm_since) if incident.calm_since and other.calm_since else None
    )
    if other.last_signal_at > incident.last_signal_at:
        incident.last_signal_at, incident.last_signal = other.last_signal_at, other.last_signal
    if other.worst is not None and (incident.worst is None or other.worst.severity < incident.worst.severity):
        incident.worst = msgspec.structs.replace(other.worst, incident_id=incident.incident_id)
