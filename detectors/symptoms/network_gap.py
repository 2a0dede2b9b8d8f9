"""Do calls take longer at the caller than at the service that is called: is it the network between?

Method: for each pair of caller and callee the duration of the calling span less that of the span it
called, over the last half to two minutes against the calls before: the share of calls beyond the usual
95th percentile is judged by its log-likelihood ratio as in `request_flow`, and the median must be three
times the usual one. A pair with too few calls before is held against what is usual between all services
of the scope. Weakness: time that the callee spends before its own span begins (a full accept queue, a
starved process) looks like the network; a span that makes several calls tells of none of them.
"""

from collections.abc import Iterable
from math import log2
from statistics import median
from typing import NamedTuple

import msgspec

from detectors.symptoms.request_flow import NEW_NORMAL_S, RECENT_S, WINDOWS_S, divergence, score_of, since_of
from models.chunk import TracePart

LEAST_DOUBLINGS = 1.5
"""Three times the usual gap: less is load."""
LEAST_G = 5.0
"""Three calls beyond what one of a dozen usual ones reaches: that they are three times as long as usual
is asked for too."""
_LEAST_BY_OTHERS = 3.0
"""Eight times what is usual between all services, where the pair itself is not known yet."""
_FLOOR_MS = 1.0
"""Added to both gaps: half a millisecond on a fast network is no fault, however many times it doubles."""
_BEYOND = 20
"""One usual call in so many lies beyond the usual 95th percentile."""
_FEWEST = 3
_FEWEST_USUAL = 4
_MOST_USUAL = 100
"""Gaps kept of an edge before the recent ones: some 600 bytes."""
_MOST_PER_BUCKET = 16


class Edge(msgspec.Struct):
    """The gaps of the calls of one service by another (milliseconds, rounded to tenths)."""

    usual: list[float] = []
    starts: list[int] = []
    recent: list[list[float]] = []
    onset: int | None = None
    told: int | None = None
    told_g: float = 0.0


class Gap(NamedTuple):
    """How much longer calls take on the way than usual."""

    value_ms: float
    usual_ms: float
    limit_ms: float
    calls: int
    window_s: int
    g: float
    onset: int

    @property
    def score(self) -> float:
        """The root of 2G: standard deviations."""
        return score_of(self.g)


def gaps_of(trace: TracePart) -> dict[tuple[str, str], list[float]]:
    """Give the gaps of a trace by caller and callee, of inner spans that make exactly one call.

    A span by which a request enters a service holds that one's own work too: it tells of no way.
    """
    called: dict[str, list[str]] = {}
    for span_id, span in sorted(trace.spans.items()):
        parent = trace.spans.get(span.parent)
        if parent is not None and parent.service != span.service:
            called.setdefault(span.parent, []).append(span_id)
    found: dict[tuple[str, str], list[float]] = {}
    for caller_id, callees in called.items():
        if len(callees) == 1:
            caller, callee = trace.spans[caller_id], trace.spans[callees[0]]
            around = trace.spans.get(caller.parent)
            if around is None or around.service != caller.service:
                continue
            gap = round(max(caller.duration_ms - callee.duration_ms, 0.0), 1)
            found.setdefault((caller.service, callee.service), []).append(gap)
    return found


def add(edge: Edge, start: int, gaps: list[float]) -> None:
    """Take the gaps of one bucket in; what is older than the recent buckets becomes usual."""
    if edge.onset is not None and start - edge.onset >= NEW_NORMAL_S:
        edge.usual = [each for bucket in edge.recent for each in bucket][-_MOST_USUAL:]
        edge.onset = edge.told = None
    while edge.starts and edge.starts[0] <= start - RECENT_S:
        if edge.onset is None:
            edge.usual = [*edge.usual, *edge.recent[0]][-_MOST_USUAL:]
        del edge.starts[0], edge.recent[0]
    edge.starts.append(start)
    ordered = sorted(gaps)
    step = max(1.0, len(ordered) / _MOST_PER_BUCKET)
    edge.recent.append([ordered[int(step * place)] for place in range(min(len(ordered), _MOST_PER_BUCKET))])


def usual_of(edges: Iterable[Edge]) -> list[float]:
    """Give the usual gap of each edge that has one, in ascending order: what is usual in the scope."""
    return sorted(median(each.usual) for each in edges if len(each.usual) >= _FEWEST_USUAL)


def widened(edge: Edge, in_scope: list[float]) -> Gap | None:
    """Give how much longer the way takes; None: it takes as long as usual, or too few calls say so.

    Args:
        edge: The calls of one service by another.
        in_scope: What `usual_of` gives for all edges of the scope.
    """
    is_known = len(edge.usual) >= _FEWEST_USUAL
    usual = sorted(edge.usual) if is_known else in_scope
    if len(usual) < _FEWEST_USUAL:
        return None
    found = _gap(edge, usual)
    least = LEAST_DOUBLINGS if is_known else _LEAST_BY_OTHERS
    if found is None or doublings(found.value_ms, found.usual_ms) < least or found.g < LEAST_G:
        edge.onset = edge.told = None
        edge.told_g = 0.0
        return None
    if edge.onset is None:
        edge.onset = next(
            (start for start, bucket in zip(edge.starts, edge.recent, strict=True)
             if bucket and median(bucket) > found.limit_ms),
            edge.starts[-1],
        )  # fmt: skip
    return found._replace(onset=edge.onset)


def _gap(edge: Edge, usual: list[float]) -> Gap | None:
    """Judge the shortest window with enough calls."""
    for window_s in WINDOWS_S:
        since = since_of(edge.starts, window_s)
        recent = [each for bucket in edge.recent[since:] for each in bucket]
        if len(recent) >= _FEWEST:
            limit = usual[-1 - len(usual) // _BEYOND]
            beyond = sum(each > limit for each in recent) / len(recent)
            expected = max(1 / _BEYOND, 1 / (len(usual) + 1))
            g = len(recent) * divergence(beyond, expected) if beyond > expected else 0.0
            return Gap(median(recent), median(usual), limit, len(recent), window_s, g, 0)
    return None


def doublings(value_ms: float, usual_ms: float) -> float:
    """Give how often a gap doubled, above a floor of a millisecond."""
    return log2((value_ms + _FLOOR_MS) / (usual_ms + _FLOOR_MS))
