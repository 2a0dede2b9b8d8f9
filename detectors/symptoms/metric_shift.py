"""Which metrics of a service have left their usual range?"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from detectors.flow.sketch import median, merge_sketches
from detectors.intake.bucket import BUCKET
from detectors.symptoms.backlog import PER_MINUTE, STATISTIC, growth, is_backlog
from detectors.symptoms.bucket_stage import TELL_EVERY_S, BucketStage, ServiceState
from detectors.symptoms.deviation import robust_score
from detectors.symptoms.series import Series
from models import topic
from models.chunk import MetricBuckets, Sketch
from models.signal import Symptom, SymptomKind
from models.tick import Tick

_ERROR_WORDS = re.compile(r"error|fail|5xx|exception|reject|unavailab", re.IGNORECASE)
_SUCCESS_WORDS = re.compile(r"(?<!un)availab|success", re.IGNORECASE)
_LATENCY_WORDS = re.compile(r"latency|duration|response_time|\bp9\d", re.IGNORECASE)
_REQUEST_WORDS = re.compile(r"request", re.IGNORECASE)

_MACHINE_WORDS = re.compile(r"(?:^|[._])(?:node|host)[._]", re.IGNORECASE)
"""Metrics of the machine say what all on it use: they are told of a service only where it is used up."""

_SATURATED = 90.0
"""Percent of the machine from which all on it wait."""

_WIDTH = int(BUCKET.total_seconds())

_LEAST_REQUESTS = 30
"""Requests in a bucket below which its quantiles and shares are chance: from 30 on a mean is about normal."""

_SHARE_RISE = 1.0
"""Percentage points that an error share rises at least: below that the usual retries are told of."""

_SHARE_SCORE = 3.0
"""Binomial standard deviations of a rise: once in some 700 calm buckets by chance."""

_LEAST_SHARE = 0.5
"""Error share (%) assumed to be usual at least: a series without any error is not infinitely certain."""

_PERCENT = 100.0

_ROBUST = "robust z-score (median, MAD)"
_BINOMIAL = "binomial z-score"


class ShiftPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a value is told to have shifted."""

    learning_points: int = 5
    """Points before which a series has no usual range."""
    score: float = 8.0
    """Robust standard deviations; telemetry has heavier tails than a normal sample, where 8 is never met."""
    ratio: float = 1.5
    """The value is also at least so many times the usual one, or at most its inverse."""
    beyond: float = 1.25
    """It is also so many times outside all that was usual: many series are calm but for spikes, whose
    median and MAD tell nothing of them."""
    most_series: int = 300
    """Series kept per service; 60 points of some 20 bytes each stay well under a megabyte."""


class ServiceSeries(msgspec.Struct):
    """The series of one service by name."""

    known: dict[str, Series] = {}
    """The one that has been silent longest first."""
    overflow: int = 0
    """Series dropped to keep the bound."""

    def series(self, name: str) -> Series:
        """Give the series of a name, which is not silent now."""
        found = self.known.pop(name, None)
        self.known[name] = found = Series() if found is None else found
        return found

    def forget(self, most: int) -> None:
        """Drop those that have been silent longest, where there are too many."""
        surplus = max(len(self.known) - most, 0)
        for name in list(self.known)[:surplus]:
            del self.known[name]
        self.overflow += surplus


def kind_of(metric: str, *, rises: bool) -> SymptomKind:
    """Name what a shift of a metric means, going by its direction and the words of its name.

    Fewer errors, more successes and less latency are a shift, but no failure.

    >>> kind_of("http.server.error_ratio_pct", rises=True).value
    'error_rate'
    >>> kind_of("http.server.error_ratio_pct", rises=False).value
    'metric_shift'
    """
    if (_ERROR_WORDS if rises else _SUCCESS_WORDS).search(metric):
        return SymptomKind.ERROR_RATE
    return SymptomKind.LATENCY if rises and _LATENCY_WORDS.search(metric) else SymptomKind.METRIC_SHIFT


def unit_of(metric: str) -> str:
    """Give the unit that a metric's name ends with; an empty string where it names none.

    >>> unit_of("http.server.duration.p95_ms")
    'ms'
    """
    if metric.lower().endswith(("per_s", "per_second")):
        return "per second"
    endings = {"pct": "%", "percent": "%", "ms": "ms", "s": "s", "seconds": "s", "bytes": "B",
               "mib": "MiB", "ratio": "ratio", "total": "count", "count": "count"}  # fmt: skip
    return endings.get(re.split(r"[._]", metric.lower())[-1], "")


