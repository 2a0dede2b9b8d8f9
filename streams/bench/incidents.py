"""Does a recording that holds one fault give one incident: in time, at the right place, and none before?"""

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
from models.incident import Incident
from models.topic import Outgoing
from models.triage import Verdict
from streams.catalog.backstage import read as read_catalog
from streams.policy_file import read as read_policy
from streams.recording.reading import Broken, read

WATCHED = timedelta(minutes=30)
"""So long after its last event a recording is watched: alerts are confirmed, and parts have split off."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one recording gave."""

    name: str
    dataset: str
    incidents: int
    """Incidents that are not noise in the end."""
    opened_after_s: float | None
    """From the first alert to the opening of the first one; negative: before; None: there is none."""
    in_blast_radius: bool
    """The entry service or the service at fault is among its services."""
    before_fault: int
    """Incidents that opened in the fault-free stretch; 0 where the recording does not say when it ends."""

    @property
    def complaints(self) -> list[str]:
        """Say what is not as it should be; empty: all is."""
        found = []
        if self.incidents != 1:
            found.append(f"{self.incidents} incidents, expected 1")
        if self.opened_after_s is not None and self.opened_after_s > 0:
            found.append(f"opened {self.opened_after_s:.0f} s after the first alert")
        if self.incidents and not self.in_blast_radius:
            found.append("neither the entry service nor the one at fault is affected")
        if self.before_fault:
            found.append(f"{self.before_fault} opened before the fault")
        return found


def judge_all(truths: Sequence[Path], lateness: timedelta, processes: int) -> list[Outcome]:
    """Judge every recording, several at a time; the order of the answer is that of the truth files."""
    if processes == 1:
        return [judge(path, lateness=lateness) for path in truths]
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(partial(judge, lateness=lateness), truths))


def judge(path: Path, *, lateness: timedelta) -> Outcome:
    """Replay the recording of a truth file to its end, and compare.

    Only the recording and its catalog reach the pipeline.
    """
    truth = orjson.loads(path.read_bytes())
    told = sorted(_told(path, lateness).values(), key=lambda each: (each.opened_at, each.incident_id))
    real = [each for each in told if each.verdict is not Verdict.NOISE]
    alert_at = datetime.fromtimestamp(truth["alert_at"], UTC)
    wanted = {truth["entry"], truth["root_service"]}
    return Outcome(
        name=truth["case_id"],
        dataset=truth["dataset"],
        incidents=len(real),
        opened_after_s=(real[0].opened_at - alert_at).total_seconds() if real else None,
        in_blast_radius=any(wanted & set(each.services) for each in real),
        before_fault=sum(each.opened_at < _fault_at(truth) for each in real),
    )


def _fault_at(truth: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(truth["injected_at"] or 0.0, UTC)


def _told(path: Path, lateness: timedelta) -> dict[str, Incident]:
    """Give the last record of each incident, by its id."""
    stem = path.name.removesuffix(".truth.json")
    own = path.with_name(f"{stem}.catalog.yaml")
    catalog = own if own.exists() else path.with_name("catalog.yaml")
    pipeline = Pipeline(Catalog(read_catalog([catalog])), lateness, read_policy(), Redactor())
    told: list[Outgoing] = []
    newest = 0.0
    for line in read(path.with_name(f"{stem}.ndjson.gz")):
        if not isinstance(line, Broken) and line.timestamp is not None:
            newest = max(newest, line.timestamp)
            told += pipeline.feed(line.topic, line.data)
    told += pipeline.end(datetime.fromtimestamp(newest, UTC) + WATCHED)
    return {each.key: each.value for each in told if isinstance(each.value, Incident)}


def table(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """Give a line for each set, and one for each recording that is not as it should be."""
    yield f"{'set':12}{'n':>4}{'one incident':>14}{'in time':>9}{'in place':>10}{'none before':>13}"
    for dataset in sorted({each.dataset for each in outcomes}):
        within = [each for each in outcomes if each.dataset == dataset]
        one = sum(each.incidents == 1 for each in within)
        soon = sum(each.opened_after_s is not None and each.opened_after_s <= 0 for each in within)
        place = sum(each.in_blast_radius for each in within)
        quiet = sum(not each.before_fault for each in within)
        yield f"{dataset:12}{len(within):4}{one:14}{soon:9}{place:10}{quiet:13}"
    for each in outcomes:
        for complaint in each.complaints:
            yield f"{each.name}: {complaint}"
