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
        raise click.ClickException(_not_found(known, incident))
    console().print(known.render(found[0]))


_NAMED = 5
"""Incidents that are named where the one that was asked for is not there."""


def _not_found(known: Explanations, incident: str | None) -> str:
    latest = [each.incident_id for each in known.selected()]
    if not incident or not latest:
        return "there is no ranking of causes of an incident so far"
    more = f" and {len(latest) - _NAMED} more" if len(latest) > _NAMED else ""
    named = ", ".join(latest[:_NAMED])
    wanted = f"an incident whose id begins with {incident}"
    return f"there is no ranking of causes of {wanted}; known are {named}{more}"


async def _read(settings: Settings) -> Explanations:
    known = Explanations()
    async with reader(settings, READ) as consumer:
        async for record in read_up_to_now(consumer):
            known.apply(record.topic.removeprefix(settings.topic_prefix), record.value)
    return known
