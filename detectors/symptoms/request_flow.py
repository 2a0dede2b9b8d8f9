"""Do requests still go the way that they usually go through a service?

In healthy operation a request that enters a service by an operation writes the same lines, runs the
same inner operations and calls the same services as those before it. Where something that nearly all
requests of an operation had is missing from them, or something that hardly any had is in them, the
flow is broken there: this finds swallowed exceptions and wrong returns that raise no error line.

Method: for each mark (a pattern of log lines, an inner operation, a called service) the share of the
requests of the last half, one and two minutes that have it, against the shares of the minutes before.
What is usual is the quarter of those minutes that lies nearest: every minute has its own mix of
requests, and one in four may be a disturbance itself. The statistic is the log-likelihood ratio
G = n·KL(share, usual share). Source: Wilks (1938), Annals of Mathematical Statistics 9, 60-62: 2G is
about chi-squared with one degree of freedom.
Parameters: the constants below. Weakness: a mix of requests that has not been seen in any minute looks
like a break; what only some tenants see stays below the effect that is asked for; an operation with
fewer than nine requests before is not judged.
"""

import re
from collections.abc import Iterable
from math import log, sqrt
from typing import NamedTuple

import msgspec

from detectors.symptoms.request import CALL, LAST_CALL, LINE, OPERATION, Request

RECENT_S = 120
"""What is judged: long enough for a handful of requests of a rare operation."""
WINDOWS_S = (30, 60, RECENT_S)
"""Each is judged, the clearest is told: a break shows soon in the short one, a rare operation in the long."""
LEAST_G = 8.0
"""Under chance alone one mark in some 30,000 reaches it (2G = 16, one-sided)."""
LEAST_EFFECT = 0.25
"""A quarter of the requests go another way: less is a change of mix."""

_USUAL = 0.7
"""A mark of so many requests in the middle minute belongs to the usual way of a request."""
_RARE = 0.125
"""One of up to so many does not."""
_MINUTE_S = 60
_FEWEST_PER_MINUTE = 3
"""A minute with fewer requests is counted together with those after it."""
_FEWEST_MINUTES = 3
"""Below it nothing is usual yet."""
_MOST_MINUTES = 20
_SELECTION = 0.5
_FEWEST = 3
"""Requests now, below which nothing is said."""
_MOST_MARKS = 60
"""Marks of one operation: the smallest names; each takes some 200 bytes."""
_FAILURE = re.compile(r"(?i)error|exception|fail(?!over)|(?<!de)fault|timeout|refused|denied|reject")
"""What names a failure: where it goes missing the service recovers."""
NEW_NORMAL_S = 600
"""A break that lasts ten minutes is how requests go from then on; the incident has told of it long ago."""


class Mark(msgspec.Struct, array_like=True):
    """How many requests had it, in each minute before and in each recent bucket."""

    before: list[int]
    recent: list[int]


class Entry(msgspec.Struct):
    """How requests of one operation of one service go."""

    minute_starts: list[int] = []
    """Minutes before the recent buckets (epoch seconds), ascending."""
    minutes: list[int] = []
    """Requests in each of them."""
    starts: list[int] = []
    """Recent buckets (epoch seconds), ascending."""
    requests: list[int] = []
    """Requests in each of them."""
    marks: dict[str, Mark] = {}
    """By kind and name, joined by a line feed."""
    onset: int | None = None
    """Start of the bucket in which the running break began."""
    told: int | None = None
    """Start of the bucket for which it was last told of."""
    selection: int | None = None
    """Start of the bucket since which only a selection of the usual requests comes."""
    told_g: float = 0.0
    """The statistic that was told then."""
    left_out: int = 0


class Break(NamedTuple):
    """The mark by which the flow of an operation is broken most clearly."""

    kind: str
    name: str
    share: float
    usual: float
    requests: int
    window_s: int
    g: float
    onset: int
    gives_up_after: str
    """The service after whose call requests end now, and did not before; empty: none."""

    @property
    def score(self) -> float:
        """The root of 2G: standard deviations."""
        return score_of(self.g)


