"""`headwater signatures`: which statements are behind the lines of a log, without anything running."""

from itertools import islice

import click
import msgspec

from detectors.intake.line import cleaned
from streams import machine
from streams.commands.grouping import Grouping
from streams.commands.log_file import chunks_of
from streams.settings import Settings

_GAP = 2
"""Columns of characters between two columns of the table."""

_LEAST_ROOM = 40
"""Width that templates and examples have together at least (characters)."""

_PIPE_WIDTH = 160
"""Width of the table where no terminal says its own (characters)."""


@click.command("signatures", help="Group the lines of a log by the statement that wrote them.")
@click.argument("files", nargs=-1)
@click.option("--format", "form", type=click.Choice(["table", "json", "ids"]), default="table")
@click.option("--service", default="", help="Service of lines that do not say theirs; part of each id.")
@click.option("--top", type=click.IntRange(min=1), help="Show only so many, the most frequent.")
def command(files: tuple[str, ...], form: str, service: str, top: int | None) -> None:
    """Read files, or standard input for none and for '-'."""
    grouping = Grouping(Settings.from_environment(machine.environment()).redactor(), service)
    for name in files or ("-",):
        for lines in chunks_of(name):
            if lines is None:
                grouping.close()
            else:
                for line in lines:
                    grouping.add(line)
            _tell(grouping, form)
        grouping.close()
        _tell(grouping, form)
    if form != "ids":
        _show(grouping, form, top)


def _tell(grouping: Grouping, form: str) -> None:
    ids = list(grouping.ids())
    if ids and form == "ids":
        click.echo("\n".join(ids))


def _show(grouping: Grouping, form: str, top: int | None) -> None:
    ranked = islice(sorted(grouping.groups.items(), key=lambda each: (-each[1].count, each[1].first)), top)
    if form == "json":
        for signature_id, group in ranked:
            row = {"signature_id": signature_id, "share": group.count / grouping.total}
            click.echo(msgspec.json.encode(row | msgspec.to_builtins(group)).decode())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [
        (f"{each.count:,}", f"{each.count / grouping.total:.1%}", str(each.first), str(each.last), each)
        for _, each in ranked
    ]
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    table = Table(box=None, pad_edge=False)
    room = console.width
    for index, name in enumerate(("count", "share", "first", "last")):
        width = max(len(name), *(len(str(row[index])) for row in rows)) if rows else len(name)
        room -= width + _GAP
        table.add_column(name, justify="right", no_wrap=True, width=width)
    room = max(room - _GAP, _LEAST_ROOM)
    templates = min(room // 2, max([len("template"), *(len(each.template) for *_, each in rows)]))
    table.add_column("template", overflow="fold", width=templates)
    table.add_column("example", overflow="ellipsis", no_wrap=True, max_width=room - templates)
    for *numbers, each in rows:
        table.add_row(*map(str, numbers), Text(cleaned(each.template)), Text(cleaned(each.example)))
    console.print(table)
