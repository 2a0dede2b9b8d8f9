"""How does a command run a whole worker beside itself, and be sure that it ends?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import IO

import click

from streams import machine
from streams.settings import Settings
from streams.worker.role import ROLES
from streams.worker.supervisor import Worker

READY_WITHIN_S = 60.0


class NotReadyError(click.ClickException):
    """A worker that does not get ready."""


@asynccontextmanager
async def running_worker(settings: Settings, log: IO[bytes]) -> AsyncIterator[None]:
    """Run all roles in processes of their own until the context is left; entered when they are ready.

    Args:
        settings: Where the broker is; the topics must be there.
        log: Where the worker's processes write their log.

    Raises:
        NotReadyError: They are not ready within `READY_WITHIN_S` of machine time.
    """
    worker, stop = Worker(ROLES, settings, log), asyncio.Event()
    running = asyncio.create_task(worker.run_until(stop))
    try:
        deadline = machine.monotonic() + READY_WITHIN_S
        while not worker.ready():
            if running.done() or machine.monotonic() > deadline:
                raise NotReadyError("the worker does not get ready; see its log")
            await asyncio.sleep(0.1)
        yield
    finally:
        stop.set()
        with suppress(asyncio.CancelledError):
            await running
