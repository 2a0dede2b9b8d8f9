"""What is remembered of a service's log signatures?"""

import msgspec

from detectors.mining.signature import SignatureClusters
from detectors.symptoms.deploy_comparison import PendingChange
from detectors.symptoms.lift import UsualSpread
from detectors.symptoms.log_volume import LogVolume
from detectors.symptoms.series import Series
from models.chunk import PatternCount

MOST_SIGNATURES = 100
"""Signatures whose counts are kept per service, at most some 1 kB each: 100 kB beside their clusters."""

_KEPT = 120
"""Characters of template and sample that are remembered for the day on which a signature vanishes."""


class Signature(msgspec.Struct):
    """What is remembered of one signature."""

    first_bucket: int
    last_bucket: int
    first_at: float
    """Event time of its first line (epoch seconds)."""
    is_new: bool
    """First seen after the learning period, and neither told of nor merely rare yet."""
    template: str
    severity: str
    sample: str
    last_at: float
    """Event time of its latest line (epoch seconds)."""
    counted_from: int
    """Before this nothing is known of its counts: it had been forgotten."""
    is_missed: bool = False
    """Its absence has been judged; it is not judged again before the signature comes back."""
    counts: Series = msgspec.field(default_factory=Series)

    def add(self, start: int, pattern: PatternCount) -> None:
        """Count the lines of a bucket."""
        self.last_bucket, self.last_at = start, max(self.last_at, pattern.last_at)
        self.severity, self.sample = pattern.severity, pattern.sample[:_KEPT]
        self.is_missed = False
        self.counts.add(start, pattern.count)

    def join(self, other: "Signature") -> None:
        """Take over the counts of one that was merged into it."""
        self.first_bucket = min(self.first_bucket, other.first_bucket)
        self.first_at = min(self.first_at, other.first_at)
        self.is_new = self.is_new and other.is_new
        self.counts.joins(other.counts)


class ServiceSignatures(msgspec.Struct):
    """The signatures of one service."""

    first_bucket: int | None = None
    known: dict[str, Signature] = {}
    volume: LogVolume = msgspec.field(default_factory=LogVolume)
    """Lines of all its signatures."""
    usual: UsualSpread = msgspec.field(default_factory=UsualSpread)
    changes: list[PendingChange] = []
    """Changes of the service that wait to be compared."""
    clusters: SignatureClusters = msgspec.field(default_factory=SignatureClusters)
    overflow: int = 0
    """Signatures dropped to keep the bound."""

    @property
    def left_out(self) -> int:
        """Count the signatures that were dropped, and the templates that found no cluster."""
        return self.overflow + self.clusters.overflow

    def forget(self) -> None:
        """Drop the signatures that have been absent longest, where there are too many."""
        surplus = len(self.known) - MOST_SIGNATURES
        if surplus > 0:
            oldest = sorted(self.known, key=lambda each: (self.known[each].last_bucket, each))
            for signature_id in oldest[:surplus]:
                del self.known[signature_id]
            self.overflow += surplus


def first_seen(start: int, pattern: PatternCount, *, is_new: bool, counted_from: int) -> Signature:
    """Give a signature of which nothing is remembered, before its lines are counted."""
    return Signature(
        start, start, pattern.first_at, is_new, pattern.template[:_KEPT], pattern.severity, "",
        pattern.last_at, counted_from,
    )  # fmt: skip
