"""`headwater bench`: how well and how fast it works, measured."""

import re
from datetime import timedelta
from pathlib import Path

import click

from streams import machine
from streams.bench import causes as causes_bench
from streams.settings import Settings

_AS_OF = re.compile(r"alert\+(\d+)s")


@click.group()
def command() -> None:
    """Measure what Headwater does."""


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
