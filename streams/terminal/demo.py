"""What does an outage look like from the first event to the postmortem, on a real broker?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import IO

import click

from models.record import decode
from models.topic import OUTPUTS, Outgoing
from streams import machine
from streams.catalog import catalog_topic
from streams.catalog.backstage import read as read_catalog
from streams.kafka import topics
from streams.kafka.topic_reader import read_all
from streams.recording.publisher import Published, publish
from streams.schema import RECORDS
from streams.settings import Settings
from streams.terminal.expectation import Expectation, complaints
from streams.terminal.watch import Board, News, follow
from streams.worker.running import running_worker

OVER_WITHIN_S = 60.0
"""Longest wait for the incident's end after the last event was published (machine time)."""


class DemoError(click.ClickException):
    """The demonstration did not come out as it should; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """One recording, played on a broker and compared with what is expected of it."""

    settings: Settings
    recording: Path
    catalog: Path
    expectation: Expectation
    speed: float
    """Times real time, by event time."""
    worker_log: IO[bytes]
    """Where the worker's processes write their log."""

    async def play(
        self, board: Board, on_news: Callable[[News], None], on_change: Callable[[], None]
    ) -> list[str]:
        """Run everything from the topics to the postmortem; give what differs from the expectation.

        Args:
            board: Filled with what the output topics say.
            on_news: Told of each new thing.
            on_change: Called several times a second, to draw the board.

        Raises:
            NotReadyError: The worker does not get ready.
            DemoError: The incident does not end.
        """
        await topics.create(self.settings)
        await catalog_topic.publish(self.settings, read_catalog([self.catalog]))
        async with running_worker(self.settings, self.worker_log):
            publishing = asyncio.create_task(
                publish(self.settings, [self.recording], speed=self.speed, shift_to_now=True)
            )
            deadline = float("inf")

            def is_over(_: Board) -> bool:
                nonlocal deadline
                on_change()
                if publishing.done():
                    deadline = min(deadline, machine.monotonic() + OVER_WITHIN_S)
                    publishing.result()
                if machine.monotonic() > deadline:
                    raise DemoError(
                        f"no postmortem {OVER_WITHIN_S:.0f} s after the last event; see the worker's log"
                    )
                return publishing.done() and self._has_ended(board)

            try:
                await follow(self.settings, board, until=is_over, on_news=on_news)
                published: Published = await publishing
            finally:
                publishing.cancel()
        return complaints(self.expectation, await self._sent(), timedelta(seconds=published.shift_s))

    def _has_ended(self, board: Board) -> bool:
        """Tell whether every expected incident has passed its last expected status, and was drafted."""
        for expected in self.expectation.incidents:
            ended = [
                each
                for each in board.incidents.values()
                if each.incident is not None
                and each.incident.scope == expected.scope
                and each.incident.status == expected.statuses[-1]
                and (self.files / f"{each.incident_id}.md").exists()
            ]
            if not ended:
                return False
        return True

    @property
    def files(self) -> Path:
        """The folder of the postmortem drafts."""
        return Path(self.settings.postmortem_dir)

    async def _sent(self) -> list[Outgoing]:
        return [
            Outgoing(topic=topic, key=record.key.decode(), value=decode(RECORDS[topic], record.value))
            async for record in read_all(self.settings, OUTPUTS)
            for topic in [record.topic.removeprefix(self.settings.topic_prefix)]
        ]


def settings_for_demo(settings: Settings, bootstrap_servers: str, postmortems: Path) -> Settings:
    """Give settings under which a demonstration disturbs nothing else on the cluster."""
    return replace(
        settings,
        bootstrap_servers=bootstrap_servers,
        topic_prefix=f"{settings.topic_prefix}demo-{machine.random_token(4)}-",
        postmortem_dir=str(postmortems),
        port=0,
    )
