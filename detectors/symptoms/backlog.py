"""Does a queue grow, message after message, rather than jump?

Method: Theil-Sen slope and Mann-Kendall trend over the last minutes, asked only where the queue is already
longer than all it was before them. A jump of the level is left to `metric_shift`: there one step carries
most of the rise. Parameters: `BacklogPolicy`. Weakness: a queue that fills in batches farther apart than
the points that are kept (ten minutes of 10-second points) looks as if it grew; trends of a series that
remembers its last value look surer than they are, so the score ranks and does not tell a probability.
"""

import math
import re
from itertools import combinations, pairwise
from statistics import median

import msgspec

from detectors.symptoms.bucket_stage import TELL_EVERY_S
from detectors.symptoms.series import Series

PER_MINUTE = "per minute"

STATISTIC = "Mann-Kendall z-score (Theil-Sen slope)"

_WAITING = re.compile(
    r"consumer\w*[._-]?lag|records?[._-]lag|messages?[._-]ready|messages_?visible|undelivered|backlog"
    r"|(?:queue|sidekiq|celery|jobs?|tasks?)\w*[._-]?(?:size|length|depth|messages|pending|waiting|enqueued)",
    re.IGNORECASE,
)
"""How exporters of Kafka, RabbitMQ, SQS, Pub/Sub, Celery and Sidekiq name what waits."""

_NOT_WAITING = re.compile(
    r"(?:^|[._-])(?:limit|capacity|rate|bytes|total|replica\w*|replication|published|consumers|age|latency"
    r"|s|ms|seconds|pct|percent|ratio)(?:$|[._-])",
    re.IGNORECASE,
)
"""How long it waits, how fast it goes through, and how much may wait, is another question."""


class BacklogPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a queue is told to grow."""

    window_s: int = 300
    """Seconds of points that a slope is drawn through."""
    least_points: int = 6
    """Points that it needs; where they come more slowly the window is as long as these."""
    learning_points: int = 5
    """Points before the window that say how long the queue usually is."""
    trend: float = 2.5
    """Mann-Kendall score, which six points reach only where all but one pair of them rise."""
    largest_step: float = 0.5
    """Share of the rise that the largest step carries at most: more is a jump."""
    ratio: float = 1.5
    """The queue is at least so many times as long as usual."""
    beyond: float = 1.25
    """And so many times as long as ever before the window."""
    least_rise: float = 20.0
    """Messages that it grows over the window at least: fewer wait in any burst."""


BACKLOG = BacklogPolicy()


def is_backlog(metric: str) -> bool:
    """Tell whether a metric counts what waits, going by the words of its name.

    >>> is_backlog("kafka_consumergroup_lag"), is_backlog("kafka_consumergroup_lag_seconds")
    (True, False)
    """
    return _WAITING.search(metric) is not None and _NOT_WAITING.search(metric) is None


def slope(points: list[tuple[int, float]]) -> float:
    """Give the slope through points (epoch seconds, value) per minute: the median over all pairs.

    A third of the points may be anything. Source: Sen (1968), Journal of the American Statistical
    Association 63, 1379-1389.

    >>> slope([(0, 10.0), (60, 40.0), (120, 5000.0), (180, 100.0), (240, 130.0)])
    30.0
    """
    return float(median(60.0 * (b - a) / (later - at) for (at, a), (later, b) in combinations(points, 2)))


def trend(values: list[float]) -> float:
    """Score how surely values rise one after the other, in standard deviations, signed.

    Source: Mann (1945), Econometrica 13, 245-259; Kendall (1975), Rank Correlation Methods; no correction
    for ties, which make it smaller.

    >>> round(trend([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 2)
    2.63
    """
    many = len(values)
    rising = sum((later > one) - (later < one) for one, later in combinations(values, 2))
    spread = math.sqrt(many * (many - 1) * (2 * many + 5) / 18)
    return math.copysign(max(abs(rising) - 1, 0), rising) / spread


def growth(
    series: Series, start: int, value: float, policy: BacklogPolicy = BACKLOG
) -> dict[str, float] | None:
    """Add a point; give slope (value, per minute), baseline, threshold and score where it is to be told of.

    The onset is when the queue was longer for good than ever before the window: what brought the growth
    about lies before that, and it is told of minutes after.

    Args:
        series: All points of the queue, of nothing else.
        start: Start of the bucket (epoch seconds).
        value: How many wait.
        policy: What counts as growth.
    """
    if series.is_new_normal(start):
        series.relearn()
    series.add(start, value)
    points = list(zip(series.starts, series.values, strict=True))
    many = max(sum(at > start - policy.window_s for at in series.starts), policy.least_points)
    window, earlier = points[-many:], points[:-many]
    if series.onset is None and len(earlier) < policy.learning_points:
        return None
    if not _is_long(series, value, [each for _, each in earlier], policy) or not _grows(window, policy):
        series.recovers(start)
        return None
    is_new = series.onset is None
    middle = series.usual if not is_new else median(each for _, each in earlier)
    is_told = series.deviates(start, middle, tell_every_s=TELL_EVERY_S)
    if is_new:
        series.onset = _left_usual(window, max(each for _, each in earlier))
    if not is_told:
        return None
    minutes = (window[-1][0] - window[0][0]) / 60
    return {
        "value": round(slope(window), 6),
        "baseline": 0.0,
        "threshold": round(policy.least_rise / minutes, 6),
        "score": round(trend([each for _, each in window]), 3),
        "window_s": 60 * minutes,
        "sample_size": len(window),
    }


def _left_usual(window: list[tuple[int, float]], highest: float) -> int:
    usual_until = max((at for at, value in window if value <= highest), default=window[0][0] - 1)
    return min(at for at, _ in window if at > usual_until)


def _is_long(series: Series, value: float, earlier: list[float], policy: BacklogPolicy) -> bool:
    if series.onset is not None:
        return value >= policy.ratio * series.usual
    return value >= policy.ratio * median(earlier) and value >= policy.beyond * max(earlier)


def _grows(window: list[tuple[int, float]], policy: BacklogPolicy) -> bool:
    values = [each for _, each in window]
    minutes = (window[-1][0] - window[0][0]) / 60
    rise = slope(window) * minutes
    step = max(later - one for one, later in pairwise(values))
    is_steady = step <= policy.largest_step * rise and trend(values) >= policy.trend
    return rise >= policy.least_rise and is_steady and slope(window[len(window) // 2 :]) > 0  # it goes on
