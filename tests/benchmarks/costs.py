"""`python -m tests.benchmarks.costs`: what a record costs on the hot path, against parsing its JSON."""

from collections.abc import Callable
from datetime import timedelta
from time import process_time

import orjson
from rich.console import Console
from rich.table import Table

from detectors.intake.folding import Fold
from detectors.intake.reading import read, sound_lines
from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models.topic import LOGS, METRICS, SPANS
from streams.catalog.backstage import read as read_catalog
from streams.intake.chunk import RUN
from streams.recording.reading import TOPIC_OF_KIND
from tests.golden import SCENARIOS
from tests.policy import POLICY

REDACTOR = Redactor()
ROUNDS = 5


def best(work: Callable[[], object]) -> float:
    """Give the shortest of some runs, in seconds of this process: what else the machine does is left out."""
    times = []
    for _ in range(ROUNDS):
        started = process_time()
        work()
        times.append(process_time() - started)
    return min(times)


def fold(topic: str, records: list[bytes]) -> None:
    """Read and fold some records as one chunk."""
    folded = Fold(REDACTOR)
    if topic == LOGS:
        for first in range(0, len(records), RUN):
            folded.add_lines(sound_lines(records[first : first + RUN]))
        return
    for record in records:
        for event in read(topic, record, REDACTOR):
            folded.add(event)  # type: ignore[arg-type]  # the scenario has no bad records


def main() -> None:
    """Print the table."""
    scenario = SCENARIOS["checkout_outage"]
    recording = [(TOPIC_OF_KIND[each["kind"]], orjson.dumps(each)) for each in scenario.recording()]
    catalog = Catalog(read_catalog([scenario.catalog]))
    table = Table(
        "step", "records", "µs per record", "times parsing alone", title="cost of a record, one core"
    )

    def row(step: str, records: list[bytes], seconds: float) -> None:
        alone = best(lambda: [orjson.loads(each) for each in records])
        cost = seconds / len(records) * 1e6
        table.add_row(step, f"{len(records):,}", f"{cost:.1f}", f"{seconds / alone:.1f}")

    for topic in (LOGS, SPANS, METRICS):
        records = [data for where, data in recording if where == topic]
        row(f"{topic}: read, redact, mask, fold", records, best(lambda: fold(topic, records)))  # noqa: B023  # run at once

    def whole() -> None:
        pipeline = Pipeline(catalog, timedelta(seconds=5), POLICY, REDACTOR)
        for topic, data in recording:
            for _ in pipeline.feed(topic, data):
                pass
        for _ in pipeline.end():
            pass

    row("the whole pipeline, incident included", [data for _, data in recording], best(whole))
    Console().print(table)


if __name__ == "__main__":
    main()
