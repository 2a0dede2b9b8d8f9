"""What is kept of a signal and of an incident, and where does it end?

All of a scope is one value in a table, written whole at each checkpoint. The bounds below keep it,
in any one storm, under half a megabyte; what goes beyond a bound is counted, never forgotten in
silence. Each kind of evidence has a bound of its own, so that no storm of alerts crowds out what
people did.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from detectors.incidents import identity
from detectors.incidents.state import OpenIncident, evidence_id
from detectors.incidents.wording import cut
from models import topic
from models.event import Alert, Change
from models.evidence import Evidence, EvidenceKind
from models.signal import DeployComparison, Signal, Symptom
from models.timeline import Certainty, TimelineEntry
from models.topic import Outgoing

MOST_ALERTS = 60
"""Alerts of an incident that are kept whole; of further ones only whether they fire (`crowd.py`)."""
MOST_TRACKS = 60
MOST_MEMBERS = 60
"""Services of an incident whose coming in is recorded."""
MOST_LIVE = 8
"""Incidents that go on at once in a scope: an alert beyond joins the one that it relates to most."""
MOST_ENDED = 20
MOST_RULES = 50
"""Alert rules of a scope whose precision is remembered."""
MOST_TEXTS = 8
MOST_APART = 5
MOST_PARTED = 20
"""Incidents that a responder split from one."""
MOST_FEEDBACK = 100
MOST_NOISE = 20
"""Incidents of noise that are open at once in a scope."""
MOST_CHANGES = 100
MOST_SYMPTOMS = 100
"""Recent symptoms of a scope that belong to no incident."""

MOST_EVIDENCE = {
    EvidenceKind.ALERT: 120,
    EvidenceKind.SYMPTOM: 90,
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
MOST_PIECES = sum(MOST_EVIDENCE.values())
"""Evidence of all incidents of a scope together: what one may hold alone."""
_MOST_CONCLUSIONS = 60
"""Entries of a timeline that we concluded; those that tell of evidence are bounded with it."""

_TEXT = 300
_LABEL = 120
_SUBJECT = 200
"""Signature ids and names of metrics and operations are shorter; two longer ones that begin alike are one."""
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
            return msgspec.structs.replace(
                signal,
                fingerprint=identity.fingerprint(signal),
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
                subject=cut(signal.subject, _SUBJECT),
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
    if alike >= MOST_EVIDENCE[found.evidence_kind]:
        incident.left_out += 1
        return
    incident.evidence[found.evidence_id] = found
    yield Outgoing(topic=topic.EVIDENCE, key=incident.incident_id, value=found)


def forget(incident: OpenIncident, *event_ids: str) -> None:
    """Let the evidence of signals go with the entries that tell of it, unless a conclusion cites it."""
    ids = {evidence_id(each) for each in event_ids} & incident.evidence.keys()
    if ids:
        for each in ids - set(_concluded_from(incident)):
            drop(incident, each)


def _concluded_from(incident: OpenIncident) -> Iterator[str]:
    """Give the evidence that the latest triage and ranking cite, and the triage at its worst."""
    for triage in (incident.triage, incident.worst):
        for reason in triage.reasons if triage else []:
            yield from reason.evidence
    for candidate in incident.causes.candidates if incident.causes else []:
        for argument in (*candidate.supporting, *candidate.contradicting):
            yield from argument.evidence


def drop(incident: OpenIncident, evidence: str) -> None:
    """Let a piece of evidence go, and the entries that tell of it."""
    if incident.evidence.pop(evidence, None) is not None:
        incident.timeline = [
            each
            for each in incident.timeline
            if each.evidence_id != evidence or each.certainty is Certainty.INFERENCE
        ]
        incident.told = False


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
