"""`headwater publish`: send recordings to the input topics."""

from pathlib import Path

import click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from streams import machine
from streams.recording.publisher import Published, publish
from streams.settings import Settings

SHOWN_BROKEN_LINES = 20


class Speed(click.ParamType):
    """A factor of real time, or `max`."""

    name = "N|max"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        """Give the factor; 0 stands for `max`."""
        if value == "max":
            return 0.0
        try:
            factor = float(str(value))
        except ValueError:
            factor = -1.0
        if not 0 < factor <= 1_000_000:
            self.fail(f"{value!r} is no speed; write `max`, or how many times real time, for example 10")
        return factor


@click.command()
@click.argument(
    "recordings",
    nargs=-1,
    required=True,
    metavar="RECORDING...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--speed", type=Speed(), default="max", show_default=True, help="Times real time, by event time; or max."
)
@click.option("--shift-to-now", is_flag=True, help="Shift all times so that the recording ends now.")
def command(recordings: tuple[Path, ...], speed: float, shift_to_now: bool) -> None:
    """Publish recordings (.ndjson, .gz, .xz) to the input topics, in event-time order.

    With --speed max as fast as the running worker takes them. Lines that are no event are
    reported and passed over.
    """
    settings = Settings.from_environment(machine.environment())
    terminal = Console(stderr=True)
    progress = Progress(
        TextColumn("publishing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=terminal,
        disable=not terminal.is_terminal,
        transient=True,
    )
    with progress:
        task = progress.add_task("publishing", total=None)

        def show(published: Published) -> None:
            progress.update(task, total=published.extent.lines, completed=published.counts.total())

        published = uvloop.run(
            publish(settings, recordings, speed=speed or None, shift_to_now=shift_to_now, on_progress=show)
        )
    for line in published.broken[:SHOWN_BROKEN_LINES]:
        click.echo(f"{line.path}, line {line.number}: {line.reason}; passed over", err=True)
    _summarize(published)


def _summarize(published: Published) -> None:
    total = published.counts.total()
    rate = total / published.took_s if published.took_s else 0.0
    click.echo(f"published {total:,} events in {published.took_s:.1f} s ({rate:,.0f} a second)")
    for topic, count in sorted(published.counts.items()):
        click.echo(f"  {topic:<10}{count:>12,}")
    if published.shift_s:
        click.echo(f"times shifted by {published.shift_s:,} s")
    if published.broken:
        click.echo(f"passed over {len(published.broken):,} lines that are no events")
