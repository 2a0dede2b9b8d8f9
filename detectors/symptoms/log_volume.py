"""Does a larger share of a service's log lines tell of errors, or has it stopped logging altogether?"""

from typing import Any

import msgspec

from detectors.symptoms.bucket_counts import BucketCounts
from detectors.symptoms.bucket_stage import TELL_EVERY_S
from detectors.symptoms.deviation import count_score, two_proportion_score
from detectors.symptoms.habit import Habit
from detectors.symptoms.series import HISTORY, Series
from detectors.symptoms.usual_count import STATISTIC, Stretch, UsualCount, usual_count, window_totals

_WIDTH = 10
_WINDOW_S = 30
"""As for a surge: one burst of retries is not a shift yet."""
_LEARNING_S = 180
"""Time before the window from which the usual share is known, at least."""
_FEWEST_ERRORS = 10
_FEWEST_LINES = 30
"""Errors and lines in the window below which a share is too uncertain to act on."""
_RATIO = 3.0
_SCORE = 6.0
"""As for a surge: certain, and large as well."""
_SILENT_S = 60
_STEADY_WINDOWS = 5
_MOST_WINDOWS = 10
"""A service is missed when it logged in each of so many minutes and then in none."""
_ABSENCE_SCORE = 5.0
_BEYOND = 1.5
"""As for a signature that is missed."""


class LogVolume(msgspec.Struct):
    """The lines of a service, whatever they say."""

    lines: BucketCounts = msgspec.field(default_factory=BucketCounts)
    errors: Series = msgspec.field(default_factory=Series)
    """Lines of severity error or worse; its `usual` is their share when a shift began."""
    known_from: int | None = None
    """Start of the first bucket of the service (epoch seconds)."""
    silent_from: int | None = None
    """End of the latest bucket while its silence has not been judged (epoch seconds)."""
    silences: Habit = msgspec.field(default_factory=Habit)
    """How long it was silent on earlier occasions (seconds)."""

    def add(self, start: int, lines: int, errors: int) -> None:
        """Count a bucket; a silence that ends with it is remembered, be it told or a habit."""
        end = self.lines.end
        if self.known_from is None:
            self.known_from = start
        elif start - end >= _SILENT_S and self._missed() is not None:
            self.silences.note(end, end, start - end)
        self.lines.add(start, lines)
        self.errors.add(start, errors)
        self.silent_from = start + _WIDTH

    @property
    def deadline(self) -> int | None:
        """Give when the service has been silent for so long that it is judged; None: it has been."""
        if self.silent_from is None:
            return None
        habit = int(_BEYOND * self.silences.usual(self.silent_from, self.silent_from))
        return self.silent_from + max(_SILENT_S, -(-habit // _WIDTH) * _WIDTH)

    def shift(self, start: int) -> dict[str, Any] | None:
        """Give what a symptom tells when the share of errors is far above what it was; None: it is not.

        Args:
            start: The bucket that has just been counted.
        """
        end, errors = start + _WIDTH, self.errors
        errors.lapses(start)
        since = end - _WINDOW_S
        from_ = max(since - HISTORY * _WIDTH, self.known_from or 0)
        if errors.is_new_normal(start) or since - from_ < _LEARNING_S:
            return None
        now, of = int(errors.between(since, end)), self.lines.between(since, end)
        before, lines = int(errors.between(from_, since)), self.lines.between(from_, since)
        if lines == 0 or of == 0:
            return None
        usual = before / lines if errors.onset is None else errors.usual
        expected = max(_FEWEST_ERRORS, _RATIO * usual * of)
        score = two_proportion_score(now, of, round(usual * lines), lines)
        if of < _FEWEST_LINES or now < expected or score < _SCORE:
            errors.recovers(start)
            return None
        if not errors.deviates(start, usual, tell_every_s=TELL_EVERY_S):
            return None
        return {
            "onset": errors.onset or start,
            "text": f"{now} of {of} log lines",
            "window_s": float(_WINDOW_S),
            "value": round(100.0 * now / of, 3),
            "baseline": round(100.0 * usual, 3),
            "threshold": round(100.0 * expected / of, 3),
            "unit": "%",
            "sample_size": of + lines,
            "score": round(score, 3),
            "statistic": "two-proportion score",
            "severity": "error",
        }

    def silence(self) -> dict[str, Any] | None:
        """Give what a symptom tells of a service that logged steadily and has stopped; None: it did not.

        It is to be asked at the deadline, once.
        """
        deadline, until, self.silent_from = self.deadline, self.silent_from, None
        missed = self._missed()
        if until is None or deadline is None or missed is None:
            return None
        usual, score = missed
        return {
            "onset": until,
            "text": "all log lines",
            "window_s": float(deadline - until),
            "value": 0.0,
            "baseline": round(usual.lines / usual.windows, 3),
            "threshold": 1.0,
            "unit": "lines",
            "sample_size": usual.lines,
            "score": round(score, 3),
            "statistic": STATISTIC,
            "baseline_windows": usual.windows,
            "dispersion": round(usual.dispersion, 3),
        }

    def _missed(self) -> tuple[UsualCount, float] | None:
        """Give what was usual until the latest bucket, and how improbable an empty minute is after it."""
        known = Stretch(self.known_from or 0, self.lines.end)
        totals = window_totals(self.lines, known, _SILENT_S, _MOST_WINDOWS)
        if len(totals) < _STEADY_WINDOWS or not all(totals):
            return None
        usual = usual_count(totals)
        score = -count_score(0, usual.mean, usual.size)
        return (usual, score) if score >= _ABSENCE_SCORE else None
