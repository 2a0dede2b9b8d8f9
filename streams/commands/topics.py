"""`headwater topics`: create the topics, check them, list them."""

import asyncio
import sys

import click
from rich.console import Console
from rich.table import Table

from streams import machine
from streams.kafka import topics
from streams.settings import Settings


@click.group()
def command() -> None:
    """Create the topics, or say what is wrong with those that exist."""


@command.command()
def create() -> None:
    """Create the topics that are missing; those that exist stay as they are."""
    settings = Settings.from_environment(machine.environment())
    created = asyncio.run(topics.create(settings))
    for name in created:
        click.echo(f"created {name}")
    if not created:
        click.echo("all topics exist")
    _tell_problems(settings)


@command.command()
def check() -> None:
    """Compare the cluster's topics with what they should be; exit code 1 if one is wrong."""
    _tell_problems(Settings.from_environment(machine.environment()))
    click.echo("all topics are as they should be")


@command.command("list")
def list_topics() -> None:
    """Show every topic, what it carries and how long it is kept; asks no broker."""
    settings = Settings.from_environment(machine.environment())
    table = Table("topic", "direction", "key", "partitions", "kept", "meaning")
    for name, topic in topics.topics_for(settings).items():
        kept = f"{topic.retention_days} days" if topic.retention_days else "newest of each key"
        table.add_row(name, topic.direction, topic.key, str(topic.partitions(settings)), kept, topic.meaning)
    Console().print(table)


def _tell_problems(settings: Settings) -> None:
    problems = asyncio.run(topics.check(settings))
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
