"""`make soak`: workers are disturbed for minutes, run after run, with new chances each time.

`SOAK_MINUTES=30 make soak` for longer; `DISTURBANCE_SEED=7 make soak` repeats what a seed did.
"""

import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from streams import machine
from streams.broker.embedded_kafka import EmbeddedKafka
from streams.settings import Settings
from tests.golden import SCENARIOS
from tests.kafka.disturbance import run_disturbed

MINUTES = float(machine.environment().get("SOAK_MINUTES", "10"))
RUNS = (
    ("checkout_outage", 1, 60),
    ("two_scopes", 2, 12),
    ("checkout_outage", 2, 50),
    ("innocent_deploy", 3, 30),
)
"""Scenario, workers, and times real time: about a minute each."""


@pytest.mark.timeout(0)
async def test_nothing_is_lost_or_told_otherwise_however_long_workers_are_disturbed(
    kafka: EmbeddedKafka, settings_for: Callable[..., Awaitable[Settings]], tmp_path: Path
) -> None:
    started = machine.monotonic()
    seed = int(machine.environment().get("DISTURBANCE_SEED", "0")) or int(machine.random_token(4), 16)
    total = 0
    for number, (name, slots, speed) in enumerate(itertools.cycle(RUNS)):
        folder = tmp_path / str(number)
        recording, catalog, _ = SCENARIOS[name].export(folder)
        settings = await settings_for(kafka, partitions=4, session_timeout_s=8.0)
        print(f"\nrun {number + 1}: {name}")
        total += await run_disturbed(
            recording, catalog, settings, folder, slots=slots, speed=speed, seed=seed + number
        )
        minutes = (machine.monotonic() - started) / 60
        print(f"all as replayed; {total} disturbances in {minutes:.1f} minutes", flush=True)
        if minutes >= MINUTES:
            break
    assert total > 0
