"""What is a stage? One keyed, deterministic step of the way from records to records."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from models.topic import Outgoing

S = TypeVar("S")


class Counts(NamedTuple):
    """What an operator wants to see of one state."""

    late: int = 0
    """What came after its time had been decided."""
    left_out: int = 0
    """What was left out to keep the state bounded."""
    open_incidents: int = 0
    unmatched: int = 0
    """Words of responders that found no incident which is not closed."""


class Stage(Protocol[S]):
    """What an agent does, without Kafka: state and a record in, state and records out.

    A stage may change the state that it is given and returns what is to be sent. It must give
    the same for the same, look at nothing but its arguments, and keep the state of one key
    bounded and well under a megabyte: it is written whole at each checkpoint.
    """

    @property
    def table(self) -> str:
        """Name of the table that keeps its states."""

    @property
    def source(self) -> str:
        """Topic that it reads."""

    @property
    def ticks_to(self) -> str | None:
        """Topic whose partitions are told how far this stage is; None: nobody waits for it."""

    @property
    def record_type(self) -> Any:
        """What its source carries: a record type, or a union of them that includes `Tick`."""

    @property
    def state_type(self) -> Any:
        """The type of its states."""

    def paths(self, partitions: int) -> tuple[str, ...]:
        """Name the paths that bring records to a partition of the source."""

    def start(self, key: str) -> S:
        """Give the state of a key that has none."""

    def fold(self, state: S, record: Any) -> Iterable[Outgoing]:
        """Take a record into its state."""

    def due_at(self, state: S) -> datetime | None:
        """Give the earliest event time after which `advance` would do something; None: nothing waits."""

    def advance(self, state: S, now: datetime) -> Iterable[Outgoing]:
        """Do everything that is due before `now`, in the order of its own event times."""

    def counts(self, state: S) -> Counts:
        """Count what an operator wants to see of a state."""

    def is_spent(self, state: S, now: datetime) -> bool:
        """Tell whether a state can be forgotten."""
