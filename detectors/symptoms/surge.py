"""Does a service say something far more often than usual?"""

from datetime import timedelta
from typing import Any

import msgspec

from detectors.intake.bucket import BUCKET
from detectors.intake.lexicon import is_credential_failure
from detectors.symptoms.deviation import count_score
from detectors.symptoms.pause import Pauses
from detectors.symptoms.series import CALM_S
from detectors.symptoms.signature_history import Signature
from detectors.symptoms.usual_count import STATISTIC, Stretch, usual_count, window_totals
from models.chunk import PatternCount

_WIDTH = int(BUCKET.total_seconds())
_BAD = ("warn", "error", "fatal")


class SurgePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a surge is told of."""

    window: timedelta = timedelta(seconds=30)
    """One retry burst of 10 s is not yet a surge."""
    guard: timedelta = timedelta(minutes=1)
    """Time before the window that says nothing of what is usual: a surge that grows slowly would be in it."""
    learning_windows: int = 6
    """Windows before that of which the counts must be known: three minutes."""
    most_windows: int = 40
    """Windows that tell what is usual: twenty minutes, since what is usual drifts within the hour."""
    at_least: int = 10
    """Lines within the window below which a count is too small to judge."""
    score: float = 5.0
    """Standard deviations: by chance at most one window in 250,000 if the lines scatter as is estimated, one
    surge in some hundred days of a signature as measured (see `test_false_alarms.py`)."""
    ratio: float = 3.0
    """A surge is also at least so many times the usual count, and what is a habit at this time:
    significance alone is not size."""


POLICY = SurgePolicy()


def surge(signature: Signature, start: int, pattern: PatternCount, pauses: Pauses) -> dict[str, Any] | None:
    """Give what a symptom tells of a signature that surges in this bucket; None: it does not.

    Lines that only inform are not judged, but for failed credentials, which many programs only inform of; nor
    are buckets in which the signature is absent.
    """
    counts, episode = signature.counts, signature.surging
    episode.calms(start, least_s=CALM_S + _WIDTH)
    is_bad = pattern.severity in _BAD or is_credential_failure(signature.template)
    if not is_bad or episode.is_new_normal(start):
        return None
    window = int(POLICY.window.total_seconds())
    since = start + _WIDTH - window
    count = counts.between(since, start + 1)
    usual = episode.before
    if count < POLICY.at_least:
        episode.calms(start)
        return None
    if usual is None:
        known = Stretch(signature.counted_from, since - int(POLICY.guard.total_seconds()))
        without = () if episode.last is None else (episode.last,)
        totals = window_totals(counts, known, window, POLICY.most_windows, pauses, without)
        if len(totals) < POLICY.learning_windows:
            return None
        usual = usual_count(totals)
    score = count_score(count, usual.mean, usual.size)
    if score < POLICY.score or count < POLICY.ratio * usual.mean:
        episode.calms(start)
        return None
    began = episode.goes_on(start, usual)
    enough = max(POLICY.at_least, POLICY.ratio * max(usual.mean, signature.surges.usual(began, start)))
    signature.surges.note(began, start, count)
    if count < enough:
        episode.excuse()
        return None
    if not episode.tells(start):
        return None
    return {
        "onset": episode.onset,
        "window_s": float(window),
        "value": float(count),
        "baseline": round(usual.lines / usual.windows, 3),
        "threshold": round(float(enough), 3),
        "unit": "lines",
        "sample_size": count,
        "score": round(score, 3),
        "statistic": STATISTIC,
        "baseline_windows": usual.windows,
        "dispersion": round(usual.dispersion, 3),
    }
