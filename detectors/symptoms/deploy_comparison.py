"""What do a service's log lines say after a change that they did not say before it?"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from detectors.symptoms.bucket_counts import BucketCounts
from detectors.symptoms.deviation import two_sample_score
from detectors.symptoms.lexicon import shown
from models.event import Change
from models.signal import DeployComparison, Difference, SignatureDifference

WINDOWS_S = (120, 300)
"""So long after the change it is compared with an equally long time before: once while a rollback is
still cheap, once when the caches are warm and periodic jobs have run."""

_WIDTH = 10
_LONGEST_S = 300
"""What is compared is before the change began, but not longer ago than the series remember."""
_MOST_CHANGES = 8
"""Changes of one service that wait for their comparison: each some 5 kB; more are a storm of flags."""
_FAILURES = ("error", "fatal")
_FEWEST_LINES = 50
"""Lines on either side below which the traffic is too little to be scaled."""
_FEWEST = 10
"""Lines that were to be expected of a signature that is gone or down, or are there of one that is up."""
_FEWEST_NEW = 5
"""Lines of a new signature; of errors one is enough."""
_SCORE = 6.0
"""Standard deviations, as for a surge."""
_RATIO = 2.0
"""Less than twice or more than half the lines is no other behaviour, however certain it is."""
_MOST_DIFFERENCES = 10


class Counted(Protocol):
    """What is asked of a signature."""

    template: str
    severity: str
    counted_from: int
    counts: BucketCounts


class PendingChange(msgspec.Struct):
    """A change that waits for the end of its windows."""

    change_id: str
    change_kind: str
    version: str
    previous_version: str
    until: int
    """End of the windows before: when it began, at a bucket's start (epoch seconds)."""
    since: int
    """Start of the windows after: when it was finished, at a bucket's end."""
    done: int = 0
    """Steps done: what was before is written down first, then each window is compared."""
    lines: list[int] = []
    """Lines before that are no failures, by window."""
    before: dict[str, list[int]] = {}
    """Lines before by signature id, by window."""

    @property
    def due(self) -> int:
        """Give the moment of the next step (epoch seconds)."""
        return self.since + (0, *WINDOWS_S)[self.done]


class Compared(NamedTuple):
    """A comparison of one window."""

    window_s: int
    lines_before: int
    lines_after: int
    differences: list[SignatureDifference]

    def told(self, change: PendingChange) -> dict[str, Any]:
        """Give what a symptom tells of it."""
        kinds = [each.difference.value for each in self.differences]
        return {
            "text": ", ".join(f"{kinds.count(kind)} {kind}" for kind in Difference if kind in kinds),
            "window_s": float(self.window_s),
            "value": float(len(self.differences)),
            "baseline": 0.0,
            "threshold": 1.0,
            "unit": "signatures",
            "sample_size": self.lines_before + self.lines_after,
            "score": abs(self.differences[0].score),
            "statistic": "two-sample Poisson score",
            "sample": self.differences[0].template,
            "comparison": DeployComparison(
                change_id=change.change_id,
                change_kind=change.change_kind,
                version=change.version,
                previous_version=change.previous_version,
                lines_before=self.lines_before,
                lines_after=self.lines_after,
                differences=self.differences,
            ),
        }


