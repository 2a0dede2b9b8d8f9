"""Does a service say something far more often than usual?"""

from datetime import timedelta
from typing import Any

import msgspec

from detectors.intake.folding import BUCKET
from detectors.symptoms.bucket_stage import TELL_EVERY_S
from detectors.symptoms.deviation import surge_score
from detectors.symptoms.series import HISTORY
from detectors.symptoms.signature_history import Signature
from models.chunk import PatternCount

_WIDTH = int(BUCKET.total_seconds())
_BAD = ("warn", "error", "fatal")


class SurgePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a surge is told of."""

    learning: timedelta = timedelta(minutes=3)
    """Time before the window of which the counts must be known."""
    window: timedelta = timedelta(seconds=30)
    """One retry burst of 10 s is not yet a surge."""
    at_least: int = 10
    """Lines within the window below which a count is too small to judge."""
    score: float = 6.0
    """Standard deviations: one false surge in some 10^9 windows of a steady Poisson stream, which
    leaves room for streams that are burstier than that."""
    ratio: float = 3.0
    """A surge is also at least so many times the expected count: significance alone is not size."""


POLICY = SurgePolicy()


def surge(signature: Signature, start: int, pattern: PatternCount) -> dict[str, Any] | None:
    """Give what a symptom tells of a signature that surges in this bucket; None: it does not.

    Lines that only inform are not judged, nor are buckets in which the signature is absent.
    """
    counts = signature.counts
    counts.lapses(start)
    if pattern.severity not in _BAD:
        return None
    window = int(POLICY.window.total_seconds())
    since = start + _WIDTH - window
    from_ = max(since - HISTORY * _WIDTH, signature.counted_from)
    if counts.is_new_normal(start) or since - from_ < POLICY.learning.total_seconds():
        return None
    expected = counts.usual
    if counts.onset is None:
        expected = counts.between(from_, since) * window / (since - from_)
    count = int(counts.between(since, start + 1))
    score = surge_score(count, expected)
    enough = float(max(POLICY.at_least, POLICY.ratio * expected))
    if score < POLICY.score or count < enough:
        counts.recovers(start)
        return None
    if not counts.deviates(start, expected, tell_every_s=TELL_EVERY_S):
        return None
    return {
        "onset": counts.onset or start,
        "window_s": float(window),
        "value": float(count),
        "baseline": round(expected, 3),
        "threshold": round(enough, 3),
        "unit": "lines",
        "sample_size": count,
        "score": round(score, 3),
        "statistic": "Anscombe-transformed Poisson count",
    }
