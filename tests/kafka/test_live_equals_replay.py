"""Do workers on a real broker say byte for byte what `headwater replay` says of the same recording?"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from streams.broker.embedded_kafka import EmbeddedKafka
from streams.recording.publisher import publish
from streams.settings import Settings
from tests.golden import SCENARIOS
from tests.golden.scenario import GOLDEN
from tests.kafka.harness import WorkerProcess, signal_to
from tests.kafka.said import publish_catalog, replayed, said
from tests.kafka.settling import settled

CASES = Path(__file__).parents[3] / "shared" / "cases"
"""Recordings that are not ours to carry; they lie beside a checkout where people develop."""

RECORDED = {
    "rcb": ["rcb-03", "rcb-07", "rcb-08", "rcb-16"],
    "nezha-tt": ["tt-01", "tt-07", "tt-15"],
    "nezha-ob": ["ob-07", "ob-33", "ob-49"],
    "petshop": ["ps-03", "ps-04", "ps-05"],
}
"""Of each set a few, of different kinds of faults."""

needs_cases = pytest.mark.skipif(
    not CASES.is_dir(), reason="the recorded cases do not lie beside this checkout, in ../shared/cases"
)

Make = Callable[..., Awaitable[Settings]]


async def compare(recording: Path, catalog: Path, settings: Settings, folder: Path) -> None:
    """Publish as fast as possible to a worker, and compare what it says with the replay."""
    expected = replayed(recording, catalog, settings)
    assert expected.lines
    await publish_catalog(settings, catalog)
    async with WorkerProcess(settings, folder) as worker:
        await publish(settings, [recording])
        await settled(settings, worker.log)
        (await said(settings)).assert_equals(expected)


@pytest.mark.parametrize("name", ["checkout_outage", "innocent_deploy"])
async def test_a_recording_of_ours_gives_the_same_live_as_replayed(
    name: str, kafka: EmbeddedKafka, settings_for: Make, tmp_path: Path
) -> None:
    recording, catalog, _ = SCENARIOS[name].export(tmp_path)
    await compare(recording, catalog, await settings_for(kafka), tmp_path)


@pytest.mark.parametrize("name", ["moved_owner", "unanswered_page", "shift_change"])
async def test_what_waits_for_an_answer_is_told_at_its_time_although_the_reasoner_is_killed(
    name: str, kafka: EmbeddedKafka, settings_for: Make, tmp_path: Path
) -> None:
    recording, catalog, _ = SCENARIOS[name].export(tmp_path)
    settings = await settings_for(kafka, oncall=str(GOLDEN / name / "oncall"))
    expected = replayed(recording, catalog, settings)
    assert any('"escalation"' in each for each in expected.lines)
    await publish_catalog(settings, catalog)
    async with WorkerProcess(settings, tmp_path) as worker:
        await publish(settings, [recording])
        signal_to(worker.roles()["reason"], signal.SIGKILL)
        await settled(settings, worker.log)
        (await said(settings)).assert_equals(expected)


async def test_a_worker_that_took_all_paths_for_silent_judges_nothing_before_its_symptoms_are_there(
    kafka: EmbeddedKafka, settings_for: Make, tmp_path: Path
) -> None:
    recording, catalog, _ = SCENARIOS["checkout_outage"].export(tmp_path)
    settings = await settings_for(kafka, session_timeout_s=10.0)
    expected = replayed(recording, catalog, settings)
    await publish_catalog(settings, catalog)
    async with WorkerProcess(settings, tmp_path) as worker:
        await settled(settings, worker.log)
        # All that is published meanwhile would find the reasoner in the belief that nobody writes.
        reasoner = worker.roles()["reason"]
        signal_to(reasoner, signal.SIGSTOP)
        publishing = asyncio.ensure_future(publish(settings, [recording]))
        await asyncio.wait([publishing], timeout=4.0)
        signal_to(reasoner, signal.SIGCONT)
        await publishing
        await settled(settings, worker.log)
        (await said(settings)).assert_equals(expected)


@needs_cases
@pytest.mark.parametrize(
    ("dataset", "name"), [(dataset, name) for dataset, names in RECORDED.items() for name in names]
)
async def test_a_recorded_incident_gives_the_same_live_as_replayed(
    dataset: str, name: str, kafka: EmbeddedKafka, settings_for: Make, tmp_path: Path
) -> None:
    own = CASES / dataset / f"{name}.catalog.yaml"
    catalog = own if own.exists() else CASES / dataset / "catalog.yaml"
    await compare(CASES / dataset / f"{name}.ndjson.gz", catalog, await settings_for(kafka), tmp_path)
