"""What does a recording hold? One event a line, each ready to be sent to its topic."""

import gzip
import heapq
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import click
import msgspec

from models.event_time import EARLIEST, LATEST, EventTime
from models.topic import ALERTS, DEPLOYS, FEEDBACK, LOGS, METRICS, SPANS

TOPIC_OF_KIND = {
    "alert": ALERTS,
    "change": DEPLOYS,
    "log": LOGS,
    "metric": METRICS,
    "span": SPANS,
    "feedback": FEEDBACK,
}
"""The input topic of each kind of event."""

_EARLIEST_S = EARLIEST.timestamp()
_LATEST_S = LATEST.timestamp()


class RecordingError(click.ClickException):
    """A recording that cannot be read; the message names the file and what to do."""


class Line(NamedTuple):
    """One event of a recording, its bytes as they stand there."""

    number: int
    """Line of the file, from 1."""
    topic: str
    """Without prefix."""
    key: str
    """The service; for feedback without one the incident; else empty."""
    timestamp: float | None
    """Event time (epoch seconds); None where the line has none that can be read."""
    data: bytes
    """The line without its end."""
    path: Path


class Broken(NamedTuple):
    """A line that is no event."""

    number: int
    """Line of the file, from 1."""
    reason: str
    path: Path


class Extent(NamedTuple):
    """How much some recordings hold."""

    lines: int
    """Events; broken lines are not counted."""
    first: float | None
    """Earliest event time (epoch seconds); None: no line has a time."""
    last: float | None
    """Latest event time (epoch seconds)."""


class _Head(msgspec.Struct):
    kind: str
    timestamp: EventTime | None = None
    service: str | None = None
    incident_id: str | None = None


class _LooseHead(msgspec.Struct):
    kind: Any = None
    timestamp: Any = None
    service: Any = None
    incident_id: Any = None


_HEAD = msgspec.json.Decoder(_Head)
_LOOSE_HEAD = msgspec.json.Decoder(_LooseHead)


def read(path: Path) -> Iterator[Line | Broken]:
    """Read the lines of one recording (`.ndjson`, also `.gz` and `.xz`) in the order of the file.

    Only what is needed to send a line is read; whether the event is valid is for the intake to
    say. Blank lines are passed over.

    Raises:
        RecordingError: The file is absent, unreadable or damaged.
    """
    number = 0
    try:
        with _opened(path) as file:
            for number, raw in enumerate(file, start=1):
                data = raw.rstrip(b"\r\n")
                if data and not data.isspace():
                    yield _line(number, data, path)
    except (OSError, EOFError, lzma.LZMAError) as error:
        why = getattr(error, "strerror", None) or str(error)
        where = f"after line {number}" if number else "at its beginning"
        raise RecordingError(
            f"{path} cannot be read {where}: {why}; check the file or get it again"
        ) from error


def read_merged(paths: Iterable[Path]) -> Iterator[Line | Broken]:
    """Read several recordings as one, by event time; lines of one file keep their order.

    A line without a readable time goes with the line before it.
    """
    return (line for _, line in heapq.merge(*map(_timed, paths), key=lambda each: each[0]))


def extent(paths: Iterable[Path]) -> Extent:
    """Count the events of some recordings and find their earliest and latest event time."""
    lines, first, last = 0, None, None
    for path in paths:
        for line in read(path):
            if isinstance(line, Broken):
                continue
            lines += 1
            if line.timestamp is not None:
                first = line.timestamp if first is None else min(first, line.timestamp)
                last = line.timestamp if last is None else max(last, line.timestamp)
    return Extent(lines, first, last)


def _opened(path: Path) -> IO[bytes]:
    match path.suffix:
        case ".gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        case ".xz":
            return lzma.open(path, "rb")
        case _:
            return path.open("rb")


def _line(number: int, data: bytes, path: Path) -> Line | Broken:
    try:
        head: _Head | _LooseHead = _HEAD.decode(data)
    except msgspec.ValidationError:
        # A field of the wrong type: the intake refuses it with a reason, so it has to get there.
        try:
            head = _LOOSE_HEAD.decode(data)
        except msgspec.ValidationError:
            return Broken(number, "not a JSON object", path)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Broken(number, f"not JSON: {error}", path)
    except RecursionError:
        return Broken(number, "the JSON is nested too deep to be read", path)
    topic = TOPIC_OF_KIND.get(head.kind) if isinstance(head.kind, str) else None
    if topic is None:
        return Broken(number, f"kind is {head.kind!r}, not one of {', '.join(TOPIC_OF_KIND)}", path)
    return Line(number, topic, _key(topic, head), _epoch_seconds(head.timestamp), data, path)


def _key(topic: str, head: _Head | _LooseHead) -> str:
    if head.service and isinstance(head.service, str):
        return head.service
    if topic == FEEDBACK and isinstance(head.incident_id, str):
        return head.incident_id
    return ""


def _epoch_seconds(timestamp: Any) -> float | None:
    if hasattr(timestamp, "timestamp"):
        timestamp = timestamp.timestamp()
    if isinstance(timestamp, float | int) and not isinstance(timestamp, bool):
        return float(timestamp) if _EARLIEST_S <= timestamp < _LATEST_S else None
    return None


def _timed(path: Path) -> Iterator[tuple[float, Line | Broken]]:
    latest = _EARLIEST_S
    for line in read(path):
        if isinstance(line, Line) and line.timestamp is not None:
            latest = line.timestamp
        yield latest, line
