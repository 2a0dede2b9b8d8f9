"""`headwater demo`: an outage, played on a broker, shown as it unfolds, compared with what is expected."""

import asyncio
import io
import sys
import tempfile
from pathlib import Path

import click
from rich.live import Live

from streams import log_output, machine
from streams.broker.reachable_kafka import reachable_kafka
from streams.settings import Settings
from streams.terminal.demo import Demo, settings_for_demo
from streams.terminal.expectation import read_expectation
from streams.terminal.screen import render
from streams.terminal.terminal_text import console
from streams.terminal.watch import Board, News

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("recording", type=_FILE)
@click.option("--catalog", type=_FILE, required=True, help="The Backstage catalog of its services.")
@click.option("--expect", type=_FILE, required=True, help="What is to come out, as JSON.")
@click.option(
    "--speed", type=click.FloatRange(min=1), default=90.0, show_default=True, help="Times real time."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("postmortems"), show_default=True,
    help="Folder of the postmortem drafts.",
)  # fmt: skip
def command(recording: Path, catalog: Path, expect: Path, speed: float, out: Path) -> None:
    """Play RECORDING as if it happened now, and show what Headwater says of it as it arrives.

    Starts an embedded Kafka, or uses the cluster that KAFKA_BOOTSTRAP_SERVERS names, under topic
    names of its own. Ends with 1 where the outcome is not the expected one. Leaves nothing running.
    """
    settings = Settings.from_environment(machine.environment())
    screen, board = console(), Board()
    with reachable_kafka(settings) as servers, tempfile.TemporaryFile() as worker_log:
        screen.print(f"Kafka answers at {servers}; a worker starts, then {recording.name} is published")
        log_output.set_up("warning", io.TextIOWrapper(worker_log, write_through=True))
        demo = Demo(
            settings=settings_for_demo(settings, servers, out),
            recording=recording,
            catalog=catalog,
            expectation=read_expectation(expect),
            speed=speed,
            worker_log=worker_log,
        )
        try:
            differences = _show(demo, board)
        except BaseException:
            worker_log.seek(0)
            sys.stderr.buffer.write(worker_log.read())
            raise
    screen.print(render(board))
    for each in board.latest_first():
        if each.postmortem is not None:
            screen.print(f"postmortem draft: {out / each.incident_id}.md", soft_wrap=True)
    for difference in differences:
        click.echo(f"not as expected: {difference}", err=True)
    if differences:
        sys.exit(1)
    screen.print("the verdict is the expected one")


def _show(demo: Demo, board: Board) -> list[str]:
    screen = console()
    if not screen.is_terminal:
        return asyncio.run(demo.play(board, _print_news, lambda: None))
    with Live(console=screen, screen=True, auto_refresh=False) as live:
        return asyncio.run(demo.play(board, lambda _: None, lambda: live.update(render(board), refresh=True)))


def _print_news(news: News) -> None:
    click.echo(str(news))
