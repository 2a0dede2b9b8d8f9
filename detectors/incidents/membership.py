"""What belongs to an incident, and what is noted of it?"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from detectors.incidents import blast_radius, crowd, evidence, memory, narration, room, urgency
from detectors.incidents.impact import spread
from detectors.incidents.maintenance import freeze_of
from detectors.incidents.policy import LIFECYCLE, RELATION
from detectors.incidents.publication import Rules
from detectors.incidents.relation import Relation, Surroundings, relate
from detectors.incidents.severity import failure_count
from detectors.incidents.state import (
    MECHANISMS,
    Episode,
    OpenIncident,
    ScopeState,
    SymptomTrack,
    evidence_id,
    symptom_key,
)
from detectors.incidents.trait import Trait
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import clock
from models.cause import ScorePart
from models.event import Alert, Change
from models.evidence import EvidenceKind
from models.incident import IncidentStatus
from models.membership import Member
from models.signal import Signal, Symptom, SymptomKind
from models.timeline import EntryKind
from models.topic import Outgoing

EVIDENCE_ONLY = (
    SymptomKind.DEPLOY_COMPARISON,
    SymptomKind.SILENT_SERVICE,
)
"""Symptoms that show no failure by themselves: a change differs by intent, and when the way of the logs
breaks all services are silent at once."""

LIVE = (IncidentStatus.OPEN, IncidentStatus.MITIGATED)

_BEGAN = ScorePart(name="began", points=0.0, text="it began the incident")
_MANY_VALUES = 4
"""Values of a label that are remembered: with so many an incident is not confined to any."""


def live(state: ScopeState) -> list[OpenIncident]:
    """Give the incidents of a scope that are going on, the oldest first; noise is none."""
    return [each for each in state.incidents if each.status in LIVE and not each.noise]


def join(
    incident: OpenIncident, what: Trait, relation: Relation | None, as_of: datetime, around: Surroundings
) -> bool:
    """Record why the service of a signal belongs to an incident; tell whether it is a new one.

    Args:
        incident: The incident that it belongs to.
        what: The signal.
        relation: How it relates to the incident; None: it begins it.
        as_of: The moment of the decision (event time).
        around: What relations are judged with.
    """
    _note_likeness(incident, what)
    known = incident.members.get(what.service)
    if known is not None:
        if what.at < known.first_at:
            incident.members[what.service] = msgspec.structs.replace(known, first_at=what.at)
        return False
    if len(incident.members) >= memory.MOST_MEMBERS:
        return False
    member = incident.members[what.service] = Member(
        service=what.service,
        joined_at=as_of,
        first_at=what.at,
        via=relation.via or what.service if relation else what.service,
        tied=relation is None or relation.way.ties,
        score=relation.score if relation else 0.0,
        threshold=RELATION.threshold,
        parts=relation.parts if relation else [_BEGAN],
        evidence_id=evidence_id(what.event_id),
    )
    if member.tied:
        _tie_loose(incident, member, around)
    return True


def _note_likeness(incident: OpenIncident, what: Trait) -> None:
    if what.text and what.text not in incident.texts and len(incident.texts) < memory.MOST_TEXTS:
        incident.texts.append(what.text)
    for dimension, value in what.labels.items():
        values = incident.labels.setdefault(dimension, [])
        if value not in values and len(values) < _MANY_VALUES:
            values.append(value)


def _tie_loose(incident: OpenIncident, newest: Member, around: Surroundings) -> None:
    """Tie what only time and words held, where the new service shows the way."""
    reach = around.catalog.reach(newest.service, around.as_of)
    for name, each in incident.members.items():
        if not each.tied and (name in reach or newest.service in around.catalog.reach(name, around.as_of)):
            incident.members[name] = msgspec.structs.replace(each, tied=True, via=newest.service)


def first_firing(
    incident: OpenIncident, fingerprint: str, alert: Alert, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in an alert that the incident does not know yet; where it is full, only that it fires."""
    seen_last(incident, alert)
    incident.calm_since = None
    touch(incident, as_of)
    if not room.make_room_for_alert(incident, alert.service):
        crowd.put(incident, fingerprint, fires=True)
        incident.left_out += 1
        return
    room.make_room_to_cite(incident, EvidenceKind.ALERT)
    episode = incident.alerts[fingerprint] = Episode(first=alert, latest=alert)
    confirmed_at = blast_radius.began(episode) + LIFECYCLE.confirm
    if urgency.of_alert(alert) is not Urgency.INFORMATIONAL and confirmed_at > as_of:
        incident.confirm_at = min(incident.confirm_at or confirmed_at, confirmed_at)
    yield from note(incident, alert, as_of, rules)


