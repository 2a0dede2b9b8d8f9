"""Do two workers give the answer that one gives, each with a share of the work?"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from streams.broker.embedded_kafka import EmbeddedKafka
from streams.recording.publisher import publish
from streams.settings import Settings
from tests.golden import SCENARIOS
from tests.kafka.harness import WorkerProcess, until
from tests.kafka.said import publish_catalog, replayed, said
from tests.kafka.settling import settled

PARTITIONS = 4


async def held(worker: WorkerProcess) -> dict[str, set[int]]:
    """Give the partitions that a worker has been reading, by topic."""
    _, text = await worker.ask("/metrics")
    found: dict[str, set[int]] = defaultdict(set)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "headwater_lag_seconds":
                found[sample.labels["topic"]].add(int(sample.labels["partition"]))
    return found


async def test_two_workers_say_what_one_says_and_share_the_partitions(
    kafka: EmbeddedKafka, settings_for: Callable[..., Awaitable[Settings]], tmp_path: Path
) -> None:
    # Shorter than a process takes to start, a session would end while its worker restarts.
    settings = await settings_for(kafka, partitions=PARTITIONS, session_timeout_s=8.0)
    recording, catalog, _ = SCENARIOS["two_scopes"].export(tmp_path)
    expected = replayed(recording, catalog, settings)
    assert len(expected.incidents) > 1
    await publish_catalog(settings, catalog)
    async with (
        WorkerProcess(settings, tmp_path) as first,
        WorkerProcess(settings, tmp_path, slot="1") as second,
    ):

        async def shared() -> bool:
            shares = [await held(first), await held(second)]
            return all(share["signals"] and share["logs"] for share in shares)

        # The first had all at its start; it gives up half when the second joins.
        await until(shared, 30, lambda: f"one has nothing\n{first.log()}\n{second.log()}")
        await first.ready()
        await second.ready()
        await publish(settings, [recording])
        await settled(settings, lambda: f"{first.log()}\n{second.log()}")
        (await said(settings)).assert_equals(expected)
        for topic in ("alerts", "logs", "log-patterns", "metric-buckets", "span-buckets", "signals"):
            shares = [(await held(each))[topic] for each in (first, second)]
            assert all(shares), (topic, shares)
            assert shares[0] | shares[1] == set(range(PARTITIONS))
