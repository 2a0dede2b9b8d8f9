"""How are the lines of one pattern counted while a chunk is folded, and merged when chunks meet?"""

from functools import lru_cache

from detectors.intake.concentration import Places, merge_places, places
from detectors.intake.lexicon import is_credential_failure
from models.chunk import PatternCount, Spread

_SAMPLE_LIMIT = 500
_SEVERITIES = {
    "trace": "trace", "debug": "debug", "info": "info", "information": "info", "notice": "info",
    "warn": "warn", "warning": "warn", "error": "error", "err": "error", "severe": "error",
    "fatal": "fatal", "critical": "fatal", "crit": "fatal", "alert": "fatal", "emergency": "fatal",
    "emerg": "fatal", "panic": "fatal",
}  # fmt: skip
SEVERITY_RANK = {"unknown": 0, "trace": 1, "debug": 2, "info": 3, "warn": 4, "error": 5, "fatal": 6}


ERRORS = frozenset(each for each, rank in SEVERITY_RANK.items() if rank >= SEVERITY_RANK["error"])


@lru_cache(256)
def log_severity(sent: str | None) -> str:
    """Give the severity of a log line as one of our seven words; what is not known is `unknown`."""
    return _SEVERITIES.get(sent.lower(), "unknown") if sent else "unknown"


class Tally:
    """The lines of one pattern of one service in one bucket while they are counted; see `PatternCount`."""

    __slots__ = (
        "count", "errors", "first_at", "is_credential", "last_at", "places", "sample", "severity", "template"
    )  # fmt: skip

    def __init__(self, template: str, severity: str, at: float, sample: str) -> None:
        """Start with no line."""
        self.template = template
        self.count = 0
        self.errors = 0
        self.severity = severity
        self.first_at = self.last_at = at
        self.sample = sample
        self.places: Spread = {}
        self.is_credential = is_credential_failure(template)

    def add(self, at: float, severity: str, text: str) -> None:
        """Count one line; the earliest by (event time, text) stays the sample."""
        self.count += 1
        if severity in ERRORS:
            self.errors += 1
        if severity != self.severity:
            self.severity = max(self.severity, severity, key=SEVERITY_RANK.__getitem__)
        if at > self.last_at:  # noqa: PLR1730  # a call of max costs as much as all the rest of it
            self.last_at = at
        if at <= self.first_at:
            self.first_at, self.sample = min((self.first_at, self.sample), (at, sample_of(text)))

    def told(self) -> PatternCount:
        """Give what was counted."""
        spread, crowds = places(self.places)
        return PatternCount(
            template=self.template, count=self.count, errors=self.errors, severity=self.severity,
            first_at=self.first_at, last_at=self.last_at, sample=self.sample,
            concentration=spread, crowds=crowds,
        )  # fmt: skip


def merge_patterns(one: PatternCount, other: PatternCount) -> PatternCount:
    """Count the lines of both; the earliest line by (event time, text) stays the sample."""
    earlier = min(one, other, key=lambda each: (each.first_at, each.sample))
    spread, crowds = merge_places(places_of(one), places_of(other))
    return PatternCount(
        template=one.template,
        count=one.count + other.count,
        errors=one.errors + other.errors,
        severity=max(one.severity, other.severity, key=SEVERITY_RANK.__getitem__),
        first_at=earlier.first_at,
        last_at=max(one.last_at, other.last_at),
        sample=earlier.sample,
        concentration=spread,
        crowds=crowds,
    )


def places_of(pattern: PatternCount) -> Places:
    """Give where the lines of a pattern lie."""
    return Places(pattern.concentration, pattern.crowds)


def sample_of(body: str) -> str:
    """Give a line as it is shown: cut where it is long, visibly."""
    return body if len(body) <= _SAMPLE_LIMIT else f"{body[: _SAMPLE_LIMIT - 1]}…"
