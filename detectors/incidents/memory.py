"""What is kept of a signal and of an incident, and where does it end?

All of a scope is one value in a table, written whole at each checkpoint. The bounds below keep it,
in any one storm, under half a megabyte; what goes beyond a bound is counted, never forgotten in
silence. Each kind of evidence has a bound of its own, so that no storm of alerts crowds out what
people did.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from detectors.incidents.state import OpenIncident, SymptomTrack, symptom_key
from detectors.incidents.wording import cut
from models import topic
from models.event import Alert, Change
from models.evidence import Evidence, EvidenceKind
from models.record import content_id
from models.signal import DeployComparison, Signal, Symptom
from models.timeline import Certainty, TimelineEntry
from models.topic import Outgoing

MOST_ALERTS = 100
MOST_TRACKS = 60
MOST_FEEDBACK = 100
MOST_NOISE = 20
"""Incidents of noise that are open at once in a scope."""
MOST_CHANGES = 100
MOST_SYMPTOMS = 100
"""Recent symptoms of a scope that belong to no incident."""

_MOST_EVIDENCE = {
    EvidenceKind.ALERT: 100,
    EvidenceKind.SYMPTOM: 85,
    EvidenceKind.CHANGE: 60,
    EvidenceKind.FEEDBACK: 60,
    EvidenceKind.TOPOLOGY: 40,
    EvidenceKind.QUIET: 20,
    EvidenceKind.HISTORY: 20,
    EvidenceKind.OWNERSHIP: 30,
    EvidenceKind.SCHEDULE: 20,
    EvidenceKind.LOAD: 10,
    EvidenceKind.NO_ANSWER: 20,
}
_MOST_CONCLUSIONS = 60
"""Entries of a timeline that we concluded; those that tell of evidence are bounded with it."""

_TEXT = 300
_LABEL = 120
_DIFF = 2_000
"""Characters of a diff: the words that it shares with what fails stand in its first lines or nowhere."""
_MOST_LABELS = 20
_MOST_FILES = 30
_MOST_SOURCES = 5
_MOST_DIFFERENCES = 5
"""Of a comparison of logs, the strongest: some 200 bytes each."""


def remembered(signal: Signal) -> Signal:
    """Give a signal as it is kept: texts cut where they are long, visibly, and an alert with its identity.

    What identifies an alert is taken from all of its labels, before any is left out.
    """
    match signal:
        case Alert():
            identity = (signal.service, signal.name, signal.labels)
            return msgspec.structs.replace(
                signal,
                fingerprint=signal.fingerprint or content_id("fingerprint", *identity),
                summary=_cut(signal.summary),
                url=_cut(signal.url),
                labels=_labels(signal.labels),
                extra={},
            )
        case Change():
            attributes = _labels({k: v for k, v in signal.attributes.items() if k != "diff"})
            if isinstance(diff := signal.attributes.get("diff"), str):
                attributes["diff"] = diff[:_DIFF]  # its lines stay lines: what each does is read
            return msgspec.structs.replace(
                signal, summary=_cut(signal.summary), url=_cut(signal.url), attributes=attributes, extra={}
            )
        case Symptom():
            return msgspec.structs.replace(
                signal,
                text=cut(signal.text, _TEXT),
                sample=cut(signal.sample, _TEXT),
                sources=signal.sources[:_MOST_SOURCES],
                comparison=_differences(signal.comparison),
            )
        case _:
            return msgspec.structs.replace(signal, text=_cut(signal.text), extra={})


def keep(incident: OpenIncident, found: Evidence) -> Iterator[Outgoing]:
    """Keep and publish a piece of evidence, once; beyond the bound it is only counted."""
    if found.evidence_id in incident.evidence:
        return
    alike = sum(each.evidence_kind is found.evidence_kind for each in incident.evidence.values())
    if alike >= _MOST_EVIDENCE[found.evidence_kind]:
        incident.left_out += 1
        return
    incident.evidence[found.evidence_id] = found
    yield Outgoing(topic=topic.EVIDENCE, key=incident.incident_id, value=found)


def has_room(incident: OpenIncident, symptom: Symptom) -> bool:
    """Tell whether a new symptom is kept: there is room, or it takes that of a lesser one.

    A service with fewer symptoms goes before one with more, so that none crowds out another; within a
    service the stronger one stays.
    """
    if len(incident.symptoms) < MOST_TRACKS:
        return True
    known = sum(each.evidence_kind is EvidenceKind.SYMPTOM for each in incident.evidence.values())
    if known >= _MOST_EVIDENCE[EvidenceKind.SYMPTOM]:
        return False  # what cannot be cited is no use
    return _least({**incident.symptoms, symptom_key(symptom): _alone(symptom)}) != symptom_key(symptom)


def make_room(incident: OpenIncident) -> None:
    """Let the least symptom go where there are too many; its evidence has been published, and stays."""
    while len(incident.symptoms) > MOST_TRACKS:
        del incident.symptoms[_least(incident.symptoms)]
        incident.left_out += 1


def _least(tracks: dict[str, SymptomTrack]) -> str:
    """Name the weakest symptom of the service that has the most of them."""
    many = Counter(each.first.service for each in tracks.values())
    return min(
        tracks,
        key=lambda key: (-many[tracks[key].first.service], abs(tracks[key].worst.score), key),
    )


def _alone(symptom: Symptom) -> SymptomTrack:
    return SymptomTrack(first=symptom, worst=symptom, latest=symptom)


def tell(incident: OpenIncident, entry: TimelineEntry) -> None:
    """Put an entry into the timeline of an incident; beyond the bound it is only counted."""
    if entry.certainty is Certainty.INFERENCE:
        concluded = sum(each.certainty is Certainty.INFERENCE for each in incident.timeline)
        if concluded >= _MOST_CONCLUSIONS:
            incident.left_out += 1
            return
    incident.timeline.append(entry)
    incident.told = False


def _differences(found: DeployComparison | None) -> DeployComparison | None:
    if found is None:
        return None
    kept = [
        msgspec.structs.replace(each, template=cut(each.template, _LABEL))
        for each in found.differences[:_MOST_DIFFERENCES]
    ]
    return msgspec.structs.replace(found, differences=kept)


def _cut(text: str | None) -> str | None:
    return None if text is None else cut(text, _TEXT)


def _labels(labels: dict[str, Any]) -> dict[str, Any]:
    return {cut(name, _LABEL): _label(labels[name]) for name in list(labels)[:_MOST_LABELS]}


def _label(value: Any) -> Any:
    if isinstance(value, list):
        return [_label(each) for each in value[:_MOST_FILES]]
    if isinstance(value, dict | str):
        return cut(value if isinstance(value, str) else msgspec.json.encode(value).decode(), _LABEL)
    return value
