"""What do several log lines say, field by field? Read together, a line costs a fraction of an event."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from models.event import LogLine, LogRecord


class LineBatch(NamedTuple):
    """Log lines in their order, each field of all of them as one sequence."""

    moments: Sequence[float]
    """Event times (epoch seconds), the same to the microsecond as those of events."""
    services: Sequence[str]
    bodies: Sequence[str]
    severities: Sequence[str | None]
    """As sent."""
    attributes: Sequence[Mapping[str, Any] | None]
    trace_ids: Sequence[str | None]
    span_ids: Sequence[str | None]

    def one(self, number: int) -> "LineBatch":
        """Give one of the lines, by its place among them."""
        columns: Any = ([each[number]] for each in self)
        return LineBatch(*columns)


NO_LINES = LineBatch([], [], [], [], [], [], [])


def batch_of(lines: Sequence[LogLine | LogRecord], moments: Sequence[float]) -> LineBatch:
    """Put lines together that were read one by one."""
    return LineBatch(
        moments,
        [line.service for line in lines],
        [line.body for line in lines],
        [line.severity for line in lines],
        [line.attributes for line in lines],
        [line.trace_id for line in lines],
        [line.span_id for line in lines],
    )
