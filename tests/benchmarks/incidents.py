"""`python -m tests.benchmarks.incidents`: what open alerts cost as they grow, in one scope and over many."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import process_time

import msgspec
from rich.console import Console
from rich.table import Table

from detectors.flow.partition import Partition, Position
from detectors.incidents.correlation import Correlator
from detectors.oncall import NO_SCHEDULE
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.event import Alert, AlertStatus
from models.tick import Progress, Tick
from streams.policy_file import read as read_policy

START = datetime(2026, 6, 23, 12, tzinfo=UTC)
CHAIN = 20
"""Services of a scope; each calls the next."""
IN_ONE = (1_250, 2_500, 5_000, 10_000)
SCOPES = (1, 10, 100, 1_000)
EACH = 5
"""Alerts of each of many scopes."""


def scopes_with(alerts: int, scopes: int) -> tuple[Catalog, list[tuple[str, Alert]]]:
    """Give a catalog, and the alerts of its scopes over two minutes, in the order of their times."""
    names = [[f"s{scope}-{number}" for number in range(CHAIN)] for scope in range(scopes)]
    entries = [
        CatalogEntry(
            service=name, owner="team", scope=f"scope-{scope}", depends_on=chain[place + 1 : place + 2]
        )
        for scope, chain in enumerate(names)
        for place, name in enumerate(chain)
    ]
    told = [
        (
            f"scope-{scope}",
            Alert(
                timestamp=START + timedelta(seconds=120 * number / alerts), event_id=f"{scope}-{number}",
                service=chain[number % CHAIN], name="HighLatency", status=AlertStatus.FIRING,
                severity="warning", summary="slower than 800 ms", labels={"pod": f"p-{number}"},
            ),
        )
        for number in range(alerts)
        for scope, chain in enumerate(names)
    ]  # fmt: skip
    return Catalog(entries), told


def measured(alerts: int, scopes: int) -> tuple[float, int, int]:
    """Give seconds of the processor, and bytes of the largest state and of all, with every alert open."""
    catalog, told = scopes_with(alerts, scopes)
    stage = Correlator(lambda: catalog, read_policy(), NO_SCHEDULE)
    partition = Partition(stage, 0, stage.paths(1), Position(epoch=1))
    began = process_time()
    for offset, (key, record) in enumerate(_with_ticks(told, stage.paths(1))):
        partition.take(offset, key, record)
    seconds = process_time() - began
    sizes = [len(msgspec.json.encode(each)) for each in partition.kept.values()]
    return seconds, max(sizes), sum(sizes)


def _with_ticks(told: list[tuple[str, Alert]], paths: tuple[str, ...]) -> Iterator[tuple[str, Alert | Tick]]:
    """Let the clock follow, a second at a time, as the paths of a live partition do."""
    passed = START
    for key, alert in told:
        if alert.timestamp - passed >= timedelta(seconds=1):
            passed = alert.timestamp
            yield "", _tick(paths, passed)
        yield key, alert
    yield "", _tick(paths, told[-1][1].timestamp + timedelta(seconds=15))


def _tick(paths: tuple[str, ...], watermark: datetime) -> Tick:
    return Tick(paths=dict.fromkeys(paths, Progress(epoch=1, watermark=watermark)))


def main() -> None:
    """Print how cost and memory grow."""
    table = Table(
        "scopes", "alerts each", "alerts/s", "µs per alert", "× the first", "largest state", "all states",
        title="open alerts through correlation, one core",
    )  # fmt: skip
    for sizes in ([(each, 1) for each in IN_ONE], [(EACH, each) for each in SCOPES]):
        first = 0.0
        for alerts, scopes in sizes:
            seconds, largest, total = measured(alerts, scopes)
            cost = seconds / (alerts * scopes) * 1e6
            first = first or cost
            table.add_row(
                f"{scopes:,}", f"{alerts:,}", f"{1e6 / cost:,.0f}", f"{cost:,.0f}", f"{cost / first:.2f}",
                f"{largest / 1000:,.0f} kB", f"{total / 1e6:,.1f} MB",
            )  # fmt: skip
        table.add_section()
    Console().print(table)


if __name__ == "__main__":
    main()
