"""Is something missing that a service has said all the time, while the service logs on?"""

from typing import Any

import msgspec

from detectors.symptoms.deviation import absence_score
from detectors.symptoms.series import HISTORY, Series
from detectors.symptoms.signature_history import Signature


class AbsencePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a signature is told to have vanished."""

    absent_s: int = 60
    """It was absent for so long while its service went on logging."""
    after: int = 5
    """Windows of that length that must all have held it before: what is periodic or rare cannot be missed."""
    score: float = 6.0
    """Standard deviations: a steady stream of 18 lines a minute; a burstier one needs more."""


POLICY = AbsencePolicy()


def absence(signature: Signature, end: int, lines: Series) -> dict[str, Any] | None:
    """Give what a symptom tells of a signature that is missing since a minute; None: it is not.

    Each absence is judged once.

    Args:
        signature: What is remembered of it.
        end: End of the bucket that has just been counted, in which the service logged.
        lines: Lines of the service, whatever they say.
    """
    width = POLICY.absent_s
    since = end - width
    if signature.is_missed or signature.last_bucket >= since:
        return None
    signature.is_missed = True
    from_ = max(since - HISTORY * 10, signature.first_bucket)
    totals = signature.counts.totals(from_, since, width)
    if len(totals) < POLICY.after or not all(totals):
        return None
    before = lines.totals(from_, since, width)
    traffic = lines.between(since, end) * len(before) / max(1, sum(before))
    score = absence_score(totals, min(1.0, traffic))
    if score < POLICY.score:
        return None
    return {
        "onset": int(signature.last_at),
        "window_s": float(width),
        "value": 0.0,
        "baseline": round(sum(totals) / len(totals), 3),
        "threshold": 1.0,
        "unit": "lines",
        "sample_size": sum(totals),
        "score": round(score, 3),
        "statistic": "negative binomial absence",
    }
