"""The machine's clock, environment and randomness; the only file that may read them."""

import os
import secrets
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime


def now() -> datetime:
    """Read the machine's wall clock (processing time, UTC)."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Read a clock that never goes back, in seconds; only differences mean anything."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Block the calling thread; inside an event loop await `asyncio.sleep` instead."""
    time.sleep(seconds)


def environment() -> Mapping[str, str]:
    """Copy the environment variables as they are now."""
    return dict(os.environ)


def hostname() -> str:
    """Name this machine as its network knows it."""
    return socket.gethostname()


def free_port() -> int:
    """Find a TCP port on the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def random_token(length_bytes: int) -> str:
    """Draw an unguessable token, two lower-case hexadecimal digits per byte."""
    return secrets.token_hex(length_bytes)
