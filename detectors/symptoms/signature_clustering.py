"""Which signatures do the patterns of a bucket belong to, and which turned out to be one statement?"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from detectors.intake.bucket import BUCKET
from detectors.intake.lexicon import shown
from detectors.intake.pattern_tally import merge_patterns
from detectors.mining.signature import SignatureClusters, assign
from models.chunk import PatternCount
from models.record import content_id
from models.signature import SignatureMerged

MOST_STATEMENTS = 500
"""Clusters of a service, at most some 160 kB; what is unknown beyond that is one signature together,
and counted as left out. Few services have so many statements that log."""

_WIDTH = int(BUCKET.total_seconds())

Merged = dict[str, list[str]]
"""Ids that are part of a signature since a bucket, by the id that stays."""


def cluster(
    service: str, contents: Mapping[str, PatternCount], clusters: SignatureClusters
) -> tuple[dict[str, PatternCount], Merged]:
    """Give the lines of each signature of a bucket, and what was merged into which.

    Patterns are taken in the order in which they were first seen.
    """
    told: dict[str, PatternCount] = {}
    merged: Merged = {}
    for _, pattern in sorted(contents.items(), key=lambda each: (each[1].first_at, each[0])):
        assigned = assign(clusters, service, pattern.template, MOST_STATEMENTS)
        into = assigned.signature_id
        for gone in assigned.merged:
            merged.setdefault(into, []).extend((gone, *merged.pop(gone, ())))
            if gone in told:
                earlier = told.pop(gone)
                told[into] = merge_patterns(told[into], earlier) if into in told else earlier
        told[into] = merge_patterns(told[into], pattern) if into in told else pattern
    return told, merged


def merges(
    service: str, start: int, merged: Merged, clusters: SignatureClusters
) -> Iterable[SignatureMerged]:
    """Say what was merged in a bucket, so that whoever stored an id finds the one that stays."""
    for signature_id, gone in sorted(merged.items()):
        yield SignatureMerged(
            event_id=content_id("merge", service, signature_id, *gone, start),
            service=service,
            signature_id=signature_id,
            merged=gone,
            template=shown(clusters.clusters[signature_id].template),
            as_of=datetime.fromtimestamp(start + _WIDTH, UTC),
        )
