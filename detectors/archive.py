"""Which postmortem drafts have to be written, now that older ones may come again?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from detectors.flow.stage import Counts
from models import topic
from models.postmortem import Postmortem
from models.topic import Outgoing


class Archived(msgspec.Struct):
    """How far the drafts of one incident have been written."""

    version: int = 0
    as_of: datetime | None = None


class Archive:
    """Drafts in; those out that are newer than what was written for their incident."""

    table = "drafts"
    source = topic.POSTMORTEMS
    ticks_to: str | None = None
    record_type: Any = Postmortem
    state_type = Archived

    def paths(self, partitions: int) -> tuple[str, ...]:
        """Name nothing: no time passes here."""
        return ()

    def start(self, key: str) -> Archived:
        """Give the state of an incident of which nothing was written."""
        return Archived()

    def fold(self, state: Archived, record: Postmortem) -> Iterable[Outgoing]:
        """Pass a newer draft on; one that was overtaken is dropped."""
        if state.as_of is not None and (record.as_of, record.version) <= (state.as_of, state.version):
            return ()
        state.version, state.as_of = record.version, record.as_of
        return (Outgoing(topic=topic.POSTMORTEMS, key=record.incident_id, value=record),)

    def due_at(self, state: Archived) -> datetime | None:
        """Give no deadline."""
        return None

    def advance(self, state: Archived, now: datetime) -> Iterable[Outgoing]:
        """Do nothing: no time passes here."""
        return ()

    def counts(self, state: Archived) -> Counts:
        """Count nothing."""
        return Counts()

    def is_spent(self, state: Archived, now: datetime) -> bool:
        """Keep everything: it is one short record per incident."""
        return False