def add(entry: Entry, start: int, requests: Iterable[Request]) -> None:
    """Count the requests of one bucket; what is older than the recent buckets becomes usual.

    While the flow is broken nothing becomes usual: a fault must not become its own baseline.
    """
    _age(entry, start)
    made = list(requests)
    if not made:
        return
    entry.starts.append(start)
    entry.requests.append(len(made))
    counts: dict[str, int] = {}
    for request in made:
        for kind, name in request.marks:
            key = f"{kind}\n{name}"
            counts[key] = counts.get(key, 0) + 1
    for key, mark in entry.marks.items():
        mark.recent.append(counts.pop(key, 0))
    for key in sorted(counts):
        entry.marks[key] = Mark([0] * len(entry.minutes), [*[0] * (len(entry.starts) - 1), counts[key]])
    entry.marks = {key: mark for key, mark in entry.marks.items() if any(mark.before) or any(mark.recent)}
    if len(entry.marks) > _MOST_MARKS:
        entry.left_out += len(entry.marks) - _MOST_MARKS
        entry.marks = {key: entry.marks[key] for key in sorted(entry.marks)[:_MOST_MARKS]}


def _age(entry: Entry, start: int) -> None:
    held_since = entry.onset if entry.onset is not None else entry.selection
    if held_since is not None and start - held_since >= NEW_NORMAL_S:
        _learn_anew(entry)
    while entry.starts and entry.starts[0] <= start - RECENT_S:
        oldest, requests = entry.starts.pop(0), entry.requests.pop(0)
        having = [(mark, mark.recent.pop(0)) for mark in entry.marks.values()]
        if entry.onset is not None or entry.selection is not None:
            continue
        goes_on = bool(entry.minutes) and (
            oldest < entry.minute_starts[-1] + _MINUTE_S or entry.minutes[-1] < _FEWEST_PER_MINUTE
        )
        if not goes_on:
            entry.minute_starts.append(oldest)
            entry.minutes.append(0)
        entry.minutes[-1] += requests
        for mark, count in having:
            if not goes_on:
                mark.before.append(0)
            mark.before[-1] += count
        if len(entry.minutes) > _MOST_MINUTES:
            del entry.minute_starts[0], entry.minutes[0]
            for mark in entry.marks.values():
                del mark.before[0]


def _learn_anew(entry: Entry) -> None:
    entry.onset = entry.told = entry.selection = None
    entry.told_g = 0.0
    entry.minute_starts.clear()
    entry.minutes.clear()
    for mark in entry.marks.values():
        mark.before.clear()


def _traffic(entry: Entry, until: int, window_s: int) -> float:
    """Give how many times as many requests came in a window as usually come in that time."""
    if not entry.minutes or not entry.starts:
        return 1.0
    lasted = entry.minute_starts[-1] + _MINUTE_S - entry.minute_starts[0]
    usual = sum(entry.minutes) * window_s / lasted
    counted = sum(
        requests
        for start, requests in zip(entry.starts, entry.requests, strict=True)
        if start > until - window_s
    )
    return counted / usual if usual else 1.0


def broken(entry: Entry, all_traces: Entry) -> Break | None:
    """Give where the flow of an operation is broken most clearly; None: it goes as usual.

    Where less than half of the requests come that the traffic of all traces would make one expect,
    those that come are a selection: something before this service is broken, and it is not judged.
    """
    requests = sum(entry.requests)
    known = sum(each >= _FEWEST_PER_MINUTE for each in entry.minutes)
    if requests < _FEWEST or known < _FEWEST_MINUTES:
        return None
    whole = [each for each in WINDOWS_S if not _is_selection(entry, all_traces, each)]
    entry.selection = None if whole else (entry.selection or entry.starts[-1])
    if not whole:
        return None
    found = [each for window_s in whole for each in _deviating(entry, window_s)]
    shown = [each for each in found if each.kind != LAST_CALL]
    if not shown:
        entry.onset = entry.told = None
        entry.told_g = 0.0
        return None
    most = max(shown, key=_clarity)
    if entry.onset is None:
        entry.onset = _onset(entry, most)
    gives_up = [each for each in found if each.kind == LAST_CALL and each.share > each.usual]
    after = max(gives_up, key=_clarity).name if gives_up else ""
    return most._replace(onset=entry.onset, gives_up_after=after)


