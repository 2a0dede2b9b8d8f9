"""A real broker for the tests in this folder: one for all, with topics of its own for each test."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streams import machine
from streams.broker.embedded_kafka import EmbeddedKafka, EmbeddedKafkaError
from streams.broker.kafka_jars import fetch, java
from streams.kafka import topics
from streams.settings import Settings

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that is below this folder, so that `-m "not kafka"` leaves it out."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker("kafka")


@pytest.fixture(scope="session")
def runnable_kafka() -> None:
    """Skip where a broker cannot be had at all; on a build server that is a failure."""
    try:
        java()
        fetch()
    except EmbeddedKafkaError as error:
        if machine.environment().get("CI"):
            raise
        pytest.skip(f"no broker: {error.message}")


@pytest.fixture(scope="session")
def kafka(runnable_kafka: None) -> Iterator[EmbeddedKafka]:
    """A broker that lives for the whole run; a test that stops or kills one starts its own."""
    with EmbeddedKafka() as broker:
        yield broker


@pytest.fixture
def settings_for() -> Callable[..., Awaitable[Settings]]:
    """Make settings for a broker under a prefix nobody else has, with the topics created.

    `settings = await settings_for(kafka)`, or `settings_for(kafka, partitions=1)`; in a test that is
    not a coroutine, `asyncio.run(settings_for(kafka))`.
    """

    async def make(broker: EmbeddedKafka, **choices: Any) -> Settings:
        defaults: dict[str, Any] = {
            "bootstrap_servers": broker.bootstrap_servers,
            "topic_prefix": f"t{machine.random_token(4)}-",
            "partitions": 2,
            "session_timeout_s": 2.0,
            "port": 0,
        }
        settings = Settings(**{**defaults, **choices})
        await topics.create(settings)
        return settings

    return make


@pytest.fixture
async def settings(kafka: EmbeddedKafka, settings_for: Callable[..., Awaitable[Settings]]) -> Settings:
    """Settings for the session's broker, with topics of this test's own."""
    return await settings_for(kafka)
