"""`headwater dead-letters`: read what could not be read, mend it, send it back."""

import asyncio
from collections import deque
from pathlib import Path

import click
from rich.table import Table

from models.record import encode
from streams import machine
from streams.dead_letters.letter import DeadLetterError, FiledLetter, find_letter, read_letters
from streams.dead_letters.sending_back import Originals, read_mended, send_back
from streams.kafka.outbox import Outbox, RecordTooLargeError
from streams.settings import Settings
from streams.terminal.terminal_text import console, foreign, moment_text


@click.group()
def command() -> None:
    """Read the records that could not be read, and send them back when the fault is mended."""


@command.command("list")
@click.option("--topic", help="Only records of this topic.")
@click.option("--reason", help="Only those refused for this reason.")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, the latest last."
)
def list_letters(topic: str | None, reason: str | None, limit: int) -> None:
    """List the dead letters, one a line, the latest last."""
    settings = Settings.from_environment(machine.environment())
    found = asyncio.run(_found(settings, topic, reason))
    found.sort(key=lambda each: each.letter.recorded_at)
    table = Table("place", "recorded", "topic", "offset", "stage", "reason", "detail", "bytes")
    for place, letter in deque(found, maxlen=limit):
        table.add_row(
            place,
            moment_text(letter.recorded_at),
            foreign(letter.topic),
            f"{letter.partition}:{letter.offset}",
            letter.stage,
            foreign(letter.reason),
            foreign(letter.detail),
            f"{letter.size:,}",
        )
    if found:
        console().print(table)
    click.echo(f"{len(found):,} dead letters" + (f", {limit:,} shown" if len(found) > limit else ""))


@command.command()
@click.argument("place", metavar="PARTITION:OFFSET")
def show(place: str) -> None:
    """Show one dead letter whole, as JSON."""
    settings = Settings.from_environment(machine.environment())
    console().print_json(encode(asyncio.run(find_letter(settings, place)).letter).decode())


@command.command()
@click.argument("places", nargs=-1, metavar="[PARTITION:OFFSET]...")
@click.option("--all", "everything", is_flag=True, help="All letters, or all of --topic and --reason.")
@click.option("--topic", help="With --all: only records of this topic.")
@click.option("--reason", help="With --all: only those refused for this reason.")
@click.option(
    "--file",
    "mended",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send the content of this file instead of the original; for one letter.",
)
def replay(
    places: tuple[str, ...], everything: bool, topic: str | None, reason: str | None, mended: Path | None
) -> None:
    """Send records back to the topics they came from.

    The letters stay; sending one back twice sends the record twice. Exit code 1 if one could not
    be sent back; the others are.
    """
    if everything == bool(places):
        raise click.UsageError("name the letters as PARTITION:OFFSET, or use --all")
    if (topic or reason) and not everything:
        raise click.UsageError("--topic and --reason choose among --all")
    if mended and (everything or len(places) != 1):
        raise click.UsageError("--file mends one letter; name that one")
    settings = Settings.from_environment(machine.environment())
    replacement = read_mended(mended) if mended else None
    refusals = asyncio.run(_replay(settings, places, topic, reason, replacement))
    if refusals:
        raise DeadLetterError("\n".join(refusals))


async def _replay(
    settings: Settings, places: tuple[str, ...], topic: str | None, reason: str | None, mended: bytes | None
) -> list[str]:
    filed = await _found(settings, topic, reason)
    if places:
        by_place = {each.place: each for each in filed}
        filed = [by_place.get(place) or await find_letter(settings, place) for place in dict.fromkeys(places)]
    refusals = []
    async with (
        Originals(settings) as originals,
        Outbox(settings, limit_bytes=settings.max_input_bytes) as outbox,
    ):
        for each in filed:
            try:
                click.echo(await send_back(each, originals, outbox, mended))
            except (DeadLetterError, RecordTooLargeError) as error:
                refusals.append(str(error))
    click.echo(f"sent back {len(filed) - len(refusals):,} of {len(filed):,}")
    return refusals


async def _found(settings: Settings, topic: str | None, reason: str | None) -> list[FiledLetter]:
    return [filed async for filed in read_letters(settings, topic=topic, reason=reason)]
