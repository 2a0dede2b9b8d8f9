"""`headwater watch`: see incidents as they change."""

import asyncio

import click
from rich.live import Live

from streams import machine
from streams.settings import Settings
from streams.terminal.screen import render
from streams.terminal.terminal_text import console
from streams.terminal.watch import Board, News, follow


@click.command()
@click.argument("incident", required=False)
@click.option("--once", is_flag=True, help="Show what is known now, and end.")
@click.option(
    "--from-start/--from-now",
    default=True,
    show_default=True,
    help="Whether incidents that are on the topics already are shown.",
)
def command(incident: str | None, once: bool, from_start: bool) -> None:
    """Show incidents as they change; one in full, INCIDENT or else the latest.

    On a terminal a screen that stays up to date until Ctrl-C, else one line for each new thing.
    """
    settings = Settings.from_environment(machine.environment())
    screen, board = console(), Board()
    if once:
        asyncio.run(follow(settings, board, until=lambda _: True))
        screen.print(render(board, incident))
    elif screen.is_terminal:
        with Live(console=screen, screen=True, auto_refresh=False) as live:

            def draw(current: Board) -> bool:
                live.update(render(current, incident), refresh=True)
                return False

            asyncio.run(follow(settings, board, until=draw, from_start=from_start))
    else:

        def tell(news: News) -> None:
            if incident is None or news.incident_id.startswith(incident):
                click.echo(str(news))

        asyncio.run(follow(settings, board, until=lambda _: False, from_start=from_start, on_news=tell))
