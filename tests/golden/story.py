"""How is a recording written? A story: a start, and what happened in which minute of it."""

import gzip
import io
import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Fields = dict[str, Any]


class Story:
    """Events of one recording, told in any order and written in event-time order.

    Every stream of chance has a name and its own generator, so that adding one stream changes no
    other, and the same story always gives the same bytes. Minutes count from the start; 20.5 is
    20 minutes and 30 seconds.
    """

    def __init__(self, start: datetime, *, seed: int) -> None:
        self._start = start
        self._seed = seed
        self._told: list[tuple[int, str]] = []
        self._numbers: dict[str, int] = {}

    def chance(self, stream: str) -> random.Random:
        """Give the generator of a named stream, at its beginning."""
        return random.Random(f"{self._seed}:{stream}")

    def when(self, minute: float) -> str:
        """Write a minute of the story as people's tools send it: RFC 3339, milliseconds."""
        moment = self._start + timedelta(milliseconds=self._ms(minute))
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def tell(self, minute: float, kind: str, **fields: Any) -> None:
        """Add one event as machines send it: epoch seconds, fields that are None left out."""
        timestamp = round(self._start.timestamp() + self._ms(minute) / 1000, 3)
        self._keep(minute, {"kind": kind, "timestamp": timestamp, **_given(fields)})

    def log(self, minute: float, service: str, severity: str, body: str, **fields: Any) -> None:
        """Add one log line."""
        self.tell(minute, "log", service=service, severity=severity, body=body, **fields)

    def change(self, minute: float, change_kind: str, service: str | None = None, **fields: Any) -> None:
        """Add a change that is finished at that minute; `started` is the minute in which it began."""
        if "started" in fields:
            fields["started_at"] = self.when(fields.pop("started"))
        self._tell_numbered(minute, "change", change_kind, change_kind=change_kind, service=service, **fields)

    def alert(self, minute: float, service: str, name: str, status: str = "firing", **fields: Any) -> None:
        """Add one message of an alert; `since` is the minute from which on the condition has held."""
        if "since" in fields:
            fields["starts_at"] = self.when(fields.pop("since"))
        if status == "resolved":
            fields["ends_at"] = self.when(minute)
        self._tell_numbered(minute, "alert", "alert", service=service, name=name, status=status, **fields)

    def alert_episode(self, service: str, name: str, *, fires: float, resolves: float, **fields: Any) -> None:
        """Add an alert as monitoring sends it: firing, again each minute while it holds, resolved."""
        minute = fires
        while minute < resolves:
            self.alert(minute, service, name, since=fires, **fields)
            minute += 1
        fields.pop("value", None)
        self.alert(resolves, service, name, "resolved", since=fires, **fields)

    def feedback(
        self, minute: float, action: str, service: str, text: str | None = None, actor: str = "on-call"
    ) -> None:
        """Add what somebody did or said: the person on call, or a role or handle."""
        self._tell_numbered(
            minute, "feedback", "feedback", action=action, service=service, actor=actor, text=text
        )

    def events(self) -> list[Fields]:
        """Give all events by (time, content)."""
        return [json.loads(line) for line in self.lines()]

    def lines(self) -> Iterator[str]:
        """Give the lines of the recording by (time, content), without line ends."""
        return (line for _, line in sorted(self._told))

    def write(self, path: Path) -> None:
        """Write the recording; a name that ends in .gz is compressed."""
        write_recording(self.lines(), path)

    def _tell_numbered(self, minute: float, kind: str, prefix: str, **fields: Any) -> None:
        number = self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        # The start keeps the ids of different recordings apart when both go to one cluster.
        event_id = f"{prefix}-{self._start:%Y%m%d}-{number:03d}"
        event = {"kind": kind, "timestamp": self.when(minute), "event_id": event_id, **_given(fields)}
        self._keep(minute, event)

    def _keep(self, minute: float, event: Fields) -> None:
        self._told.append((self._ms(minute), json.dumps(event, ensure_ascii=False, separators=(",", ":"))))

    def _ms(self, minute: float) -> int:
        return round(minute * 60_000)


def write_recording(lines: Iterable[str], path: Path) -> None:
    """Write lines as a recording; without a name or a time in the gzip header, so the bytes are the same."""
    data = "".join(f"{line}\n" for line in lines).encode()
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
            stream.write(data)
        data = packed.getvalue()
    path.write_bytes(data)


def _given(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}
