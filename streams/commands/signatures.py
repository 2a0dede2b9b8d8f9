"""`headwater signatures`: which statements are behind the lines of a log, without anything running."""

import gzip
import lzma
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO

import click
import msgspec

from detectors.intake.line import line_of
from detectors.intake.redaction import redact
from detectors.mining.miner import SignatureMiner

CHUNK = 1_000
"""Lines that are mined at a time."""

LONGEST = 1_048_576
"""Bytes of a line that are read; the rest of it is passed over."""


class Group(msgspec.Struct):
    """The lines of one signature; lines are counted from 1 over all files."""

    count: int
    first: int
    last: int
    template: str
    example: str


@click.command("signatures", help="Group the lines of a log by the statement that wrote them.")
@click.argument("files", nargs=-1)
@click.option("--format", "form", type=click.Choice(["table", "json", "ids"]), default="table")
@click.option("--service", default="", help="Service whose lines these are; part of each id.")
@click.option("--top", type=click.IntRange(min=1), help="Show only so many, the most frequent.")
def command(files: tuple[str, ...], form: str, service: str, top: int | None) -> None:
    """Read files, or standard input for none and for '-'."""
    miner = SignatureMiner(service)
    groups: dict[str, Group] = {}
    number = 0
    lines = _lines(files or ("-",))
    while chunk := list(islice(lines, CHUNK)):
        bodies = [line_of(each).body for each in chunk]
        found = miner.add_many(bodies)
        if form == "ids":
            click.echo("\n".join(each.signature_id for each in found))
            continue
        for body, each in zip(bodies, found, strict=True):
            number += 1
            for gone in each.merged:
                _merge(groups, gone, each.signature_id)
            group = groups.get(each.signature_id)
            if group is None:
                groups[each.signature_id] = Group(1, number, number, each.template, redact(body))
            else:
                group.count += 1
                group.last = number
    if form != "ids":
        _show(groups, number, form, top)


def _merge(groups: dict[str, Group], gone: str, into: str) -> None:
    old = groups.pop(gone, None)
    if old is None:
        return
    kept = groups.setdefault(into, old)
    if kept is not old:
        kept.count += old.count
        kept.first = min(kept.first, old.first)
        kept.last = max(kept.last, old.last)


def _show(groups: dict[str, Group], total: int, form: str, top: int | None) -> None:
    ranked = sorted(groups.items(), key=lambda item: (-item[1].count, item[1].first))[:top]
    if form == "json":
        for signature_id, group in ranked:
            row = {"signature_id": signature_id, "share": group.count / total}
            click.echo(msgspec.json.encode(row | msgspec.to_builtins(group)).decode())
        return
    click.echo("count\tshare\tfirst\tlast\ttemplate\texample")
    for _, group in ranked:
        share = f"{group.count / total:.1%}"
        cells = (group.count, share, group.first, group.last, group.template, group.example)
        click.echo("\t".join(str(each) for each in cells))


def _lines(files: Iterable[str]) -> Iterator[str]:
    for name in files:
        try:
            with _opened(name) as file:
                while line := file.readline(LONGEST):
                    rest = line
                    while len(rest) == LONGEST and rest[-1:] != b"\n":
                        rest = file.readline(LONGEST)
                    yield line.rstrip(b"\r\n").decode("utf-8", "replace")
        except BrokenPipeError:
            raise
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise click.UsageError(f"{name} cannot be read: {error}") from error


def _opened(name: str) -> IO[bytes] | gzip.GzipFile:
    if name == "-":
        return click.get_binary_stream("stdin")
    if name.endswith(".gz"):
        return gzip.open(name)
    if name.endswith(".xz"):
        return lzma.open(name)
    return Path(name).open("rb")
