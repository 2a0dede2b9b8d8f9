"""`headwater bench`: how fast and how right, beside what it replaces."""

import asyncio
import io
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from streams import log_output, machine
from streams.bench.figure import Figure
from streams.broker.reachable_kafka import reachable_kafka
from streams.settings import Settings

command = click.Group("bench", help="Measure, beside what is replaced, in one run.")


@command.command("logs")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of csv files with the columns content and template; made-up lines if not given.",
)
def logs(data: Path | None) -> None:
    """Measure the mining of log signatures beside drain3."""
    from streams.bench import mining

    if data is not None and not mining.read_sources(data):
        raise click.ClickException(f"no csv file with the columns content and template in {data}")
    try:
        _show("Log signatures", mining.rows(data))
    except mining.DrainMissingError as error:
        raise click.ClickException(str(error)) from error


@command.command("latency")
@click.option("--alerts", type=click.IntRange(1), default=20, show_default=True, help="How many are timed.")
def latency(alerts: int) -> None:
    """Measure how long an alert takes from its topic to its triage, on a broker, with an idle worker.

    Starts an embedded Kafka, or uses the cluster that KAFKA_BOOTSTRAP_SERVERS names, under topic
    names of its own. Each alert waits for the triage of the one before. Leaves nothing running.
    """
    from streams.bench import latency as measured
    from streams.terminal.demo import settings_for_demo

    settings = Settings.from_environment(machine.environment())
    with (
        reachable_kafka(settings) as servers,
        tempfile.TemporaryDirectory() as drafts,
        tempfile.TemporaryFile() as worker_log,
    ):
        log_output.set_up("warning", io.TextIOWrapper(worker_log, write_through=True))
        try:
            own = settings_for_demo(settings, servers, Path(drafts))
            _show("Latency", asyncio.run(measured.rows(own, alerts, worker_log)))
        except BaseException:
            worker_log.seek(0)
            sys.stderr.buffer.write(worker_log.read())
            raise


def _show(title: str, figures: Iterable[Figure]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "value", "goal", "met", title=title)
    for each in figures:
        table.add_row(*each.cells())
    Console().print(table)
