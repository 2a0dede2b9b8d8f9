"""`headwater kafka`: a one-node broker on this machine."""

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from streams.broker.background_kafka import BackgroundKafka
from streams.broker.embedded_kafka import EmbeddedKafka
from streams.broker.kafka_jars import EmbeddedKafkaError, fetch

# Where clients look by default.
DEFAULT_PORT = 9092


@click.group()
def command() -> None:
    """Run a one-node Kafka on this machine, for trying things out and for tests."""


@command.command()
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the data there; else it is temporary.",
)
@click.option("--background", is_flag=True, help="Return when it answers; `headwater kafka stop` ends it.")
def start(port: int, folder: Path | None, background: bool) -> None:
    """Start a broker; in the foreground it runs until Ctrl-C."""
    if background:
        started = BackgroundKafka.start(port, folder)
        click.echo(f"Kafka answers at {started.bootstrap_servers} (process {started.pid})")
        click.echo("stop it with `headwater kafka stop`")
        return
    # SIGTERM ends us as Ctrl-C does, so that the broker stops in order and its temporary data goes.
    signal.signal(signal.SIGTERM, _interrupt)
    with EmbeddedKafka(port=port, folder=folder) as broker:
        try:
            click.echo(f"Kafka answers at {broker.bootstrap_servers}; Ctrl-C stops it")
            code = broker.wait()
        except KeyboardInterrupt:
            click.echo("stopping")
            return
        raise EmbeddedKafkaError(f"Kafka ended by itself with code {code}; see {broker.folder}/kafka.log")


@command.command()
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Stop it only if its data is there."
)
def stop(folder: Path | None) -> None:
    """Stop the broker in the background and delete its temporary data."""
    running = BackgroundKafka.running()
    if running is None or (folder and str(folder.resolve()) != running.folder):
        where = f" with its data in {folder}" if folder else ""
        raise EmbeddedKafkaError(f"no broker{where} runs in the background: there is nothing to stop")
    running.stop()
    click.echo(f"stopped the broker at {running.bootstrap_servers}")


@command.command()
def status() -> None:
    """Say whether a broker runs in the background, and where; exit code 1 if none does."""
    running = BackgroundKafka.running()
    if running is None:
        click.echo("not running; start one with `headwater kafka start --background`")
        sys.exit(1)
    click.echo(f"running at {running.bootstrap_servers} (process {running.pid}), data in {running.folder}")


@command.command("fetch")
def fetch_jars() -> None:
    """Fetch Kafka's jars with Maven, once; `make setup` does this."""
    click.echo(f"Kafka's jars are in {fetch()}")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
