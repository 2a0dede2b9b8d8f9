"""Under which name does a worker join its consumer groups, and is the name nobody else's?"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import click

from streams import machine
from streams.settings import Settings


class SlotTakenError(click.ClickException):
    """Another worker on this machine has the slot; two of one name would push each other out for ever."""


def member_name(settings: Settings) -> str:
    """Name a worker so that it is the same after a restart, and another one on another machine."""
    return f"{machine.hostname()}-{settings.slot}"


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Hold the slot on this machine; however the process ends, it is free again.

    Raises:
        SlotTakenError: Another process holds it.
    """
    place = f"{settings.bootstrap_servers} {settings.topic_prefix} {settings.slot}"
    name = blake2b(place.encode(), digest_size=8).hexdigest()
    with (Path(tempfile.gettempdir()) / f"headwater-slot-{name}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SlotTakenError(
                f"HEADWATER_SLOT is {settings.slot!r}, which another worker on this machine has; "
                "give each worker a slot of its own, for example `headwater worker --slot 1 --port 0`"
            ) from None
        yield