def _is_selection(entry: Entry, all_traces: Entry, window_s: int) -> bool:
    until = entry.starts[-1]
    expected = min(_traffic(all_traces, until, window_s), 1.0)
    return _traffic(entry, until, window_s) < _SELECTION * expected


def _clarity(found: Break) -> tuple[float, str, str, int]:
    return found.g * abs(found.share - found.usual), found.kind, found.name, found.window_s


def _deviating(entry: Entry, window_s: int) -> list[Break]:
    """Give the marks that deviate in a window; none while a failure goes missing."""
    since = since_of(entry.starts, window_s)
    requests = sum(entry.requests[since:])
    if requests < _FEWEST:
        return []
    found = []
    for key, mark in sorted(entry.marks.items()):
        kind, _, name = key.partition("\n")
        share, shares = sum(mark.recent[since:]) / requests, _shares(entry, mark)
        middle = shares[len(shares) // 2]
        if _FAILURE.search(name) and middle - share >= LEAST_EFFECT:
            return []  # it recovers: what is new now is what is usual in health
        usual = _usual(shares, share)
        if usual is not None and share > usual and entry.left_out:
            continue  # of so many marks some were dropped: what comes back only looks new
        if usual is not None and abs(share - usual) >= LEAST_EFFECT:
            g = requests * divergence(share, usual)
            if g >= LEAST_G:
                found.append(Break(kind, name, share, usual, requests, window_s, g, 0, ""))
    return found


def _shares(entry: Entry, mark: Mark) -> list[float]:
    return sorted(
        (having + 0.5) / (requests + 1)
        for requests, having in zip(entry.minutes, mark.before, strict=True)
        if requests >= _FEWEST_PER_MINUTE
    )


def _usual(shares: list[float], share: float) -> float | None:
    """Give the usual share that lies nearest; None: the share of now is no break of it."""
    middle, quarter = shares[len(shares) // 2], len(shares) // 4
    if middle >= _USUAL and share < shares[quarter]:
        return shares[quarter]
    if middle <= _RARE and share > shares[-1 - quarter]:
        return shares[-1 - quarter]
    return None


def _onset(entry: Entry, found: Break) -> int:
    """Give the first recent bucket whose share lies beyond the middle between usual and now."""
    mark, rises = entry.marks[f"{found.kind}\n{found.name}"], found.share > found.usual
    middle = (found.share + found.usual) / 2
    for start, requests, having in zip(entry.starts, entry.requests, mark.recent, strict=True):
        if requests and (having / requests > middle) == rises and having / requests != middle:
            return start
    return entry.starts[-1]


def since_of(starts: list[int], window_s: int) -> int:
    """Give the place of the first bucket in the window that ends with the latest one."""
    return sum(each <= starts[-1] - window_s for each in starts)


def score_of(g: float) -> float:
    """Give the root of twice a log-likelihood ratio: standard deviations."""
    return sqrt(2.0 * g)


def divergence(share: float, usual: float) -> float:
    """Give the Kullback-Leibler divergence of two shares, in nats.

    >>> round(divergence(0.0, 0.5), 3)
    0.693
    """
    found = 0.0
    if share > 0.0:
        found += share * log(share / usual)
    if share < 1.0:
        found += (1.0 - share) * log((1.0 - share) / (1.0 - usual))
    return found


def told_as(found: Break) -> str:
    """Say what is missing or new, for people, without figures."""
    what = {
        LINE: f"the line “{found.name}”",
        OPERATION: f"the step {found.name}",
        CALL: f"the call of {found.name}",
    }[found.kind]
    return f"{what} {'is new' if found.share > found.usual else 'is missing'}"
