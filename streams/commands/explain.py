"""`headwater explain`: why a ranking of causes says what it says."""

import asyncio

import click

from streams import machine
from streams.kafka.topic_reader import read_up_to_now, reader
from streams.settings import Settings
from streams.terminal.explanation import READ, Explanations
from streams.terminal.terminal_text import console


@click.command()
@click.argument("incident", required=False)
def command(incident: str | None) -> None:
    """Show the evidence for and against each candidate of INCIDENT, or else of the latest.

    INCIDENT is an id or the beginning of it. Reads the topics incident.causes and incident.evidence.
    """
    settings = Settings.from_environment(machine.environment())
    known = asyncio.run(_read(settings))
    found = known.selected(incident)
    if not found:
        wanted = f"that begins with {incident}" if incident else "so far"
        raise click.ClickException(f"there is no ranking of causes of an incident {wanted}")
    console().print(known.render(found[0]))


async def _read(settings: Settings) -> Explanations:
    known = Explanations()
    async with reader(settings, READ) as consumer:
        async for record in read_up_to_now(consumer):
            known.apply(record.topic.removeprefix(settings.topic_prefix), record.value)
    return known
