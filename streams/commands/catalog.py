"""`headwater catalog`: publish the service catalog, and see what holds when."""

import asyncio
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from detectors.topology import Catalog
from models.event_time import EARLIEST, rfc3339
from streams import machine
from streams.catalog import backstage, catalog_topic
from streams.settings import Settings
from streams.terminal.terminal_text import console, foreign


class Moment(click.ParamType):
    """A moment as RFC 3339 text with its offset."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Give the aware datetime."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(f"{value!r} is no time; write it with its offset, for example 2026-06-23T09:00:00Z")
        return moment


@click.group()
def command() -> None:
    """Tell Headwater whose the services are and what they depend on."""


@command.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path)
)
@click.option("--effective-at", type=Moment(), help="From when on it holds (event time); else from now on.")
def publish(paths: tuple[Path, ...], effective_at: datetime | None) -> None:
    """Publish Backstage files or folders; what has not changed is not written again.

    A service that is new holds from the start of time, unless --effective-at is given.
    """
    entries = backstage.read(paths)
    if not entries:
        raise backstage.CatalogError("no Component or Resource in these files; there is nothing to publish")
    settings = Settings.from_environment(machine.environment())
    written = asyncio.run(catalog_topic.publish(settings, entries, effective_at))
    for entry in written:
        since = "the start" if entry.effective_at is None else rfc3339(entry.effective_at)
        click.echo(f"{entry.service}: owner {entry.owner}, system {entry.scope}, from {since}")
    click.echo(f"published {len(written):,} of {len(entries):,} services; the others are unchanged")


@command.command()
@click.argument("service", required=False)
@click.option("--at", "moment", type=Moment(), help="What held at this event time; else now.")
def show(service: str | None, moment: datetime | None) -> None:
    """Show the services as the cluster knows them; one service with all its versions."""
    settings = Settings.from_environment(machine.environment())
    entries = asyncio.run(catalog_topic.read_all(settings))
    if service:
        entries = [entry for entry in entries if entry.service == service]
        if not entries:
            raise backstage.CatalogError(
                f"the catalog has no service {service!r}; `headwater catalog show` lists those it has"
            )
    if moment or not service:
        catalog, at = Catalog(entries), moment or machine.now()
        held = [catalog.entry(name, at) for name in sorted({entry.service for entry in entries})]
        entries = [entry for entry in held if entry]
    table = Table("service", "owner", "system", "tier", "depends on", "runbook", "from")
    for entry in sorted(entries, key=lambda each: (each.service, rfc3339(each.effective_at or EARLIEST))):
        table.add_row(
            foreign(entry.service),
            foreign(entry.owner),
            foreign(entry.scope),
            "" if entry.tier is None else str(entry.tier),
            foreign(", ".join(entry.depends_on)),
            foreign(entry.runbook or ""),
            foreign("the start" if entry.effective_at is None else rfc3339(entry.effective_at)),
        )
    console().print(table)
