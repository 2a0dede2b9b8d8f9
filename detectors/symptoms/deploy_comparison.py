"""What do a service's log lines say after a change that they did not say before it?

While a release is rolled out both versions run. Where lines name the version that wrote them, those of the
new one are compared with those of the others in the same minutes: what hits both is not its doing. Where no
other runs any more, or lines name none, an equally long time after the change is compared with one before it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from detectors.intake.lexicon import shown
from detectors.symptoms.bucket_counts import BucketCounts
from detectors.symptoms.deviation import two_sample_score
from models.event import Change
from models.signal import DeployComparison, Difference, SignatureDifference

WINDOWS_S = (120, 300)
"""So long after the change it is compared with an equally long time before: once while a rollback is
still cheap, once when the caches are warm and periodic jobs have run."""

_WIDTH = 10
_LONGEST_S = 300
"""What is compared is before the change began, but not longer ago than the series remember."""
_MOST_CHANGES = 8
"""Changes of one service that wait for their comparison: each some 5 kB, 12 kB where lines name their
version; more are a storm of flags."""
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
_MOSTLY = 0.5
"""Share of the traffic that must name a version, for lines to be told apart by it."""
_NOTHING = (0,) * len(WINDOWS_S)


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
    of_version: dict[str, list[int]] = {}
    """Lines after that name the new version, by signature id, by window."""
    of_others: dict[str, list[int]] = {}
    """Lines after that name another version, by signature id, by window."""

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
    by_version: bool

    def told(self, change: PendingChange) -> dict[str, Any]:
        """Give what a symptom tells of it."""
        kinds = [each.difference.value for each in self.differences]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in Difference if kind in kinds)
        return {
            "text": counts or "no difference",
            "window_s": float(self.window_s),
            "value": float(len(self.differences)),
            "baseline": 0.0,
            "threshold": 1.0,
            "unit": "signatures",
            "sample_size": self.lines_before + self.lines_after,
            "score": max((abs(each.score) for each in self.differences), default=0.0),
            "statistic": "two-sample Poisson score",
            "sample": self.differences[0].template if self.differences else "",
            "comparison": DeployComparison(
                change_id=change.change_id,
                change_kind=change.change_kind,
                version=change.version,
                previous_version=change.previous_version,
                lines_before=self.lines_before,
                lines_after=self.lines_after,
                by_version=self.by_version,
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


def count(
    waiting: Iterable[PendingChange], start: int, signature_id: str, versions: Mapping[str, int]
) -> None:
    """Count the lines of a signature in a bucket by the version that they name."""
    for change in waiting:
        if versions and change.version and change.since <= start < change.since + WINDOWS_S[-1]:
            ours = sum(lines for name, lines in versions.items() if _is_same(name, change.version))
            counts = ((change.of_version, ours), (change.of_others, sum(versions.values()) - ours))
            for place, window in enumerate(WINDOWS_S):
                for by_signature, lines in counts:
                    if lines and start < change.since + window:
                        by_signature.setdefault(signature_id, [0] * len(WINDOWS_S))[place] += lines


def join(waiting: Iterable[PendingChange], into: str, gone: Iterable[str]) -> None:
    """Let a signature take over what was written down of those that were merged into it."""
    for change in waiting:
        for by_signature in (change.before, change.of_version, change.of_others):
            for each in gone:
                counts = by_signature.pop(each, None)
                if counts is not None:
                    known = by_signature.get(into, [0] * len(counts))
                    by_signature[into] = [a + b for a, b in zip(known, counts, strict=True)]


def step(changes: list[PendingChange], known: Mapping[str, Counted]) -> tuple[PendingChange, Compared] | None:
    """Do what is due next: write down what was before, or compare; give a comparison that says anything.

    That nothing differs is said once, at the end of the longest window, if there was enough traffic.
    """
    change = next_step(changes)
    if change is None:
        return None
    compared = None
    if change.done == 0:
        remember(change, known)
    else:
        compared = compare(change, known)
    change.done += 1
    is_last = change.done > len(WINDOWS_S)
    if is_last:
        changes.remove(change)
    if compared is None:
        return None
    has_traffic = min(compared.lines_before, compared.lines_after) >= _FEWEST_LINES
    return (change, compared) if compared.differences or (is_last and has_traffic) else None


def compare(change: PendingChange, known: Mapping[str, Counted]) -> Compared:
    """Give the signatures that differ most between what was before a change and what came after it.

    Counts are scaled to equal traffic: lines that are no failures, for a storm of errors is not traffic.
    Nothing differs where either side has too few of those. A signature of which nothing was counted for
    the whole time before is left out, for it had been forgotten.
    """
    place = change.done - 1
    window = WINDOWS_S[place]

    def traffic(lines: Mapping[str, int]) -> int:
        return sum(lines[name] for name, each in known.items() if each.severity not in _FAILURES)

    # Nothing can be said of what had been forgotten, or was not known yet, for a part of the time before.
    known = {name: each for name, each in known.items() if each.counted_from <= change.until - window}
    before = {name: change.before.get(name, _NOTHING)[place] for name in known}
    after = {name: each.counts.between(change.since, change.since + window) for name, each in known.items()}
    ours = {name: change.of_version.get(name, _NOTHING)[place] for name in known}
    others = {name: change.of_others.get(name, _NOTHING)[place] for name in known}
    named = traffic(ours) + traffic(others)
    by_version = min(traffic(ours), traffic(others)) >= _FEWEST_LINES and named >= _MOSTLY * traffic(after)
    if by_version:
        before, after = others, ours
    lines_before = traffic(before) if by_version or not known else change.lines[place]
    lines_after = traffic(after)
    found: list[SignatureDifference] = []
    if min(lines_before, lines_after) >= _FEWEST_LINES:
        for name, each in known.items():
            difference = _difference(name, each, before[name], after[name], lines_before, lines_after)
            if difference is not None:
                found.append(difference)
    found.sort(key=lambda each: (-abs(each.score), each.signature_id))
    return Compared(window, lines_before, lines_after, found[:_MOST_DIFFERENCES], by_version)


def _is_same(named: str, version: str) -> bool:
    """Tell whether both name one version: `v42` is what others write 42."""
    return named.removeprefix("v") == version.removeprefix("v")


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
