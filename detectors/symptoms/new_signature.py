"""Does a service say something that it has not said before?"""

from datetime import timedelta
from typing import Any

import msgspec

from detectors.intake.bucket import BUCKET
from detectors.intake.lexicon import sensitivities
from detectors.symptoms.deviation import count_score
from detectors.symptoms.signature_history import Signature
from detectors.symptoms.usual_count import STATISTIC, usual_count
from models.chunk import PatternCount

_WIDTH = int(BUCKET.total_seconds())
_FAILURES = ("error", "fatal")


class NewSignaturePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a new signature is told of."""

    learning: timedelta = timedelta(minutes=3)
    """A service's signatures count as known until it has been seen for so long: longer than most
    periodic jobs need to log everything once, shorter than a responder's patience."""
    at_least: int = 5
    """Lines that make it worth a word; from error on, and of a sensitive one, a line is enough."""
    within: timedelta = timedelta(minutes=5)
    """A signature that has not reached that many lines so long after its first is merely rare."""


POLICY = NewSignaturePolicy()


def novelty(
    signature: Signature, start: int, pattern: PatternCount, learned_from: int
) -> dict[str, Any] | None:
    """Give what a symptom tells of a signature that is new and worth a word in this bucket; None: it is not.

    It is told of once. Its score says how surprising so many lines are after none in all the time for
    which the service has been known: the longer, the more.

    Args:
        signature: What is remembered of it, this bucket included.
        start: Start of the bucket (epoch seconds).
        pattern: Its lines in the bucket.
        learned_from: When the service was first seen (epoch seconds).
    """
    if not signature.is_new:
        return None
    count = signature.counts.between(signature.first_bucket, start + 1)
    is_rare = count < POLICY.at_least and not sensitivities(signature.template)
    if pattern.severity not in _FAILURES and is_rare:
        signature.is_new = start - signature.first_bucket <= POLICY.within.total_seconds()
        return None
    signature.is_new = False
    window = start + _WIDTH - signature.first_bucket
    usual = usual_count([0] * max(1, (signature.first_bucket - learned_from) // window))
    return {
        "onset": int(signature.first_at),
        "window_s": float(window),
        "value": float(count),
        "baseline": 0.0,
        "threshold": 1.0,
        "unit": "lines",
        "sample_size": count,
        "score": round(count_score(count, usual.mean, usual.size), 3),
        "statistic": STATISTIC,
        "baseline_windows": usual.windows,
    }
