import asyncio
import dataclasses
from datetime import UTC, datetime

import pytest

from models.catalog import CatalogEntry
from streams.catalog.catalog_topic import CatalogFollower, publish, read_all
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import MissingTopicError
from streams.settings import Settings

JULY = datetime(2026, 7, 1, tzinfo=UTC)


def an_entry(service: str, owner: str = "team-a") -> CatalogEntry:
    return CatalogEntry(service=service, owner=owner, scope="shop")


async def test_an_empty_catalog_is_read_at_once(settings: Settings) -> None:
    async with asyncio.timeout(5):
        assert await read_all(settings) == []


async def test_versions_are_kept_apart_and_each_is_written_once(settings: Settings) -> None:
    assert len(await publish(settings, [an_entry("cart"), an_entry("web")])) == 2
    assert await publish(settings, [an_entry("cart"), an_entry("web")]) == []
    changed = await publish(settings, [an_entry("cart", "team-b"), an_entry("web")], JULY)
    assert [(each.service, each.owner, each.effective_at) for each in changed] == [("cart", "team-b", JULY)]
    assert len(await read_all(settings)) == 3


async def test_a_follower_starts_with_all_and_takes_new_versions_in(settings: Settings) -> None:
    await publish(settings, [an_entry("cart")])
    follower = CatalogFollower(settings)
    await follower.start()
    following = asyncio.create_task(follower.run())
    try:
        first = follower.catalog
        assert first.entry("cart", JULY) is not None
        async with Outbox(settings) as outbox:
            await (await outbox.send("catalog", b'{"service": 7}', b"by hand"))
        await publish(settings, [an_entry("cart", "team-b")], JULY)
        async with asyncio.timeout(10):
            while follower.catalog is first:  # the entry by hand must not change it
                await asyncio.sleep(0.01)
        held = follower.catalog.entry("cart", JULY)
        assert held is not None
        assert held.owner == "team-b"
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await follower.stop()
        await follower.stop()


async def test_a_tombstone_takes_a_version_away(settings: Settings) -> None:
    await publish(settings, [an_entry("cart"), an_entry("web")])
    async with Outbox(settings) as outbox:
        await (await outbox.send("catalog", None, b"cart@start"))
    assert [each.service for each in await read_all(settings)] == ["web"]


async def test_without_the_topic_the_error_says_how_to_create_it(settings: Settings) -> None:
    elsewhere = dataclasses.replace(settings, topic_prefix="nobody-made-this-")
    with pytest.raises(MissingTopicError, match="headwater topics create"):
        await read_all(elsewhere)
