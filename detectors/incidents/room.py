"""Who gives way where there is no room for more: the lesser one of what there is most of?"""

from collections import Counter

from detectors.incidents import crowd
from detectors.incidents.cause.mechanism_strength import SATURATED
from detectors.incidents.memory import (
    MOST_ALERTS,
    MOST_EVIDENCE,
    MOST_FEEDBACK,
    MOST_PIECES,
    MOST_TRACKS,
    drop,
    forget,
)
from detectors.incidents.state import (
    MECHANISMS,
    OpenIncident,
    ScopeState,
    SymptomTrack,
    evidence_id,
    symptom_key,
)
from models.event import Feedback, FeedbackAction
from models.evidence import EvidenceKind
from models.signal import Symptom, SymptomKind


def make_room(incident: OpenIncident, symptom: Symptom) -> bool:
    """Tell whether a new symptom is kept: there is room, or a lesser one makes room for it.

    A service with fewer symptoms goes before one with more, so that none crowds out another and a
    service that fails late always gets in; within a service the stronger one stays. What goes was
    published, with its evidence; here it is only counted.
    """
    key = symptom_key(symptom)
    while len(incident.symptoms) >= MOST_TRACKS:
        least = _least({**incident.symptoms, key: SymptomTrack(first=symptom, worst=symptom, latest=symptom)})
        incident.left_out += 1
        if least == key:
            return False
        gone = incident.symptoms.pop(least)
        forget(incident, gone.first.event_id, gone.worst.event_id)
    return True


def _least(tracks: dict[str, SymptomTrack]) -> str:
    """Name the weakest symptom of the service that has the most of them; what shows how it fails stays."""
    many = Counter(each.first.service for each in tracks.values())
    return min(
        tracks,
        key=lambda key: (
            -many[tracks[key].first.service],
            _shows_how(tracks[key].worst),
            abs(tracks[key].worst.score),
            key,
        ),
    )


def _shows_how(symptom: Symptom) -> bool:
    """Tell whether a symptom shows how a service fails: a mechanism, or a resource that is used up."""
    is_used_up = symptom.symptom_kind is SymptomKind.METRIC_SHIFT and symptom.unit == "%"
    return symptom.symptom_kind in MECHANISMS or (is_used_up and symptom.value >= SATURATED)


def make_room_for_alert(incident: OpenIncident, service: str) -> bool:
    """Tell whether one more alert of a service is kept whole: there is room, or another joins the crowd.

    The first alert of a service always is; else the ones that came first stay.
    """
    if len(incident.alerts) < MOST_ALERTS:
        return True
    many = Counter(each.first.service for each in incident.alerts.values())
    most = max(many.values())
    if many[service] or most == 1:
        return False
    last = max(
        (each.first.timestamp, each.first.event_id, fingerprint)
        for fingerprint, each in incident.alerts.items()
        if many[each.first.service] == most
    )
    move_to_crowd(incident, last[2])
    return True


def make_room_for_word(incident: OpenIncident, said: Feedback) -> bool:
    """Tell whether a responder's word is kept: there is room, or an earlier note makes room for it.

    Notes decide nothing: the oldest ones go before a word that does, with the entries that tell of them.
    """
    notes = [each for each in incident.feedback if each.action is FeedbackAction.NOTE]
    if said.action is not FeedbackAction.NOTE:
        cited = sum(each.evidence_kind is EvidenceKind.FEEDBACK for each in incident.evidence.values())
        told = [each for each in notes if evidence_id(each.event_id) in incident.evidence]
        if cited >= MOST_EVIDENCE[EvidenceKind.FEEDBACK] and told:
            drop(incident, evidence_id(told[0].event_id))
            incident.left_out += 1
        if len(incident.feedback) >= MOST_FEEDBACK and notes:
            incident.feedback.remove(notes[0])
    has_room = len(incident.feedback) < MOST_FEEDBACK
    incident.left_out += not has_room
    return has_room


def make_room_to_cite(incident: OpenIncident, kind: EvidenceKind) -> None:
    """Let the newest piece go that shows no alert or symptom of its own, where there is no room for one."""
    alike = [each for each in incident.evidence.values() if each.evidence_kind is kind]
    if len(alike) >= MOST_EVIDENCE[kind]:
        needed = {each.first.event_id for each in incident.alerts.values()}
        for track in incident.symptoms.values():
            needed |= {track.first.event_id, track.worst.event_id}
        ids = {evidence_id(each) for each in needed}
        spare = [(each.occurred_at, each.evidence_id) for each in alike if each.evidence_id not in ids]
        if spare:
            drop(incident, max(spare)[1])
            incident.left_out += 1


def move_to_crowd(incident: OpenIncident, fingerprint: str) -> None:
    """Keep of an alert only whether it fires; its evidence was published."""
    gone = incident.alerts.pop(fingerprint)
    crowd.put(incident, fingerprint, fires=gone.resolved_at is None)
    incident.crowd_repeats += gone.repeats
    incident.left_out += 1
    forget(incident, gone.first.event_id, gone.latest.event_id)


def give_way(state: ScopeState) -> None:
    """Keep the evidence of all incidents of a scope within the bound: the largest one gives of its own."""
    total = sum(len(each.evidence) for each in state.incidents)
    while total > MOST_PIECES:
        largest = max(state.incidents, key=lambda each: (len(each.evidence), each.incident_id))
        before = len(largest.evidence)
        _let_go(largest)
        total -= before - len(largest.evidence)


def _let_go(incident: OpenIncident) -> None:
    """Let the least piece go of the kind that an incident holds most of."""
    kinds = Counter(each.evidence_kind for each in incident.evidence.values())
    kind = max(kinds, key=lambda each: (kinds[each], each.value))
    before = len(incident.evidence)
    if kind is EvidenceKind.SYMPTOM and incident.symptoms:
        gone = incident.symptoms.pop(_least(incident.symptoms))
        forget(incident, gone.first.event_id, gone.worst.event_id)
    elif kind is EvidenceKind.ALERT and len(incident.alerts) > 1:
        last = max(
            (each.first.timestamp, each.first.event_id, name) for name, each in incident.alerts.items()
        )
        move_to_crowd(incident, last[2])
    if len(incident.evidence) == before:
        oldest = min(
            (each.occurred_at, each.evidence_id)
            for each in incident.evidence.values()
            if each.evidence_kind is kind
        )
        drop(incident, oldest[1])
    incident.left_out += 1
