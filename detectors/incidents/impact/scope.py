"""Which tenants, regions, versions, hosts and paths does an incident hit?"""

from collections.abc import Iterator
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.impact.spread import COUNTED
from detectors.incidents.severity.symptom_rule import is_failure
from detectors.incidents.state import Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import listed, quantity
from detectors.intake.concentration import DIMENSIONS
from models.impact import Hit, ImpactScope
from models.signal import SymptomKind

ORDER = ("tenant", "region", "version", "host", "path")

_LABELS = {
    **DIMENSIONS,
    "customer": "tenant", "org": "tenant", "organization": "tenant", "account": "tenant",
    "zone": "region", "availability_zone": "region", "datacenter": "region", "dc": "region",
    "route": "path", "http.route": "path", "endpoint": "path", "path": "path", "operation": "path",
}  # fmt: skip
"""Dimension by the label of an alert."""

_LOG_KINDS = (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
_LEAST_SHARE = 0.05
"""A tenant or region with so much of the failing lines of a service counts as hit; of versions and hosts only
those in which the lines concentrate, because all of them log."""
_NEARLY_ALL = 0.95
"""So much of the failing lines of a service must be one value's for it to be the only one that is hit."""
_STANDS_OUT = 2.0
"""Lift from which the usual share says something: as where the lines were judged."""
_MOST_HITS = 5
_MOST_NAMED = 3


class _Seen(NamedTuple):
    """One value at one service, with what shows it."""

    dimension: str
    value: str
    service: str
    evidence: str
    lines: int = 0
    """Failing lines with the value; 0: a label or an operation names it."""
    of: int = 0
    usual_share: float | None = None
    lift: float | None = None


def find(situation: Situation) -> ImpactScope | None:
    """Give what is hit, as far as log lines, alert labels and operations tell; None: nothing does.

    Method: share of a value among the failing lines against its share of all lines of the service
    before (lift), judged where the lines were folded. Weakness: at most sixteen values of a
    dimension are counted, so a further tenant may be missed; a value that is told of was counted.
    """
    seen = sorted({*_of_lines(situation), *_of_labels(situation), *_of_operations(situation)})
    if not seen:
        return None
    hits = [
        hit for dimension in ORDER for hit in _hits([each for each in seen if each.dimension == dimension])
    ]
    tenant, region = _single(situation, seen, "tenant"), _single(situation, seen, "region")
    told = {each.dimension for each in hits}
    return ImpactScope(
        text=_text(hits, tenant, region),
        hits=hits,
        single_tenant=tenant,
        single_region=region,
        unknown=[each for each in ORDER if each not in told],
    )


def _of_lines(situation: Situation) -> Iterator[_Seen]:
    for track in blast_radius.tracks(situation.incident):
        if track.worst.symptom_kind not in _LOG_KINDS or not is_failure(track):
            continue
        cited = evidence_id(track.worst.event_id)
        lift = next((each.lift for each in (track.worst, track.latest, track.first) if each.lift), None)
        service = track.first.service
        if lift is not None and lift.dimension not in COUNTED:
            yield _Seen(
                lift.dimension, lift.value, service, cited, lift.count, lift.of, lift.usual_share, lift.lift
            )
        for dimension in COUNTED:
            counts = track.spread.get(dimension, {})
            lines = sum(counts.values())
            for value, count in counts.items():
                if count < _LEAST_SHARE * lines:
                    continue
                if lift is not None and (lift.dimension, lift.value) == (dimension, value):
                    share, strength = lift.usual_share, round(count / lines / lift.usual_share, 2)
                    yield _Seen(dimension, value, service, cited, count, lines, share, strength)
                else:
                    yield _Seen(dimension, value, service, cited, count, lines)


def _of_labels(situation: Situation) -> Iterator[_Seen]:
    for episode in blast_radius.episodes(situation.incident):
        alert = episode.first
        for label, value in alert.labels.items():
            dimension = _LABELS.get(label)
            if dimension is not None and isinstance(value, str) and value.strip():
                yield _Seen(dimension, value.strip(), alert.service, evidence_id(alert.event_id))


def _of_operations(situation: Situation) -> Iterator[_Seen]:
    for track in blast_radius.tracks(situation.incident):
        if _is_operation(track):
            yield _Seen("path", track.first.subject, track.first.service, evidence_id(track.worst.event_id))


def _is_operation(track: SymptomTrack) -> bool:
    # A metric is told of by its bare name, an operation with what of it deviates: "POST /pay errors".
    kinds = (SymptomKind.ERROR_RATE, SymptomKind.LATENCY)
    first = track.first
    return first.symptom_kind in kinds and not first.peer and first.text != first.subject


def _hits(seen: list[_Seen]) -> list[Hit]:
    by_value: dict[str, list[_Seen]] = {}
    for each in seen:
        by_value.setdefault(each.value, []).append(each)
    hits = []
    for value, alike in by_value.items():
        strongest = max(alike, key=lambda each: (each.lift or 0.0, each.lines, each.service))
        of = sum(each.of for each in alike)
        share = sum(each.lines for each in alike) / of if of else None
        hits.append(
            Hit(
                dimension=strongest.dimension,
                value=value,
                services=sorted({each.service for each in alike}),
                share=None if share is None else round(share, 4),
                usual_share=strongest.usual_share,
                lift=strongest.lift,
                evidence=sorted({each.evidence for each in alike}),
            )
        )
    hits.sort(key=lambda each: (-(each.lift or 0.0), -(each.share or 0.0), each.value))
    return hits[:_MOST_HITS]


def _single(situation: Situation, seen: list[_Seen], dimension: str) -> str | None:
    """Give the only value that is hit: every service that fails must tell of it, and of no other."""
    incident = situation.incident
    failing = {each.first.service for each in blast_radius.tracks(incident) if is_failure(each)}
    failing |= {each.first.service for each in blast_radius.episodes(incident)}
    of = [each for each in seen if each.dimension == dimension]
    values = {each.value for each in of}
    if len(values) != 1 or not failing <= {each.service for each in of}:
        return None
    counted = [each for each in of if each.of]
    # The label of an alert says where it was seen, not that nobody else is hit.
    concentrates = bool(counted) and all(
        each.lift is not None and each.lines >= _NEARLY_ALL * each.of for each in counted
    )
    return values.pop() if concentrates else None


def _text(hits: list[Hit], tenant: str | None, region: str | None) -> str:
    only = [f"only {name} {value}" for name, value in (("tenant", tenant), ("region", region)) if value]
    clauses = only or [_clause(each) for each in hits if each.share is not None][:_MOST_NAMED]
    if not clauses:
        clauses = [f"{each.dimension} {each.value}" for each in hits[:_MOST_NAMED]]
    shown = next((each for each in hits if only and each.value in (tenant, region) and each.lift), None)
    return f"it hits {listed(clauses)}" + (f" ({_numbers(shown)})" if shown else "")


def _clause(hit: Hit) -> str:
    return f"{hit.dimension} {hit.value} ({_numbers(hit)})"


def _numbers(hit: Hit) -> str:
    told = f"{quantity(hit.share or 0.0, 'ratio')} of the failing lines"
    if hit.usual_share is None or (hit.lift or 0.0) < _STANDS_OUT:
        return told
    return f"{told}, usually {quantity(hit.usual_share, 'ratio')} of all"
