"""How large are the values, in a form that merges however they were cut?"""

import math
import sys

from models.chunk import Sketch

ACCURACY = 0.02
"""Relative error of a quantile: 2 % costs about 58 bins a decade, and tells a shift from a wobble."""

_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GAMMA = math.log(_GAMMA)
_LARGEST_POWER = math.log(sys.float_info.max)
_ZERO = -100_000
"""The bin of zero; negative values go, mirrored, below it."""


def sketch_of(value: float) -> Sketch:
    """Give the sketch of one value."""
    return Sketch(count=1, minimum=value, maximum=value, bins={bin_of(value): 1})


def bin_of(value: float) -> int:
    """Give the logarithmic bin of a value.

    Source: Masson, Rim, Lee (2019), DDSketch, VLDB 12(12).
    """
    if value > 0:
        return math.ceil(math.log(value) / _LOG_GAMMA)
    if value == 0:
        return _ZERO
    return 2 * _ZERO - math.ceil(math.log(-value) / _LOG_GAMMA)


def merge_sketches(one: Sketch, other: Sketch) -> Sketch:
    """Give the sketch of both sets of values together."""
    bins = dict(one.bins)
    for number, count in other.bins.items():
        bins[number] = bins.get(number, 0) + count
    return Sketch(
        count=one.count + other.count,
        minimum=min(one.minimum, other.minimum),
        maximum=max(one.maximum, other.maximum),
        bins=bins,
    )


def quantile(sketch: Sketch, share: float) -> float:
    """Give the value below which that share of the values lies, within `ACCURACY` of its size.

    >>> whole = sketch_of(1.0)
    >>> for value in range(2, 101):
    ...     whole = merge_sketches(whole, sketch_of(float(value)))
    >>> 90 <= quantile(whole, 0.95) <= 100
    True
    """
    rank = share * (sketch.count - 1)
    seen = 0
    for number in sorted(sketch.bins):
        seen += sketch.bins[number]
        if seen > rank:
            return min(max(_value_of(number), sketch.minimum), sketch.maximum)
    return sketch.maximum


def median(sketch: Sketch) -> float:
    """Give the middle value; exact for one value, within `ACCURACY` of its size otherwise."""
    return quantile(sketch, 0.5)


def _value_of(number: int) -> float:
    if number == _ZERO:
        return 0.0
    if number < _ZERO:
        return -_middle_of(2 * _ZERO - number)
    return _middle_of(number)


def _middle_of(number: int) -> float:
    # The bin of the largest float ends beyond what a float can hold.
    return 2 / (_GAMMA + 1) * math.exp(min(number * _LOG_GAMMA, _LARGEST_POWER))
