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


def count_score(count: int, mean: float, size: float) -> float:
    """Score how far a count stands from a negative binomial mean, in standard deviations, signed.

    The signed root of the deviance. By Chernoff's bound a count at least so far away on its side has a
    probability of at most exp(-score² / 2): 4 in 10^6 at 5.
    Source: McCullagh, Nelder (1989), Generalized Linear Models, sections 2.4 and 11.2 (deviance residual);
    Chernoff (1952), Annals of Mathematical Statistics 23, 493-507.

    Args:
        count: What was counted.
        mean: What was expected, above zero.
        size: The variance is mean + mean² / size.

    >>> round(count_score(40, 10.0, 20.0), 1), round(count_score(0, 30.0, 20.0), 1)
    (4.6, -6.1)
    """
    apart = size * math.log1p((mean - count) / (size + count))
    if count:
        apart += count * math.log(count * (mean + size) / (mean * (count + size)))
    return math.copysign(math.sqrt(2.0 * max(apart, 0.0)), count - mean)


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
