"""Does a service say something that it has not said before?"""

from datetime import timedelta
from typing import Any

import msgspec

from detectors.intake.folding import BUCKET
from detectors.symptoms.deviation import surge_score
from detectors.symptoms.signature_history import Signature
from models.chunk import PatternCount

_WIDTH = int(BUCKET.total_seconds())
_FAILURES = ("error", "fatal")


class NewSignaturePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a new signature is told of."""

    learning: timedelta = timedelta(minutes=3)
    """A service's signatures count as known until it has been seen for so long: longer than most
    periodic jobs need to log everything once, shorter than a responder's patience."""
    at_least: int = 5
    """Lines that make it worth a word; from error on one line is enough."""
    within: timedelta = timedelta(minutes=5)
    """A signature that has not reached that many lines so long after its first is merely rare."""


POLICY = NewSignaturePolicy()


def novelty(signature: Signature, start: int, pattern: PatternCount) -> dict[str, Any] | None:
    """Give what a symptom tells of a signature that is new and worth a word in this bucket; None: it is not.

    It is told of once.
    """
    if not signature.is_new:
        return None
    count = int(signature.counts.between(signature.first_bucket, start + 1))
    if pattern.severity not in _FAILURES and count < POLICY.at_least:
        signature.is_new = start - signature.first_bucket <= POLICY.within.total_seconds()
        return None
    signature.is_new = False
    return {
        "onset": int(signature.first_at),
        "window_s": float(start + _WIDTH - signature.first_bucket),
        "value": float(count),
        "baseline": 0.0,
        "threshold": 1.0,
        "unit": "lines",
        "sample_size": count,
        "score": round(surge_score(count, 0.0), 3),
        "statistic": "Anscombe-transformed Poisson count",
    }
