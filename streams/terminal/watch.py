"""What do the output topics say so far, and what of it is new?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from models.cause import Causes
from models.incident import Incident
from models.output import Output
from models.postmortem import Postmortem
from models.record import InvalidRecordError, decode
from models.routing import IncidentRouting
from models.timeline import Timeline
from models.topic import CAUSES, INCIDENTS, POSTMORTEMS, ROUTING, TIMELINE, TRIAGE
from models.triage import Triage
from streams.kafka.topic_reader import read_up_to_now, reader
from streams.settings import Settings
from streams.terminal.terminal_text import clock_text

WATCHED = (INCIDENTS, TRIAGE, ROUTING, CAUSES, TIMELINE, POSTMORTEMS)
POLL_MS = 250

O = TypeVar("O", bound=Output)  # noqa: E741  # one letter, as type variables are


class News(NamedTuple):
    """One thing that the board did not show before."""

    incident_id: str
    as_of: datetime
    """Event time of the decision."""
    text: str

    def __str__(self) -> str:
        """Write it as one line, for example `09:42:10 inc-1f triage v2: SEV2 for …`."""
        return f"{clock_text(self.as_of)} {self.incident_id} {self.text}"


@dataclass
class Watched:
    """The latest that is known of one incident; what has not come yet is None."""

    incident_id: str
    incident: Incident | None = None
    triage: Triage | None = None
    routing: IncidentRouting | None = None
    causes: Causes | None = None
    timeline: Timeline | None = None
    postmortem: Postmortem | None = None

    @property
    def opened_at(self) -> datetime | None:
        """When it was opened (event time)."""
        known = self.incident or self.triage
        return known.opened_at if known else None


class Board:
    """A fold of the output topics; records may come twice, and topics in any order to each other."""

    def __init__(self) -> None:
        self.incidents: dict[str, Watched] = {}
        self.unreadable = 0
        """Records that are none of ours."""

    def apply(self, topic: str, value: bytes | None) -> News | None:
        """Take one record in, and give what is new; None for a repetition or an older version.

        Args:
            topic: Without prefix; one that is not watched changes nothing.
            value: The record's value; None (a tombstone) changes nothing.
        """
        if value is None or topic not in WATCHED:
            return None
        try:
            return self._take(topic, value)
        except InvalidRecordError:
            self.unreadable += 1
            return None

    def latest_first(self) -> list[Watched]:
        """List the incidents, the one opened last first."""
        return sorted(
            self.incidents.values(),
            key=lambda each: (each.opened_at.timestamp() if each.opened_at else 0.0, each.incident_id),
            reverse=True,
        )

    def selected(self, incident: str | None) -> Watched | None:
        """Find an incident by its id or the beginning of it; None given: the latest."""
        for each in self.latest_first():
            if incident is None or each.incident_id.startswith(incident):
                return each
        return None

    def _take(self, topic: str, value: bytes) -> News | None:
        match topic:
            case "incidents":
                return self._incident(decode(Incident, value))
            case "incident.triage":
                return self._triage(decode(Triage, value))
            case "incident.routing":
                return self._routing(decode(IncidentRouting, value))
            case "incident.causes":
                return self._causes(decode(Causes, value))
            case "incident.timeline":
                return self._timeline(decode(Timeline, value))
            case _:
                return self._postmortem(decode(Postmortem, value))

    def _incident(self, new: Incident) -> News | None:
        watched = self._watched(new)
        old = watched.incident
        if not _is_newer(old, new):
            return None
        watched.incident = new
        if old and old.status is new.status:
            return None
        return News(new.incident_id, new.as_of, f"{new.status}: {new.headline}")

    def _triage(self, new: Triage) -> News | None:
        watched = self._watched(new)
        if not _is_newer(watched.triage, new):
            return None
        watched.triage = new
        return News(new.incident_id, new.as_of, f"triage v{new.version}, {new.verdict}: {new.headline}")

    def _routing(self, new: IncidentRouting) -> News | None:
        watched = self._watched(new)
        before = watched.routing
        if not _is_newer(before, new):
            return None
        watched.routing = new
        if before is not None and (before.owner, before.tell_now) == (new.owner, new.tell_now):
            return None
        tell = f", tell {', '.join(new.tell_now)}" if new.tell_now else ", nobody needs to be told"
        return News(new.incident_id, new.as_of, f"routing v{new.version}: {new.owner}{tell}")

    def _causes(self, new: Causes) -> News | None:
        watched = self._watched(new)
        if not _is_newer(watched.causes, new):
            return None
        watched.causes = new
        leading = new.candidates[0] if new.candidates and not new.abstained else None
        said = f"{leading.verdict}: {leading.text}" if leading else f"abstained: {new.abstained}"
        return News(new.incident_id, new.as_of, f"causes v{new.version}, {said}")

    def _timeline(self, new: Timeline) -> News | None:
        watched = self._watched(new)
        if _is_newer(watched.timeline, new):
            watched.timeline = new
        return None

    def _postmortem(self, new: Postmortem) -> News | None:
        watched = self._watched(new)
        if not _is_newer(watched.postmortem, new):
            return None
        watched.postmortem = new
        return News(new.incident_id, new.as_of, f"postmortem draft v{new.version}: {new.title}")

    def _watched(self, record: Output) -> Watched:
        return self.incidents.setdefault(record.incident_id, Watched(record.incident_id))


async def follow(
    settings: Settings,
    board: Board,
    *,
    until: Callable[[Board], bool],
    from_start: bool = True,
    on_news: Callable[[News], None] = lambda _: None,
) -> None:
    """Keep a board up to date until a condition holds or the task is cancelled.

    Args:
        settings: Where the brokers are.
        board: Changed in place.
        until: Asked four times a second, and first when all that was there has been read.
        from_start: Whether what is on the topics already is read as well.
        on_news: Told of each new thing.
    """

    def take(record: Any) -> None:
        news = board.apply(record.topic.removeprefix(settings.topic_prefix), record.value)
        if news:
            on_news(news)

    async with reader(settings, WATCHED, from_end=not from_start) as consumer:
        async for record in read_up_to_now(consumer):
            take(record)
        while not until(board):
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    take(record)
            await asyncio.sleep(0)


def _is_newer(old: O | None, new: O) -> bool:
    if old is None:
        return True
    versions = getattr(old, "version", 0), getattr(new, "version", 0)
    return versions[0] < versions[1] or (versions[0] == versions[1] and old.as_of <= new.as_of and old != new)
