"""`headwater oncall`: find the hole in a schedule before an incident does."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from detectors.oncall import Stretch, gaps, overlaps
from streams import machine
from streams.catalog.backstage import read as read_catalog
from streams.commands.catalog import Moment
from streams.oncall.directory import read
from streams.terminal.terminal_text import moment_text


@click.group()
def command() -> None:
    """Look at who is on call, from iCalendar and rotation files."""


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How far to look.")
@click.option("--from", "start", type=Moment(), help="From when on to look; else from now.")
@click.option("--catalog", type=click.Path(path_type=Path, exists=True), help="Backstage file or folder.")
@click.pass_context
def check(
    context: click.Context, folder: Path, days: int, start: datetime | None, catalog: Path | None
) -> None:
    """List where FOLDER's schedules leave nobody on call, or several at once; 1 if there is any.

    With a catalog also the owners that have no schedule.
    """
    schedule = read(folder)
    begins = start or machine.now()
    ends = begins + timedelta(days=days)
    found = [_told("nobody is on call", each) for each in gaps(schedule, begins, ends)]
    found += [
        _told(f"{' and '.join(each.handles)} are on call at once", each)
        for each in overlaps(schedule, begins, ends)
    ]
    owners = {each.owner for each in read_catalog([catalog])} if catalog else set()
    found += [f"{each}: no schedule" for each in sorted(owners - set(schedule.teams))]
    for line in found:
        click.echo(line)
    teams = f"{len(schedule.teams)} {'team' if len(schedule.teams) == 1 else 'teams'}"
    click.echo(
        f"{teams}, {days} days from {moment_text(begins)} UTC: {len(found) or 'no'} findings", err=True
    )
    if found:
        context.exit(1)


def _told(what: str, stretch: Stretch) -> str:
    span = f"{moment_text(stretch.starts)} to {moment_text(stretch.ends)} UTC"
    return f"{stretch.team} level {stretch.level}: {what} from {span}"
