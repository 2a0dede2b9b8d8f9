"""What is remembered of a service's log signatures?"""

from enum import StrEnum

import msgspec

from detectors.mining.signature import SignatureClusters
from detectors.symptoms.bucket_counts import BucketCounts
from detectors.symptoms.deploy_comparison import PendingChange
from detectors.symptoms.habit import Habit
from detectors.symptoms.lift import UsualSpread
from detectors.symptoms.log_volume import LogVolume
from detectors.symptoms.pause import Pauses
from detectors.symptoms.surge_episode import SurgeEpisode
from models.chunk import PatternCount

MOST_SIGNATURES = 100
"""Signatures whose counts are kept per service, at most some 2.5 kB each, half of that where nothing about
them is periodic: 250 kB beside their clusters."""

_KEPT = 120
"""Characters of template and sample that are remembered for the day on which a signature vanishes."""


class Absence(StrEnum):
    """What is known of the absence that a signature is in, or was in last."""

    UNJUDGED = "unjudged"
    """It is there, or has not been absent for long."""
    NOT_MISSED = "not_missed"
    """It was rare, or so few that it cannot be missed."""
    HABITUAL = "habitual"
    """It was steady, but was absent like that before."""
    TOLD = "told"


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
    absence: Absence = Absence.UNJUDGED
    absences: Habit = msgspec.field(default_factory=Habit)
    """How long it was missing on earlier occasions (seconds)."""
    counts: BucketCounts = msgspec.field(default_factory=BucketCounts)
    surging: SurgeEpisode = msgspec.field(default_factory=SurgeEpisode)
    surges: Habit = msgspec.field(default_factory=Habit)
    """How many lines a window held when it surged on earlier occasions."""

    def add(self, start: int, pattern: PatternCount, absent_s: int) -> None:
        """Count the lines of a bucket.

        Args:
            start: Start of the bucket (epoch seconds).
            pattern: The lines.
            absent_s: Seconds before it without a line, in which the service logged on.
        """
        if self.absence in (Absence.HABITUAL, Absence.TOLD):
            self.absences.note(self.counts.end, self.counts.end, absent_s)
        self.last_bucket, self.last_at = start, max(self.last_at, pattern.last_at)
        self.severity, self.sample = pattern.severity, pattern.sample[:_KEPT]
        self.absence = Absence.UNJUDGED
        self.counts.add(start, pattern.count)

    def join(self, other: "Signature") -> None:
        """Take over the counts of one that was merged into it; habits are its own."""
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
    pauses: Pauses = msgspec.field(default_factory=Pauses)
    """When the service did not log at all."""
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
