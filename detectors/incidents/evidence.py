"""What is each argument drawn from, and does everything that is said cite some of it?"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from detectors.incidents import changed_service, narration
from detectors.incidents.state import OpenIncident, Situation, evidence_id
from detectors.incidents.wording import clock, listed, sentence, span
from models.event import Alert, Change, Feedback
from models.evidence import Evidence, EvidenceKind
from models.record import content_id
from models.signal import Signal, Symptom


class Citing(Protocol):
    """Whatever rests on evidence."""

    @property
    def evidence(self) -> list[str]:
        """Ids of the evidence."""


__all__ = [
    "cited",
    "dependency_id",
    "evidence_id",
    "of_cited",
    "of_dependency",
    "of_history",
    "of_quiet",
    "of_signal",
]

C = TypeVar("C", bound=Citing)


def of_signal(signal: Signal, incident_id: str, as_of: datetime, rules_version: str) -> Evidence:
    """Give the evidence that a signal is: one sentence, and all that is needed to check it."""
    occurred_at, service = signal.timestamp, signal.service or changed_service.UNKNOWN_SERVICE
    window_s = value = baseline = threshold = unit = sample_size = sample = None
    sources = [signal.event_id]
    match signal:
        case Alert():
            kind = EvidenceKind.ALERT
            value, threshold, unit = signal.value, signal.threshold, signal.unit
        case Change():
            kind = EvidenceKind.CHANGE
            service = changed_service.of_change(signal)
        case Feedback():
            kind = EvidenceKind.FEEDBACK
        case Symptom():
            kind, occurred_at = EvidenceKind.SYMPTOM, signal.onset_at
            window_s, value, baseline = signal.window_s, signal.value, signal.baseline
            threshold, unit, sample_size = signal.threshold, signal.unit, signal.sample_size
            sample = signal.sample or None
            sources = sources + signal.sources
    return Evidence(
        incident_id=incident_id,
        as_of=as_of,
        rules_version=rules_version,
        evidence_id=evidence_id(signal.event_id),
        evidence_kind=kind,
        service=service,
        occurred_at=occurred_at,
        text=narration.tell(signal),
        window_s=window_s,
        value=value,
        baseline=baseline,
        threshold=threshold,
        unit=unit,
        sample_size=sample_size,
        sample=sample,
        sources=sources,
    )


def of_dependency(chain: list[str], incident_id: str, as_of: datetime, rules_version: str) -> Evidence:
    """Give the evidence that one service depends on another, as the catalog says.

    Args:
        chain: The services from the caller to the callee, at least two.
        incident_id: The incident that it is cited in.
        as_of: The event time at which the catalog was asked.
        rules_version: The rules that cite it.

    Raises:
        ValueError: The chain has fewer than two services.
    """
    if len(chain) < 2:
        raise ValueError(f"a dependency needs a caller and a callee, got the chain {chain}")
    through = f" through {listed(chain[1:-1])}" if len(chain) > 2 else ""
    return Evidence(
        incident_id=incident_id,
        as_of=as_of,
        rules_version=rules_version,
        evidence_id=dependency_id(chain),
        evidence_kind=EvidenceKind.TOPOLOGY,
        service=chain[0],
        occurred_at=as_of,
        text=f"The catalog says that {chain[0]} depends on {chain[-1]}{through}.",
        value=float(len(chain) - 1),
        unit="calls",
        sources=[f"catalog:{caller}" for caller in chain[:-1]],
    )


def of_quiet(
    incident: OpenIncident, since: datetime, until: datetime, rules_version: str, caused_by: str
) -> Evidence:
    """Give the evidence that nothing of an incident was seen for a while.

    Args:
        incident: The incident that went quiet.
        since: When its last signal was (event time).
        until: Up to when nothing came (event time); the moment of the decision.
        rules_version: The rules that cite it.
        caused_by: The event id of that last signal.
    """
    quiet = until - since
    lasted = f"for {span(quiet)}, from {clock(since, until)} to {clock(until)}"
    text = f"no alert and no symptom of the incident {lasted}"
    return Evidence(
        incident_id=incident.incident_id,
        as_of=until,
        rules_version=rules_version,
        evidence_id=content_id("evidence", "quiet", incident.incident_id, since, until),
        evidence_kind=EvidenceKind.QUIET,
        service=incident.service,
        occurred_at=until,
        text=sentence(text),
        window_s=quiet.total_seconds(),
        value=0.0,
        unit="signals",
        sources=[caused_by],
    )


def of_history(
    incident: OpenIncident, service: str, text: str, sources: list[str], as_of: datetime, rules_version: str
) -> Evidence:
    """Give the evidence that earlier deployments or incidents are.

    Args:
        incident: The incident that it is cited in.
        service: The service whose past it is.
        text: What is remembered, as a sentence.
        sources: The event ids of those deployments, or the ids of those incidents.
        as_of: The event time at which the memory was asked.
        rules_version: The rules that cite it.
    """
    return Evidence(
        incident_id=incident.incident_id,
        as_of=as_of,
        rules_version=rules_version,
        evidence_id=content_id("evidence", "history", incident.incident_id, service, text),
        evidence_kind=EvidenceKind.HISTORY,
        service=service,
        occurred_at=incident.opened_at,
        text=sentence(text),
        sample_size=len(sources),
        sources=sources,
    )


def dependency_id(chain: list[str]) -> str:
    """Name the evidence of a chain of calls by the chain."""
    return content_id("evidence", "topology", *chain)


def cited(items: Iterable[C], known: set[str]) -> list[C]:
    """Keep what cites known evidence, and of its citations those that are known; the rest is dropped."""
    kept = []
    for item in items:
        ids = [each for each in item.evidence if each in known]
        if ids == item.evidence and ids:
            kept.append(item)
        elif ids:
            kept.append(msgspec.structs.replace(item, evidence=ids))  # type: ignore[type-var]  # all are structs
    return kept


def of_cited(situation: Situation, ids: Iterable[str]) -> list[Evidence]:
    """Give the evidence of those signals of a situation whose ids are asked for, in the order of the ids.

    Ids that belong to no signal of the situation (a chain of calls, for one) are left out.
    """
    wanted = set(ids)
    found = {
        evidence_id(signal.event_id): signal
        for signal in _signals(situation)
        if evidence_id(signal.event_id) in wanted
    }
    incident_id, as_of = situation.incident.incident_id, situation.as_of
    return [of_signal(found[each], incident_id, as_of, situation.rules_version) for each in sorted(found)]


def _signals(situation: Situation) -> Iterator[Signal]:
    for episode in situation.incident.alerts.values():
        yield from (episode.first, episode.latest)
    for track in situation.incident.symptoms.values():
        yield from (track.first, track.worst, track.latest)
    yield from situation.changes
    yield from situation.comparisons
    yield from situation.incident.feedback