def pending(change: Change) -> PendingChange:
    """Give a change as it waits."""
    since = -(-int(change.timestamp.timestamp() * 1_000) // (_WIDTH * 1_000)) * _WIDTH
    began = int((change.started_at or change.timestamp).timestamp()) // _WIDTH * _WIDTH
    return PendingChange(
        change.event_id, change.change_kind.value, change.version or "", change.previous_version or "",
        max(min(began, since), since - _LONGEST_S), since,
    )  # fmt: skip


def add(waiting: list[PendingChange], change: PendingChange) -> int:
    """Let a change wait, in the order of time and id; give how many were left out for it."""
    if any(each.change_id == change.change_id for each in waiting):
        return 0
    waiting.append(change)
    waiting.sort(key=lambda each: (each.since, each.change_id))
    surplus = waiting[_MOST_CHANGES:]
    del waiting[_MOST_CHANGES:]
    return len(surplus)


def next_step(waiting: Iterable[PendingChange]) -> PendingChange | None:
    """Give the change whose next step is due first; None: none waits."""
    return min(waiting, key=lambda each: (each.due, each.change_id), default=None)


def remember(change: PendingChange, known: Mapping[str, Counted]) -> None:
    """Write down what was before the change, while the series still have it."""
    sinces = [change.until - window for window in WINDOWS_S]
    for signature_id, each in known.items():
        counts = [each.counts.between(since, change.until) for since in sinces]
        if any(counts):
            change.before[signature_id] = counts
    change.lines = [
        sum(
            each.counts.between(since, change.until)
            for each in known.values()
            if each.severity not in _FAILURES
        )
        for since in sinces
    ]


def join(waiting: Iterable[PendingChange], into: str, gone: Iterable[str]) -> None:
    """Let a signature take over what was written down of those that were merged into it."""
    for change in waiting:
        for each in gone:
            counts = change.before.pop(each, None)
            if counts is not None:
                known = change.before.get(into, [0] * len(counts))
                change.before[into] = [a + b for a, b in zip(known, counts, strict=True)]


def step(changes: list[PendingChange], known: Mapping[str, Counted]) -> tuple[PendingChange, Compared] | None:
    """Do what is due next: write down what was before, or compare; give a comparison that shows anything."""
    change = next_step(changes)
    if change is None:
        return None
    compared = None
    if change.done == 0:
        remember(change, known)
    else:
        compared = compare(change, known)
    change.done += 1
    if change.done > len(WINDOWS_S):
        changes.remove(change)
    return (change, compared) if compared is not None and compared.differences else None


def compare(change: PendingChange, known: Mapping[str, Counted]) -> Compared:
    """Give the signatures that differ most between an equally long time before and after a change.

    Counts are scaled to equal traffic: lines that are no failures, for a storm of errors is not traffic.
    Nothing differs where either side has too few of those. A signature of which nothing was counted for
    the whole time before is left out, for it had been forgotten.
    """
    place = change.done - 1
    window = WINDOWS_S[place]
    after = {name: each.counts.between(change.since, change.since + window) for name, each in known.items()}
    traffic = sum(after[name] for name, each in known.items() if each.severity not in _FAILURES)
    lines = change.lines[place]
    found: list[SignatureDifference] = []
    if min(lines, traffic) >= _FEWEST_LINES:
        for name, each in known.items():
            before = change.before.get(name, [0] * len(WINDOWS_S))[place]
            if each.counted_from > change.until - window:
                continue
            difference = _difference(name, each, before, after[name], lines, traffic)
            if difference is not None:
                found.append(difference)
    found.sort(key=lambda each: (-abs(each.score), each.signature_id))
    return Compared(window, lines, traffic, found[:_MOST_DIFFERENCES])


def _difference(
    name: str, signature: Counted, before: int, after: int, lines: int, traffic: int
) -> SignatureDifference | None:
    expected = before * traffic / lines
    score = two_sample_score(after, before, traffic, lines)
    if before == 0:
        fewest = 1 if signature.severity in _FAILURES else _FEWEST_NEW
        what = Difference.NEW if after >= fewest else None
    elif abs(score) < _SCORE or max(after, expected) < _FEWEST:
        what = None
    elif after == 0:
        what = Difference.GONE
    elif after >= _RATIO * expected:
        what = Difference.UP
    else:
        what = Difference.DOWN if _RATIO * after <= expected else None
    if what is None:
        return None
    return SignatureDifference(
        signature_id=name,
        template=shown(signature.template),
        difference=what,
        severity=signature.severity,
        before=before,
        after=after,
        expected=round(expected, 3),
        score=round(score, 3),
    )
