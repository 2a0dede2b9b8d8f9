"""Whatever is killed, stopped or added while a recording comes in: is the same said in the end?"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from streams.broker.embedded_kafka import EmbeddedKafka
from streams.machine import environment
from streams.settings import Settings
from tests.golden import SCENARIOS
from tests.kafka.disturbance import run_disturbed

SEED = int(environment().get("DISTURBANCE_SEED", "20261123"))
"""Sets what is done to whom and when; `DISTURBANCE_SEED=7 pytest …` for another."""

LEAST_DISTURBANCES = 10
"""In each of the two runs; with fewer the run was too short to show anything."""

SESSION_TIMEOUT_S = 6.0
"""A process is back within it: else each restart would move partitions, and so restart others."""

Make = Callable[..., Awaitable[Settings]]


@pytest.mark.slow
async def test_one_worker_that_is_killed_and_restarted_all_the_time_says_the_same(
    kafka: EmbeddedKafka, settings_for: Make, tmp_path: Path
) -> None:
    recording, catalog, _ = SCENARIOS["checkout_outage"].export(tmp_path)
    settings = await settings_for(kafka)
    # 54 minutes of event time in 45 s.
    count = await run_disturbed(recording, catalog, settings, tmp_path, slots=1, speed=72, seed=SEED)
    assert count >= LEAST_DISTURBANCES


@pytest.mark.slow
async def test_two_workers_that_are_killed_leave_and_join_all_the_time_say_the_same(
    kafka: EmbeddedKafka, settings_for: Make, tmp_path: Path
) -> None:
    recording, catalog, _ = SCENARIOS["two_scopes"].export(tmp_path)
    settings = await settings_for(kafka, partitions=4, session_timeout_s=SESSION_TIMEOUT_S)
    # 11 minutes of event time in 50 s.
    count = await run_disturbed(recording, catalog, settings, tmp_path, slots=2, speed=14, seed=SEED)
    assert count >= LEAST_DISTURBANCES
