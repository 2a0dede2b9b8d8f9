"""Is something missing that a service has said all the time, while the service logs on?"""

from typing import Any

import msgspec

from detectors.symptoms.bucket_counts import BucketCounts
from detectors.symptoms.deviation import count_score
from detectors.symptoms.pause import Pauses
from detectors.symptoms.signature_history import Absence, Signature
from detectors.symptoms.usual_count import STATISTIC, Stretch, usual_count, window_totals


class AbsencePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a signature is told to have vanished."""

    absent_s: int = 60
    """It was absent for so long while its service went on logging."""
    learning_windows: int = 5
    """Windows of that length that must be known before."""
    most_windows: int = 20
    """Windows that must all have held it: what is periodic within that time, or rare, cannot be missed."""
    score: float = 5.0
    """Standard deviations, as for a surge: a steady stream of some 25 lines a minute; a burstier one needs
    more."""
    beyond: float = 1.5
    """So many times as long as what is a habit at this time: a night may be somewhat longer than others."""


POLICY = AbsencePolicy()


def absence(signature: Signature, end: int, lines: BucketCounts, pauses: Pauses) -> dict[str, Any] | None:
    """Give what a symptom tells of a signature that is missing; None: it is not.

    Each absence is told of once at most.

    Args:
        signature: What is remembered of it.
        end: End of the bucket that has just been counted, in which the service logged.
        lines: Lines of the service, whatever they say.
        pauses: When the service did not log at all: nothing is missing then.
    """
    if signature.absence in (Absence.NOT_MISSED, Absence.TOLD):
        return None
    gone, width = signature.counts.end, POLICY.absent_s
    absent = end - gone - pauses.length(gone, end)
    if absent < width:
        return None
    is_habit = absent < POLICY.beyond * signature.absences.usual(gone, gone)
    if is_habit and signature.absence is Absence.HABITUAL:
        return None
    known = Stretch(signature.counted_from, gone)
    totals = window_totals(signature.counts, known, width, POLICY.most_windows, pauses)
    if len(totals) < POLICY.learning_windows or not all(totals):
        signature.absence = Absence.NOT_MISSED
        return None
    usual = usual_count(totals)
    traffic = lines.between(end - width - pauses.length(end - width, end), end)
    before = window_totals(lines, Stretch(known.since, gone), width, POLICY.most_windows, pauses)
    share = min(1.0, traffic * len(before) / max(1, sum(before)))
    score = count_score(0, share * usual.mean, usual.size) if share else 0.0
    if -score < POLICY.score:
        signature.absence = Absence.NOT_MISSED
        return None
    signature.absence = Absence.HABITUAL if is_habit else Absence.TOLD
    if is_habit:
        return None
    return {
        "onset": int(signature.last_at),
        "window_s": float(absent),
        "value": 0.0,
        "baseline": round(usual.lines / usual.windows, 3),
        "threshold": 1.0,
        "unit": "lines",
        "sample_size": usual.lines,
        "score": round(-score, 3),
        "statistic": STATISTIC,
        "baseline_windows": usual.windows,
        "dispersion": round(usual.dispersion, 3),
    }