class MetricShifts(BucketStage[Sketch, ServiceSeries]):
    """Metric points of a service in; symptoms of shifted metrics out."""

    table = "metric-shifts"
    source = topic.METRIC_BUCKETS
    inputs = topic.METRICS
    record_type = MetricBuckets | Tick
    state_type = ServiceState[Sketch, ServiceSeries]

    policy = ShiftPolicy()

    def merge(self, one: Sketch, other: Sketch) -> Sketch:
        """Give both sets of points as one."""
        return merge_sketches(one, other)

    def empty(self) -> ServiceSeries:
        """Give no series."""
        return ServiceSeries()

    def left_out(self, history: ServiceSeries) -> int:
        """Count the series that were dropped."""
        return history.overflow

    def judge(
        self, service: str, start: int, contents: Mapping[str, Sketch], history: ServiceSeries
    ) -> Iterable[Symptom]:
        """Judge the median of each metric of a bucket against its last points."""
        requests = _requests(contents, start, history)
        for name in sorted(contents):
            series = history.series(name)
            value = median(contents[name])
            if is_backlog(name):
                yield from self._grown(service, start, name, value, history)
            if _MACHINE_WORDS.search(name) and not (unit_of(name) == "%" and value >= _SATURATED):
                continue
            if _is_share(name) and requests is not None:
                if requests < _LEAST_REQUESTS:
                    continue
                told = shift_of_share(series, start, value, requests, self.policy)
            elif _LATENCY_WORDS.search(name) and requests is not None and requests < _LEAST_REQUESTS:
                continue
            elif requests is not None and requests < _LEAST_REQUESTS and _counts_requests(name):
                series.add(start, value)
                continue
            else:
                told = shift(series, start, value, self.policy)
            if told is not None:
                yield self.symptom(
                    service, start, series.onset or start, kind_of(name, rises=told["score"] > 0),
                    name, text=name,
                    window_s=10.0, value=round(value, 6), unit=unit_of(name),
                    sample_size=_sample(name, contents[name], requests),
                    statistic=_BINOMIAL if _is_share(name) and requests is not None else _ROBUST, **told,
                )  # fmt: skip
        history.forget(self.policy.most_series)

    def _grown(
        self, service: str, start: int, name: str, value: float, history: ServiceSeries
    ) -> Iterable[Symptom]:
        """Judge whether a queue grows, which its own points hide from a judge of levels."""
        series = history.series(f"growth of {name}")
        told = growth(series, start, value)
        if told is not None:
            yield self.symptom(
                service, start, series.onset or start, SymptomKind.METRIC_SHIFT, f"growth of {name}",
                text=f"growth of {name}", unit=PER_MINUTE, statistic=STATISTIC, **told,
            )  # fmt: skip


def _requests(contents: Mapping[str, Sketch], start: int, history: ServiceSeries) -> float | None:
    """Give how many requests the points of a bucket speak of; None: no metric counts them.

    A rate counts as many as came since the point before it, or in a bucket where it is the first.
    """
    counted = [median(sketch) for name, sketch in contents.items() if _counts_requests(name)]
    for name, sketch in contents.items():
        if unit_of(name) == "per second" and _REQUEST_WORDS.search(name) and not _ERROR_WORDS.search(name):
            before = history.known.get(name)
            since = start - before.starts[-1] if before is not None and before.starts else _WIDTH
            counted.append(median(sketch) * since)
    return max(counted, default=None)


def _counts_requests(metric: str) -> bool:
    is_count = unit_of(metric) == "count" and _REQUEST_WORDS.search(metric) is not None
    return is_count and _ERROR_WORDS.search(metric) is None


def _sample(metric: str, points: Sketch, requests: float | None) -> int:
    """Give how many observations a value sums up: requests where they are counted, else points."""
    if requests is not None and (_is_share(metric) or _LATENCY_WORDS.search(metric)):
        return int(requests)
    return points.count


def _is_share(metric: str) -> bool:
    return unit_of(metric) == "%" and _SUCCESS_WORDS.search(metric) is not None


def shift_of_share(
    series: Series, start: int, value: float, requests: float, policy: ShiftPolicy
) -> dict[str, float] | None:
    """Judge a share of successes (%) by its errors: 99 of 100 is ten times as bad as 99.9, not the same.

    Method: the rise of the error share over the median, in standard deviations of a binomial share of
    so many requests. Weakness: retries of one client count as if they were independent.
    """
    if series.is_new_normal(start):
        series.relearn()
    usual = series.values
    if len(usual) < policy.learning_points:
        series.add(start, value)
        return None
    middle = sorted(usual)[len(usual) // 2]
    share = max(_PERCENT - middle, _LEAST_SHARE) / _PERCENT
    rise = middle - value
    score = rise / _PERCENT / (max(share * (1 - share), 0.0) / requests) ** 0.5 if share < 1 else 0.0
    is_beyond = _PERCENT - value > policy.beyond * (_PERCENT - min(usual))
    if rise < _SHARE_RISE or score < _SHARE_SCORE or not is_beyond:
        if series.recovers(start):
            series.add(start, value)
        return None
    if not series.deviates(start, middle, tell_every_s=TELL_EVERY_S):
        return None
    return {
        "baseline": round(middle, 6),
        "threshold": round(middle - _SHARE_RISE, 6),
        "score": round(-score, 3),
    }


def shift(series: Series, start: int, value: float, policy: ShiftPolicy) -> dict[str, float] | None:
    """Judge a point; give baseline, threshold and score where it is to be told of.

    Only points that do not deviate enter the baseline.
    """
    if series.is_new_normal(start):
        series.relearn()
    usual = series.values
    if len(usual) < policy.learning_points:
        series.add(start, value)
        return None
    score = robust_score(value, usual)
    middle = sorted(usual)[len(usual) // 2]
    larger, smaller = max(abs(value), abs(middle)), min(abs(value), abs(middle))
    is_beyond = value > policy.beyond * max(usual) if score > 0 else policy.beyond * value < min(usual)
    if abs(score) < policy.score or larger < policy.ratio * smaller or not is_beyond:
        if series.recovers(start):
            series.add(start, value)
        return None
    if not series.deviates(start, middle, tell_every_s=TELL_EVERY_S):
        return None
    threshold = middle * policy.ratio if score > 0 else middle / policy.ratio
    return {"baseline": round(middle, 6), "threshold": round(threshold, 6), "score": round(score, 3)}
