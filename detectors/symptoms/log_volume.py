"""Does a larger share of a service's log lines tell of errors, or has it stopped logging altogether?"""

from typing import Any

import msgspec

from detectors.symptoms.bucket_stage import TELL_EVERY_S
from detectors.symptoms.deviation import absence_score, two_proportion_score
from detectors.symptoms.series import HISTORY, Series

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
"""A service is missed when it logged in each of so many minutes and then in none."""


class LogVolume(msgspec.Struct):
    """The lines of a service, whatever they say."""

    lines: Series = msgspec.field(default_factory=Series)
    errors: Series = msgspec.field(default_factory=Series)
    """Lines of severity error or worse; its `usual` is their share when a shift began."""
    silent_from: int | None = None
    """End of the latest bucket while its silence has not been judged (epoch seconds)."""

    def add(self, start: int, lines: int, errors: int) -> None:
        """Count a bucket."""
        self.lines.add(start, lines)
        self.errors.add(start, errors)
        self.silent_from = start + _WIDTH

    @property
    def deadline(self) -> int | None:
        """Give when the service has been silent for so long that it is judged; None: it has been."""
        return None if self.silent_from is None else self.silent_from + _SILENT_S

    def shift(self, start: int, first_bucket: int) -> dict[str, Any] | None:
        """Give what a symptom tells when the share of errors is far above what it was; None: it is not.

        Args:
            start: The bucket that has just been counted.
            first_bucket: The first one of this service.
        """
        end, errors = start + _WIDTH, self.errors
        errors.lapses(start)
        since = end - _WINDOW_S
        from_ = max(since - HISTORY * _WIDTH, first_bucket)
        if errors.is_new_normal(start) or since - from_ < _LEARNING_S:
            return None
        now, of = int(errors.between(since, end)), int(self.lines.between(since, end))
        before, lines = int(errors.between(from_, since)), int(self.lines.between(from_, since))
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

    def silence(self, first_bucket: int) -> dict[str, Any] | None:
        """Give what a symptom tells of a service that logged steadily and has stopped; None: it did not.

        It is to be asked at the deadline, once.
        """
        until, self.silent_from = self.silent_from, None
        if until is None:
            return None
        since = max(until - HISTORY * _WIDTH, first_bucket)
        totals = self.lines.totals(since, until, _SILENT_S)
        if len(totals) < _STEADY_WINDOWS or not all(totals):
            return None
        score = absence_score(totals)
        if score < _SCORE:
            return None
        return {
            "onset": until,
            "text": "all log lines",
            "window_s": float(_SILENT_S),
            "value": 0.0,
            "baseline": round(sum(totals) / len(totals), 3),
            "threshold": 1.0,
            "unit": "lines",
            "sample_size": sum(totals),
            "score": round(score, 3),
            "statistic": "negative binomial absence",
        }
