"""`headwater bench`: how fast and how right, beside what it replaces."""

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import IO

import click

from streams import log_output, machine
from streams.bench import causes as causes_bench
from streams.bench import incidents as incidents_bench
from streams.bench.figure import Figure
from streams.broker.reachable_kafka import reachable_kafka
from streams.settings import Settings

_AS_OF = re.compile(r"alert\+(\d+)s")

command = click.Group("bench", help="Measure, beside what is replaced, in one run.")


@command.command("logs")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of csv files with the columns content and template; made-up lines if not given.",
)
@click.option("--kafka/--no-kafka", default=True, show_default=True, help="Measure the intake on Kafka too.")
def logs(data: Path | None, kafka: bool) -> None:
    """Measure the mining of log signatures beside drain3, and the intake beside a Faust agent.

    Takes some four minutes. Starts an embedded Kafka, or uses the cluster that KAFKA_BOOTSTRAP_SERVERS
    names, under topic names of its own. Leaves nothing running.
    """
    from streams.bench import intake, mining

    if data is not None and not mining.read_sources(data):
        raise click.ClickException(f"no csv file with the columns content and template in {data}")
    try:
        figures = list(mining.rows(data))
    except mining.DrainMissingError as error:
        raise click.ClickException(str(error)) from error
    if kafka:
        figures += _on_kafka(lambda settings, _: intake.rows(settings))
    _show("Log signatures", figures)


@command.command("latency")
@click.option("--alerts", type=click.IntRange(1), default=20, show_default=True, help="How many are timed.")
def latency(alerts: int) -> None:
    """Measure how long an alert takes from its topic to its triage, on a broker, with an idle worker.

    Starts an embedded Kafka, or uses the cluster that KAFKA_BOOTSTRAP_SERVERS names, under topic
    names of its own. Each alert waits for the triage of the one before. Leaves nothing running.
    """
    from streams.bench import latency as measured

    _show("Latency", _on_kafka(lambda settings, log: measured.rows(settings, alerts, log)))


@command.command("causes")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--as-of", default="alert+60s", show_default=True, help="How long after the alert.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1))
@click.option("--cases", is_flag=True, help="Show each case.")
def causes(folders: tuple[Path, ...], as_of: str, processes: int, cases: bool) -> None:
    """Judge the ranked causes of the recordings with a truth file in FOLDERS."""
    said = _AS_OF.fullmatch(as_of)
    if said is None:
        raise click.BadParameter("write alert+60s", param_hint="--as-of")
    settings = Settings.from_environment(machine.environment())
    judged = causes_bench.judge_all(
        causes_bench.recordings(folders),
        timedelta(seconds=int(said[1])),
        timedelta(seconds=settings.lateness_s),
        processes,
    )
    slow = " and ".join(sorted(causes_bench.SLOW_SETS))
    click.echo(f"as of {as_of}; {slow} as of alert+{causes_bench.SLOW_AFTER.total_seconds():.0f}s")
    for each in judged if cases else []:
        click.echo(
            f"{each.name} {each.kind}: rank {each.rank}, first {each.first or 'none'} "
            f"({each.score:.2f}{', abstained' if each.abstained else ''})"
        )
    for line in causes_bench.table(judged):
        click.echo(line)


@command.command("incidents")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1))
def incidents(folders: tuple[Path, ...], processes: int) -> None:
    """Count the incidents of the recordings with a truth file in FOLDERS: one each, in time, in place."""
    settings = Settings.from_environment(machine.environment())
    outcomes = incidents_bench.judge_all(
        causes_bench.recordings(folders), timedelta(seconds=settings.lateness_s), processes
    )
    for line in incidents_bench.table(outcomes):
        click.echo(line)


def _on_kafka(measure: Callable[[Settings, IO[bytes]], Awaitable[list[Figure]]]) -> list[Figure]:
    """Measure under topic names of its own; where that fails, show what the worker logged."""
    from streams.terminal.demo import settings_for_demo

    async def measured(settings: Settings, log: IO[bytes]) -> list[Figure]:
        return await measure(settings, log)

    settings = Settings.from_environment(machine.environment())
    with (
        reachable_kafka(settings) as servers,
        tempfile.TemporaryDirectory() as drafts,
        tempfile.TemporaryFile() as worker_log,
    ):
        log_output.set_up("error", io.TextIOWrapper(worker_log, write_through=True))
        try:
            return asyncio.run(measured(settings_for_demo(settings, servers, Path(drafts)), worker_log))
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
