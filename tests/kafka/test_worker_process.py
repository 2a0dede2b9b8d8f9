"""How does `headwater worker` start, answer, refuse and end, as a person or an orchestrator sees it?"""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from streams import machine
from streams.broker.embedded_kafka import EmbeddedKafka
from streams.process.exit_code import ExitCode
from streams.settings import Settings
from streams.worker.role import ROLES
from tests.kafka.harness import WorkerProcess, gone, signal_to, until

STOPS_WITHIN_S = 10.0


async def test_a_worker_says_what_it_waits_for_then_that_it_is_ready_and_stops_within_seconds(
    settings: Settings, tmp_path: Path
) -> None:
    worker = WorkerProcess(settings, tmp_path).start()
    try:
        answers: list[tuple[int, str]] = []

        async def is_ready() -> bool:
            answers.append(await worker.ask("/ready"))
            return answers[-1][0] == 200

        await until(is_ready, 60, worker.log)
        told = "\n".join(text for status, text in answers if status == 503)
        assert all(f"{role} waits for its" in told for role in ROLES), told
        assert answers[-1] == (200, "ok\n")
        assert await worker.ask("/live") == (200, "ok\n")
        roles = worker.roles()
        assert sorted(roles) == sorted(ROLES)

        async def has_read() -> bool:
            families = {
                each.name: each for each in text_string_to_metric_families((await worker.ask("/metrics"))[1])
            }
            read = families.get("headwater_records")
            return read is not None and any(
                each.labels == {"role": "agent", "topic": "signals"} and each.value > 0
                for each in read.samples
            )

        # Ticks alone make numbers: without a single event it can be seen that the worker works.
        await until(has_read, 20, worker.log)

        async def has_written() -> bool:
            told = text_string_to_metric_families((await worker.ask("/metrics"))[1])
            return {each.name for each in told} >= {
                "headwater_lag_seconds", "headwater_checkpoint_duration_seconds", "headwater_state_keys",
            }  # fmt: skip

        await until(has_written, 20, worker.log)

        started = machine.monotonic()
        worker.send(signal.SIGTERM)
        assert await worker.ended() == ExitCode.STOPPED, worker.log()
        assert machine.monotonic() - started < STOPS_WITHIN_S
        await gone(roles.values(), within_s=1.0)
        assert "role.drain_cut_short" not in worker.log()
        assert worker.log().count("role.stopped") == len(ROLES), worker.log()
        assert [each for each in worker.scratch.iterdir() if each.is_dir()] == []
    finally:
        worker.kill_all()


async def test_a_worker_refuses_to_start_where_a_topic_has_the_wrong_number_of_partitions(
    settings: Settings, tmp_path: Path
) -> None:
    worker = WorkerProcess(replace(settings, partitions=settings.partitions + 1), tmp_path).start()
    try:
        assert await worker.ended() == ExitCode.MISCONFIGURED
        (said, *_) = [
            each for each in worker.log().splitlines() if each.startswith(f"{settings.topic_prefix}signals:")
        ]
        assert "2 partitions" in said
        assert "HEADWATER_PARTITIONS" in said
    finally:
        worker.kill_all()


async def test_a_worker_refuses_to_start_without_topics_and_says_how_they_are_made(
    kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    settings = Settings(bootstrap_servers=kafka.bootstrap_servers, topic_prefix="nowhere-", port=0)
    worker = WorkerProcess(settings, tmp_path).start()
    try:
        assert await worker.ended() == ExitCode.MISCONFIGURED
        assert "nowhere-alerts: does not exist; create it with `headwater topics create`" in worker.log()
    finally:
        worker.kill_all()


async def test_when_the_parent_is_killed_its_roles_end_as_well(settings: Settings, tmp_path: Path) -> None:
    async with WorkerProcess(settings, tmp_path) as worker:
        roles = worker.roles()
        assert len(roles) == len(ROLES)
        worker.send(signal.SIGKILL)
        await gone(roles.values())


async def test_a_role_that_is_killed_is_back_soon_and_its_restart_is_counted(
    settings: Settings, tmp_path: Path
) -> None:
    async with WorkerProcess(settings, tmp_path) as worker:
        roles = worker.roles()
        signal_to(roles["reason"], signal.SIGKILL)
        await until(lambda: worker.roles().get("reason", roles["reason"]) != roles["reason"], 20, worker.log)
        await worker.ready()
        again = worker.roles()
        assert again.keys() == roles.keys()
        assert [again["intake"], again["sink"]] == [roles["intake"], roles["sink"]]
        assert (
            'headwater_restarts_total{exit_code="-9",role="reason"} 1.0' in (await worker.ask("/metrics"))[1]
        )


async def test_a_role_that_was_frozen_for_longer_than_its_session_ends_before_it_writes_anything(
    settings: Settings, tmp_path: Path
) -> None:
    async with WorkerProcess(settings, tmp_path) as worker:
        frozen = worker.roles()["reason"]
        signal_to(frozen, signal.SIGSTOP)
        await asyncio.sleep(settings.session_timeout_s + 1.0)
        signal_to(frozen, signal.SIGCONT)
        await gone([frozen])
        said = [each for each in worker.log().splitlines() if "process.was_away" in each or "role." in each]
        assert "process.was_away" in said[0]
        assert not any("role.rebalanced" in each for each in said)
        await worker.ready()


async def test_without_a_broker_a_worker_waits_and_says_so_and_can_be_stopped(tmp_path: Path) -> None:
    settings = Settings(bootstrap_servers=f"127.0.0.1:{machine.free_port()}", port=0)
    worker = WorkerProcess(settings, tmp_path).start()
    try:

        async def waits() -> bool:
            status, text = await worker.ask("/ready")
            return status == 503 and all(f"{role} waits for the broker" in text for role in ROLES)

        await until(waits, 30, worker.log)
        roles = worker.roles()
        worker.send(signal.SIGTERM)
        assert await worker.ended(STOPS_WITHIN_S) == ExitCode.STOPPED, worker.log()
        await gone(roles.values(), within_s=1.0)
    finally:
        worker.kill_all()