def take_symptom(
    incident: OpenIncident, symptom: Symptom, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Take in a symptom: a new one is told of, a later sighting of the same only if it is worse.

    One of `EVIDENCE_ONLY` is told of and widens nothing.
    """
    touch(incident, as_of)
    if symptom.symptom_kind in EVIDENCE_ONLY:
        yield from note(incident, symptom, as_of, rules)
        return
    if symptom.symptom_kind not in MECHANISMS:
        seen_last(incident, symptom)  # requests that go another way may still be answered well
    key = symptom_key(symptom)
    track = incident.symptoms.get(key)
    if track is None:
        if room.make_room(incident, symptom):
            room.make_room_to_cite(incident, EvidenceKind.SYMPTOM)
            incident.symptoms[key] = new = SymptomTrack(first=symptom, worst=symptom, latest=symptom)
            failure_count.note(new, symptom)
            spread.note(new, symptom)
            yield from note(incident, symptom, as_of, rules)
        return
    track.count += 1
    failure_count.note(track, symptom)
    spread.note(track, symptom)
    track.latest = symptom
    if abs(symptom.score) > abs(track.worst.score):
        room.make_room_to_cite(incident, EvidenceKind.SYMPTOM)
        found = evidence.of_signal(symptom, incident.incident_id, as_of, rules.version)
        kept = list(memory.keep(incident, found))
        if kept:
            before, track.worst = track.worst, symptom
            if before.event_id != track.first.event_id:
                memory.forget(incident, before.event_id)
        yield from kept


def note(incident: OpenIncident, signal: Signal, as_of: datetime, rules: Rules) -> Iterator[Outgoing]:
    """Keep the evidence of a signal and tell of it in the timeline, once."""
    found = evidence.of_signal(signal, incident.incident_id, as_of, rules.version)
    if found.evidence_id in incident.evidence:
        return
    kept = list(memory.keep(incident, found))
    if kept:
        memory.tell(incident, narration.entry(signal, found, as_of))
    yield from kept


def note_change(
    state: ScopeState, incident: OpenIncident, change: Change, as_of: datetime, rules: Rules
) -> Iterator[Outgoing]:
    """Note a change, and that it was made although changes were frozen."""
    yield from note(incident, change, as_of, rules)
    freeze = freeze_of(state.changes, change)
    if freeze is None:
        return
    yield from note(incident, freeze.by, as_of, rules)
    if evidence_id(freeze.by.event_id) in incident.evidence:
        what = narration.change_phrase(change)
        memory.tell(
            incident,
            narration.status_entry(
                entry_kind=EntryKind.CHANGE, service=change.service or incident.service, rule="change_freeze",
                text=f"the {what} at {clock(change.timestamp)} falls into a change freeze"
                f" (from {clock(freeze.begins)} to {clock(freeze.ends)})",
                evidence_id=evidence_id(freeze.by.event_id), occurred_at=change.timestamp, learned_at=as_of,
            ),
        )  # fmt: skip


def touch(incident: OpenIncident, as_of: datetime) -> None:
    """Note that something changed: it is published with what else changes shortly after."""
    if incident.publish_at is None:
        incident.publish_at = as_of + LIFECYCLE.gather


def seen_last(incident: OpenIncident, signal: Alert | Symptom) -> None:
    """Note when the incident was last seen to be going on."""
    if signal.timestamp >= incident.last_signal_at:
        incident.last_signal_at, incident.last_signal = signal.timestamp, signal.event_id


def relations(
    incidents: list[OpenIncident], what: Trait, around: Surroundings
) -> list[tuple[Relation, OpenIncident]]:
    """Give how a signal relates to each incident, the closest first; of equal ones the older first."""
    found = [(relate(what, each, around), each) for each in incidents]
    return sorted(found, key=lambda each: -each[0].score)
