"""How often are the ranked causes of recordings with known truth right, and how soon?"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import orjson

from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models.cause import Candidate, CauseClass, Causes
from streams.bench import calibration
from streams.bench.calibration import Outcome
from streams.catalog.backstage import read as read_catalog
from streams.policy_file import read as read_policy
from streams.recording.reading import Broken, read

CLASSES: dict[str, frozenset[CauseClass]] = {
    "cpu": frozenset({CauseClass.CAPACITY}),
    "overload": frozenset({CauseClass.CAPACITY, CauseClass.TRAFFIC}),
    "network_delay": frozenset({CauseClass.NETWORK}),
    "exception": frozenset({CauseClass.DEPENDENCY, CauseClass.DATA, CauseClass.UNKNOWN}),
    "return": frozenset({CauseClass.DEPENDENCY, CauseClass.DATA, CauseClass.UNKNOWN}),
    "delay": frozenset({CauseClass.DEPENDENCY, CauseClass.CAPACITY, CauseClass.UNKNOWN}),
    "error": frozenset({CauseClass.DEPENDENCY, CauseClass.DATA, CauseClass.UNKNOWN}),
}
"""Which cause classes are right for an injected kind of fault.

A fault inside the code (exception, wrong return) has no mechanism that metrics could name: right is
any class that names no resource. A kind that is not listed takes the class of its change.
"""

SLOW_SETS = frozenset({"petshop", "rcb"})
SLOW_AFTER = timedelta(seconds=300)
"""Their metrics come each five minutes, so what follows from an alert is known one interval later."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One recording, judged."""

    name: str
    dataset: str
    kind: str
    rank: int | None
    """Rank of the first right candidate (from 1); None: none is right."""
    class_right: bool
    """The first candidate names the right service and a right cause class."""
    abstained: bool
    score: float
    """Score of the first candidate; 0 without any."""
    confidence: float
    """As stated for the first candidate; 0 without any."""
    margin: float | None
    """Points from the first candidate to the second; None: there is no second."""
    found_after_s: float | None
    """From the alert to the first answer with the right candidate in first place (event time)."""
    first: str
    """The service of the first candidate; empty without any."""


def recordings(folders: Iterable[Path]) -> list[Path]:
    """Give the truth files of all folders in alphabetical order."""
    return sorted(path for folder in folders for path in folder.rglob("*.truth.json"))


def judge_all(truths: Sequence[Path], after: timedelta, lateness: timedelta, processes: int) -> list[Case]:
    """Judge every recording, several at a time; the order of the answer is that of the truth files."""
    if processes == 1:
        return [judge(path, after=after, lateness=lateness) for path in truths]
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(partial(judge, after=after, lateness=lateness), truths))


def judge(path: Path, *, after: timedelta, lateness: timedelta) -> Case:
    """Replay the recording of a truth file up to so long after its alert, and compare.

    Only the recording and its catalog reach the pipeline.
    """
    truth = orjson.loads(path.read_bytes())
    alert_at = datetime.fromtimestamp(truth["alert_at"], UTC)
    until = alert_at + (SLOW_AFTER if truth["dataset"] in SLOW_SETS else after)
    said = _said(path, until, lateness)
    newest = said[-1] if said else None
    candidates = newest.candidates if newest else []
    rank = next((at for at, each in enumerate(candidates, 1) if is_right(each, truth)), None)
    found = next(
        (each.as_of for each in said if each.candidates and is_right(each.candidates[0], truth)), None
    )
    first = candidates[0] if candidates else None
    expected = CLASSES.get(truth["root_kind"])
    return Case(
        name=truth["case_id"],
        dataset=truth["dataset"],
        kind=truth["root_kind"],
        rank=rank,
        class_right=rank == 1 and first is not None and (expected is None or first.cause_class in expected),
        abstained=newest is None or newest.abstained is not None,
        score=first.score if first else 0.0,
        confidence=(newest.confidence or 0.0) if newest else 0.0,
        margin=candidates[0].score - candidates[1].score if len(candidates) > 1 else None,
        found_after_s=None if found is None else (found - alert_at).total_seconds(),
        first=first.service if first else "",
    )


def _said(path: Path, until: datetime, lateness: timedelta) -> list[Causes]:
    stem = path.name.removesuffix(".truth.json")
    own = path.with_name(f"{stem}.catalog.yaml")
    catalog = own if own.exists() else path.with_name("catalog.yaml")
    pipeline = Pipeline(Catalog(read_catalog([catalog])), lateness, read_policy(), Redactor())
    said: list[Causes] = []
    for line in read(path.with_name(f"{stem}.ndjson.gz")):
        if isinstance(line, Broken) or line.timestamp is None or line.timestamp > until.timestamp():
            continue
        said += [
            sent.value for sent in pipeline.feed(line.topic, line.data) if isinstance(sent.value, Causes)
        ]
    said += [sent.value for sent in pipeline.end(until) if isinstance(sent.value, Causes)]
    return [each for each in said if each.as_of <= until]


def is_right(candidate: Candidate, truth: dict[str, Any]) -> bool:
    """Tell whether a candidate is what the truth names: a service, or a change where that is the question.

    Where no change is to blame (`root_change` is null) it must name none; to abstain with a change in
    front is not the same as to say so.
    """
    if "root_change" not in truth:
        return bool(candidate.service == truth["root_service"])
    change = truth["root_change"]
    if change is None:
        return candidate.change is None
    return candidate.change is not None and candidate.change.commit == change.get("commit")


def table(cases: Sequence[Case]) -> Iterable[str]:
    """Give the lines of the table: each set as a whole, then each of its kinds of fault."""
    yield (
        f"{'set and kind':28}{'n':>4}{'top-1':>8}{'top-3':>8}{'MRR':>7}"
        f"{'+class':>8}{'abstain':>9}{'found after':>13}"
    )
    for dataset in sorted({each.dataset for each in cases}):
        within = [each for each in cases if each.dataset == dataset]
        yield _row(dataset, within)
        for kind in sorted({each.kind for each in within}):
            yield _row(f"  {kind}", [each for each in within if each.kind == kind])
    yield from _abstentions(cases)
    outcomes = [Outcome(each.dataset, each.score, each.confidence, each.rank == 1) for each in cases]
    yield from calibration.lines(outcomes)
    yield from calibration.leave_one_set_out(outcomes)


def _abstentions(cases: Sequence[Case]) -> Iterable[str]:
    for name, chosen in (("decided", False), ("abstained", True)):
        within = [each for each in cases if each.abstained is chosen]
        right = sum(each.rank == 1 for each in within)
        if within:
            yield f"{name:10} first right {right} / {len(within)} ({right / len(within):.0%})"


def _row(name: str, cases: Sequence[Case]) -> str:
    many = len(cases)
    top1 = sum(each.rank == 1 for each in cases) / many
    top3 = sum(each.rank is not None and each.rank <= 3 for each in cases) / many
    mrr = sum(1 / each.rank for each in cases if each.rank) / many
    both = sum(each.class_right for each in cases) / many
    abstained = sum(each.abstained for each in cases) / many
    times = sorted(each.found_after_s for each in cases if each.found_after_s is not None)
    found = f"{times[len(times) // 2]:.0f} s" if times else "never"
    return f"{name:28}{many:4}{top1:8.0%}{top3:8.0%}{mrr:7.2f}{both:8.0%}{abstained:9.0%}{found:>13}"
