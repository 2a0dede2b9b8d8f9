"""What does a role's process tell its parent about itself?"""

import msgspec


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a role is, as one line of JSON."""

    role: str
    ready: bool = False
    """Whether it has its partitions and their state."""
    waits_for: str = ""
    """What it waits for; empty when ready."""
    stalled: str = ""
    """Why it makes no progress although records wait; empty while it does."""

    def line(self) -> bytes:
        """Write the status as a line."""
        return msgspec.json.encode(self) + b"\n"
