"""Does the intake read what transactional producers write, and does it end without its parent?"""

import signal
from dataclasses import replace
from pathlib import Path

import orjson
from aiokafka import AIOKafkaProducer

from detectors.flow.clock import Clock
from models.record import decode
from models.tick import Tick
from streams import machine
from streams.kafka.topic_reader import read_all
from streams.kafka.topics import topic_name
from streams.recording.intake_lag import intake_lag
from streams.settings import Settings
from tests.kafka.harness import WorkerProcess, gone, until


def an_alert(number: int) -> bytes:
    return orjson.dumps(
        {
            "kind": "alert",
            "alert_id": f"a-{number}",
            "timestamp": machine.now().isoformat(),
            "name": "HighErrorRate",
            "service": "checkout-api",
            "status": "firing",
            "severity": "critical",
            "summary": f"errors, number {number}",
        }
    )


async def test_an_alert_of_a_transaction_becomes_a_signal_and_its_path_falls_silent_after_it(
    settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, idle_after_s=1.0)
    alerts = topic_name(settings, "alerts")
    producer = AIOKafkaProducer(**settings.connection(), transactional_id=f"{alerts}-writer")
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send_and_wait(alerts, an_alert(1), partition=0)
        await producer.begin_transaction()
        await producer.send_and_wait(alerts, an_alert(2), partition=0)
        await producer.abort_transaction()
    finally:
        await producer.stop()
    async with WorkerProcess(settings, tmp_path) as worker:
        said: list[bytes] = []

        async def silent() -> bool:
            clock = Clock()
            said[:] = [each.value async for each in read_all(settings, ["signals"]) if each.partition == 0]
            for value in said:
                if b'"tick"' in value[:20]:
                    clock.observe(decode(Tick, value))
            return clock.all_idle(["alerts:0", "alerts:1"])

        await until(silent, 30, lambda: f"alerts:0 never falls silent: {said[-3:]}\n{worker.log()}")
        signals = [each async for each in read_all(settings, ["signals"]) if b"number " in each.value]
        assert [b"number 1" in each.value for each in signals] == [True]

        async def nothing_waits() -> bool:
            async with intake_lag(settings, ["alerts"]) as lag:
                return await lag.behind() == 0

        await until(nothing_waits, 10, lambda: f"the markers look like records that wait\n{worker.log()}")


async def test_roles_whose_parent_is_gone_end_without_finishing_anything(
    settings: Settings, tmp_path: Path
) -> None:
    async with WorkerProcess(settings, tmp_path) as worker:
        roles = worker.roles()
        worker.send(signal.SIGKILL)
        await gone(roles.values(), within_s=2.0)
        assert "role.stopped" not in worker.log()
