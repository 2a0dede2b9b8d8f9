"""How far does a value stand away from what is usual?"""

import math
from collections.abc import Sequence
from statistics import median

_MAD_TO_SIGMA = 1.4826
"""Makes the median absolute deviation of a normal sample its standard deviation."""

_RELATIVE_FLOOR = 0.05
"""Spread assumed at least, as a share of the median: a constant baseline is not infinitely certain."""

_ABSOLUTE_FLOOR = 1e-9

_LARGEST_SCORE = 1e15
"""Beyond any telemetry; an infinite score could not be written as JSON."""


def surge_score(count: int, expected: float) -> float:
    """Score how far a count stands above what was expected, in standard deviations.

    Source: Anscombe (1948), Biometrika 35, 246-254: the transformed Poisson count has unit variance.

    >>> round(surge_score(40, 10.0), 1)
    6.3
    """
    return 2.0 * (math.sqrt(count + 0.375) - math.sqrt(expected + 0.375))


def two_sample_score(count: int, other: int, exposure: float, other_exposure: float) -> float:
    """Score how far two counts stand apart, each over its exposure, in standard deviations, signed.

    The score statistic of equal Poisson rates, whose variance is pooled.
    Source: Przyborowski, Wilenski (1940), Biometrika 31, 313-323; the normal form as in
    Krishnamoorthy, Thomson (2004), Journal of Statistical Planning and Inference 119, 23-35.

    >>> two_sample_score(40, 10, 1_000, 1_000) == 30 / 50**0.5
    True
    """
    if count + other == 0:
        return 0.0
    apart = count * other_exposure - other * exposure
    return apart / math.sqrt((count + other) * exposure * other_exposure)


def two_proportion_score(count: int, of: int, other: int, other_of: int) -> float:
    """Score how far two shares stand apart, in standard deviations, signed; the variance is pooled.

    Source: Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, section 3.1
    (the score test of equal proportions; its square is Pearson's chi-squared).

    >>> round(two_proportion_score(20, 100, 10, 100), 2)
    1.98
    """
    pooled = (count + other) / (of + other_of)
    variance = pooled * (1.0 - pooled) * (1.0 / of + 1.0 / other_of)
    return (count / of - other / other_of) / math.sqrt(variance) if variance > 0.0 else 0.0


def absence_score(totals: Sequence[int], share: float = 1.0) -> float:
    """Score how improbable it is that a window holds nothing, given what earlier windows of its length held.

    The probability of zero under a negative binomial whose mean and variance are those of the totals
    (Poisson where they are not overdispersed), as the standard deviations at which a normal tail is
    about as small: sqrt(-2 ln p). `share` is the traffic of the window relative to the earlier ones.
    Source of the model: Anscombe (1949), Biometrics 5, 165-173; estimated by moments.

    >>> round(absence_score([30, 32, 29, 31]), 1)
    7.8
    """
    count = len(totals)
    mean = share * sum(totals) / count
    if mean <= 0.0:
        return 0.0
    variance = share * share * sum((each - mean / share) ** 2 for each in totals) / max(1, count - 1)
    if variance <= mean:
        return math.sqrt(2.0 * mean)
    size = mean * mean / (variance - mean)
    return math.sqrt(2.0 * size * math.log1p(mean / size))


def robust_score(value: float, baseline: Sequence[float]) -> float:
    """Score how far a value stands from a baseline, in robust standard deviations, signed.

    Source: Iglewicz, Hoaglin (1993), How to Detect and Handle Outliers: median and MAD, with a
    floor of 5 % of the median for the spread. Never beyond 1e15 on either side.

    >>> robust_score(20.0, [10.0, 10.0, 10.0, 10.0, 10.0])
    20.0
    """
    middle = median(baseline)
    spread = _MAD_TO_SIGMA * median(abs(each - middle) for each in baseline)
    score = (value - middle) / max(spread, _RELATIVE_FLOOR * abs(middle), _ABSOLUTE_FLOOR)
    return max(-_LARGEST_SCORE, min(score, _LARGEST_SCORE))
