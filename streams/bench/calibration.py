"""Does the confidence that is stated for first candidates mean the share of them that is right?

A case counts by its first candidate alone, whether or not the ranking abstained. Measures: the Brier score
(mean squared distance of the stated confidence from 1 where it was right and 0 where not; G. W. Brier, 1950),
the expected calibration error (mean distance of stated and right within equal steps of confidence, weighed by
their cases; Naeini et al., AAAI 2015). Steps are fitted by isotonic regression, pool adjacent violators (Ayer
et al., 1955): all that is assumed is that more points are never less probable to be right.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

Steps = tuple[tuple[float, float], ...]
"""From so many points on, so probable; in rising order of both."""

_WIDTH = 0.1
"""Width of the steps of confidence for the calibration error: ten of them, as is usual."""
_SCORE_WIDTH = 1.5
"""Width of the steps of score in the table: half of the strongest single argument."""
_FEWEST = 5
"""Cases that a fitted step is drawn from, at least; fewer say little of a probability."""


class Pool(NamedTuple):
    """Cases of neighbouring scores."""

    least: float
    """The lowest score among them."""
    right: int
    many: int

    @property
    def share(self) -> float:
        """Give the share that is right, 0 to 1."""
        return self.right / self.many


class Outcome(NamedTuple):
    """One first candidate: what was said of it, and whether it was right."""

    dataset: str
    score: float
    stated: float
    """The confidence that was stated, 0 to 1."""
    right: bool


def brier(pairs: Sequence[tuple[float, bool]]) -> float:
    """Give the Brier score of (stated, right): 0 is perfect, 0.25 is what a coin would get.

    >>> brier([(1.0, True), (0.5, False)])
    0.125
    """
    return sum((stated - right) ** 2 for stated, right in pairs) / len(pairs)


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float:
    """Give the expected calibration error of (stated, right), 0 to 1.

    >>> calibration_error([(0.8, True), (0.8, True), (0.3, False), (0.3, False)])
    0.25
    """
    found = 0.0
    for step in sorted({_step(stated) for stated, _ in pairs}):
        within = [each for each in pairs if _step(each[0]) == step]
        stated = sum(each[0] for each in within) / len(within)
        found += abs(stated - sum(each[1] for each in within) / len(within)) * len(within) / len(pairs)
    return round(found, 6)


def isotonic(pairs: Sequence[tuple[float, bool]]) -> list[Pool]:
    """Give the pools of (score, right) that fit best among all whose share rises with the score."""
    pools: list[Pool] = []
    for score in sorted({each[0] for each in pairs}):
        within = [right for at, right in pairs if at == score]
        pools.append(Pool(score, sum(within), len(within)))
        while len(pools) > 1 and pools[-2].share >= pools[-1].share:
            pools.append(_pooled(pools.pop(-2), pools.pop()))
    return pools


def fit(pairs: Sequence[tuple[float, bool]]) -> Steps:
    """Give the steps of confidence by score: isotonic regression, none of a handful of cases, none certain.

    The share of each step is that of one right and one wrong case more (Laplace's rule of succession).

    >>> fit([(1.0, False)] * 6 + [(2.0, True)] * 3 + [(3.0, False)] * 3 + [(4.0, True)] * 8)
    ((1.0, 0.125), (2.0, 0.5), (4.0, 0.9))
    """
    pools = isotonic(pairs)
    while len(pools) > 1 and min(each.many for each in pools) < _FEWEST:
        small = next(place for place, each in enumerate(pools) if each.many < _FEWEST)
        at = max(small - 1, 0)
        pools[at : at + 2] = [_pooled(pools[at], pools[at + 1])]
    smoothed = [(each.least, (each.right + 1) / (each.many + 2)) for each in pools]
    return tuple(
        zip((least for least, _ in smoothed), accumulate((share for _, share in smoothed), max), strict=True)
    )


def stated_by(steps: Steps) -> Callable[[float], float]:
    """Give the function from a score to the confidence that steps state; below the first, the first one's."""

    def state(score: float) -> float:
        return max((share for least, share in steps if score >= least), default=steps[0][1])

    return state


def lines(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """Give the reliability table: by step of score how many were right and what was stated; the errors."""
    if not outcomes:
        return
    yield "first score      right / said   share   stated"
    for step in sorted({int(each.score // _SCORE_WIDTH) for each in outcomes}):
        within = [each for each in outcomes if int(each.score // _SCORE_WIDTH) == step]
        right = sum(each.right for each in within)
        stated = sum(each.stated for each in within) / len(within)
        span = f"{step * _SCORE_WIDTH:5.1f} to {(step + 1) * _SCORE_WIDTH:4.1f}"
        yield f"{span}   {right:8} / {len(within):<4}  {right / len(within):6.0%}  {stated:6.0%}"
    pairs = [(each.stated, each.right) for each in outcomes]
    error = calibration_error(pairs)
    yield f"as stated: Brier score {brier(pairs):.3f}, expected calibration error {error:.3f}"


def leave_one_set_out(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """Give, per set, how steps that were fitted on all other sets do on it, beside what was stated.

    Nothing where there is a single set.
    """
    sets = sorted({each.dataset for each in outcomes})
    if len(sets) < 2:
        return
    yield "fitted on the other sets     n   Brier stated   fitted   base rate   ECE stated   fitted"
    for left_out in sets:
        others = [(each.score, each.right) for each in outcomes if each.dataset != left_out]
        own = [each for each in outcomes if each.dataset == left_out]
        state = stated_by(fit(others))
        base = sum(right for _, right in others) / len(others)
        stated = [(each.stated, each.right) for each in own]
        fitted = [(state(each.score), each.right) for each in own]
        constant = [(base, each.right) for each in own]
        yield (
            f"{left_out:25}{len(own):5}{brier(stated):15.3f}{brier(fitted):9.3f}{brier(constant):12.3f}"
            f"{calibration_error(stated):13.3f}{calibration_error(fitted):9.3f}"
        )
    steps = fit([(each.score, each.right) for each in outcomes])
    told = ", ".join(f"({score:.1f}, {share:.2f})" for score, share in steps)
    yield f"fitted on all: {told}"


def _step(stated: float) -> int:
    return min(int(stated / _WIDTH + 1e-9), int(1 / _WIDTH) - 1)


def _pooled(one: Pool, other: Pool) -> Pool:
    return Pool(one.least, one.right + other.right, one.many + other.many)
