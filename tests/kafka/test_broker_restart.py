"""The broker goes away in the middle of a run and comes back: do workers wait, go on, and say the same?"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from streams.broker.embedded_kafka import EmbeddedKafka
from streams.recording.publisher import publish
from streams.settings import Settings
from tests.golden import SCENARIOS
from tests.kafka.harness import WorkerProcess
from tests.kafka.said import publish_catalog, replayed, said
from tests.kafka.settling import settled

AWAY_S = 3.0


@pytest.mark.slow
@pytest.mark.usefixtures("runnable_kafka")
@pytest.mark.parametrize("way", ["stopped", "killed"])
async def test_workers_wait_for_a_broker_that_is_away_and_say_the_same(
    way: str, settings_for: Callable[..., Awaitable[Settings]], tmp_path: Path
) -> None:
    recording, catalog, _ = SCENARIOS["two_scopes"].export(tmp_path)
    with EmbeddedKafka(folder=tmp_path / "broker") as broker:
        settings = await settings_for(broker, session_timeout_s=6.0)
        expected = replayed(recording, catalog, settings)
        await publish_catalog(settings, catalog)
        async with WorkerProcess(settings, tmp_path) as worker:
            # 11 minutes of event time in 13 s.
            publishing = asyncio.ensure_future(publish(settings, [recording], speed=53))
            await asyncio.wait([publishing], timeout=5.0)
            assert not publishing.done()
            if way == "stopped":
                broker.stop()
            else:
                broker.kill()
            await asyncio.sleep(AWAY_S)
            assert worker.runs, worker.log()
            broker.start()
            await publishing
            await settled(settings, worker.log)
            (await said(settings)).assert_equals(expected)
