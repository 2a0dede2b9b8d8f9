"""`headwater replay`: the whole pipeline over a recording, in process, without a broker."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models.postmortem import Postmortem
from models.record import encode
from models.topic import Outgoing
from sinks.postmortem_files import PostmortemFiles
from streams import machine
from streams.catalog.backstage import read as read_catalog
from streams.oncall.directory import read as read_schedules
from streams.policy_file import read as read_policy
from streams.recording.reading import Broken, extent, read
from streams.settings import Settings
from streams.terminal.explanation import Explanations
from streams.terminal.terminal_text import console

_PROGRESS_EVERY = 1_000


class EventTimeParameter(click.ParamType):
    """An RFC 3339 time with its offset, or epoch seconds."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Give the moment in UTC, or fail with what is expected."""
        text = str(value)
        try:
            return datetime.fromtimestamp(float(text), UTC)
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is no time; write 2026-06-23T09:42:00Z or epoch seconds", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{text!r} has no offset; write 2026-06-23T09:42:00Z", param, ctx)
        return moment.astimezone(UTC)


@click.command()
@click.argument("recording", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--catalog", type=click.Path(path_type=Path, exists=True), help="Backstage file or folder.")
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rules of severity; without it see HEADWATER_POLICY.",
)
@click.option(
    "--oncall",
    type=click.Path(path_type=Path, exists=True),
    help="Folder of on-call schedules; without it see HEADWATER_ONCALL.",
)
@click.option("--until", type=EventTimeParameter(), help="End the recording there: what was known then.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write the postmortem drafts there."
)
@click.option("--explain", is_flag=True, help="Show instead why each ranking of causes says what it says.")
def command(
    recording: Path,
    catalog: Path | None,
    policy: Path | None,
    oncall: Path | None,
    until: datetime | None,
    out: Path | None,
    explain: bool,
) -> None:
    """Run the whole pipeline over RECORDING and print what it sends, one JSON object a line.

    A line that cannot be read is reported on standard error with its number, and skipped.
    """
    settings = Settings.from_environment(machine.environment())
    entries = read_catalog([catalog]) if catalog else []
    rules = read_policy(policy or settings.policy_path())
    schedule = read_schedules(oncall or settings.oncall_path())
    lateness = timedelta(seconds=settings.lateness_s)
    pipeline = Pipeline(Catalog(entries), lateness, rules, settings.redactor(), schedule)
    files = PostmortemFiles(out) if out else None
    known = Explanations()
    skipped = 0
    for sent in _run(pipeline, recording, until):
        if isinstance(sent, str):
            skipped += 1
            click.echo(sent, err=True)
            continue
        if explain:
            known.take(sent.value)
        else:
            line = {"topic": sent.topic, "key": sent.key, "value": orjson.Fragment(encode(sent.value))}
            sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
        if files is not None and isinstance(sent.value, Postmortem):
            asyncio.run(files.write(sent.value))
    sys.stdout.buffer.flush()
    for causes in known.selected():
        console().print(known.render(causes))
    if skipped:
        click.echo(f"{skipped} lines of {recording.name} were skipped", err=True)


def _run(pipeline: Pipeline, recording: Path, until: datetime | None) -> Iterator[Outgoing | str]:
    """Give what the pipeline sends, and for each line that cannot be read what is wrong with it."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), disable=not sys.stderr.isatty(),
    ) as bar:  # fmt: skip
        total = extent([recording]).lines if sys.stderr.isatty() else None
        task = bar.add_task(recording.name, total=total)
        for line in read(recording):
            if isinstance(line, Broken):
                yield f"line {line.number}: {line.reason}"
                continue
            if until is not None and line.timestamp is not None and line.timestamp > until.timestamp():
                continue
            yield from pipeline.feed(line.topic, line.data)
            for refusal in pipeline.refused:
                yield f"line {line.number}: {refusal.error}"
            if line.number % _PROGRESS_EVERY == 0:
                bar.update(task, completed=line.number)
        yield from pipeline.end(until)
