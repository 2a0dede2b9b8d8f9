"""Which versions of the catalog does the cluster know, and how does a new one get there?"""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

import structlog
from msgspec.structs import replace

from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.event_time import rfc3339
from models.record import InvalidRecordError, decode, encode
from models.topic import CATALOG
from streams import machine
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import read_up_to_now, reader
from streams.settings import Settings

POLL_MS = 500
_log = structlog.get_logger()


def version_key(entry: CatalogEntry) -> str:
    """Name one version of one service: versions are kept apart, publishing one again replaces it.

    >>> version_key(CatalogEntry(service="checkout-api", owner="team-checkout"))
    'checkout-api@start'
    """
    since = "start" if entry.effective_at is None else rfc3339(entry.effective_at)
    return f"{entry.service}@{since}"


async def publish(
    settings: Settings, entries: Iterable[CatalogEntry], effective_at: datetime | None = None
) -> list[CatalogEntry]:
    """Publish what is new or changed, and get the versions that were written.

    The first version of a service holds from the start unless a moment is given; a changed one
    holds from the given moment (event time), else from now. What equals the version that holds
    at that moment is not written again. A service that is left out keeps its last version.
    """
    known = Catalog(await read_all(settings))
    written = new_versions(known, entries, effective_at, machine.now())
    async with Outbox(settings) as outbox:
        deliveries = [
            await outbox.send(CATALOG, encode(entry), version_key(entry).encode()) for entry in written
        ]
        for delivery in deliveries:
            await delivery
    return written


def new_versions(
    known: Catalog, entries: Iterable[CatalogEntry], effective_at: datetime | None, now: datetime
) -> list[CatalogEntry]:
    """Give the entries that differ from what holds, with the moment from which they hold.

    Args:
        known: What has been published so far.
        entries: What is to hold.
        effective_at: From when on (event time); None: from the start where a service is new, else now.
        now: The machine's time.
    """
    found = []
    for entry in entries:
        held = known.entry(entry.service, effective_at or now)
        if held is None:
            found.append(replace(entry, effective_at=effective_at))
        elif replace(held, effective_at=None) != replace(entry, effective_at=None):
            found.append(replace(entry, effective_at=effective_at or now))
    return found


async def read_all(settings: Settings) -> list[CatalogEntry]:
    """Read all versions that are on the topic at the moment of the call."""
    versions: dict[str, CatalogEntry] = {}
    async with reader(settings, [CATALOG]) as consumer:
        async for record in read_up_to_now(consumer):
            _apply(versions, record)
    return list(versions.values())


class CatalogFollower:
    """The catalog as the topic has it, kept up to date while `run` runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._versions: dict[str, CatalogEntry] = {}
        self._open = AsyncExitStack()
        self._consumer: Any = None
        self.catalog = Catalog()
        """All versions known so far; replaced, never changed, when new ones come in."""

    async def start(self) -> None:
        """Read the topic up to now; afterwards `catalog` holds all that was there.

        Raises:
            MissingTopicError: The topic has not been created.
        """
        self._consumer = await self._open.enter_async_context(reader(self._settings, [CATALOG]))
        async for record in read_up_to_now(self._consumer):
            _apply(self._versions, record)
        self.catalog = Catalog(self._versions.values())

    async def run(self) -> None:
        """Take in new versions until cancelled."""
        while True:
            fetched: Mapping[Any, list[Any]] = await self._consumer.getmany(timeout_ms=POLL_MS)
            records = [record for several in fetched.values() for record in several]
            changes = sum(_apply(self._versions, record) for record in records)
            if changes:
                self.catalog = Catalog(self._versions.values())

    async def stop(self) -> None:
        """Close the consumer; harmless when called twice."""
        await self._open.aclose()


def _apply(versions: dict[str, CatalogEntry], record: Any) -> bool:
    """Take one record in, and say whether it was of use."""
    key = (record.key or b"").decode(errors="replace")
    if record.value is None:
        return versions.pop(key, None) is not None
    try:
        versions[key] = decode(CatalogEntry, record.value)
    except InvalidRecordError as error:
        # The other services must not lose their owners because one entry was written by hand.
        _log.warning("catalog.entry_refused", offset=record.offset, key=key, detail=error.detail)
        return False
    return True
