"""`python -m streams.bench.intake_probe KIND RECORDS`: read so many records of `logs` in one process, timed.

Prints `{"records": …, "began": …, "ended": …, "cpu_s": …}`: monotonic machine time from the first record
to the last one, and the processor time of this process in between (seconds).
"""

import asyncio
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client import REGISTRY

from detectors.topology import Catalog
from models.topic import LOGS
from streams import log_output, machine
from streams.agents.app import app_for
from streams.intake.service import Intake
from streams.kafka.outbox import Outbox
from streams.kafka.topics import topic_name
from streams.process.exit_code import ExitCode
from streams.settings import Settings
from streams.worker.role import end

POLL_S = 0.1


async def bare(settings: Settings, records: int) -> dict[str, float]:
    """Read with aiokafka's `getmany` and parse the JSON, nothing else."""
    consumer = AIOKafkaConsumer(
        topic_name(settings, LOGS),
        **settings.connection(),
        group_id=settings.group("bare"),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=settings.max_input_bytes,
    )
    await consumer.start()
    seen = 0
    watch = _Watch()
    while seen < records:
        for batch in (await consumer.getmany(timeout_ms=50, max_records=settings.chunk_records)).values():
            watch.start()
            for record in batch:
                orjson.loads(record.value)
            seen += len(batch)
    told = watch.stop(seen)
    await consumer.stop()
    return told


async def agent(settings: Settings, records: int) -> dict[str, float]:
    """Read with a Faust agent that does nothing, values left as bytes."""
    seen, watch = 0, _Watch()
    done = asyncio.Event()
    app = app_for(settings, "bench-agent", Path(tempfile.mkdtemp()))
    source = app.topic(topic_name(settings, LOGS), key_type=bytes, value_type=bytes, key_serializer="raw",
                       value_serializer="raw")  # fmt: skip

    @app.agent(source)  # type: ignore[untyped-decorator]  # Faust's
    async def read_nothing(stream: Any) -> None:
        """Records in; nothing out."""
        nonlocal seen
        async for _ in stream:
            watch.start()
            seen += 1
            if seen >= records:
                done.set()

    await app.start()
    await done.wait()
    return watch.stop(seen)


async def intake(settings: Settings, records: int) -> dict[str, float]:
    """Read with the intake (parse, redact, mask, fold, send) until its group has committed them all."""
    watch, outbox, catalog = _Watch(), Outbox(settings), Catalog([])
    admin = AIOKafkaAdminClient(**settings.connection())
    await outbox.start()
    await admin.start()
    service = Intake(settings, lambda: catalog, outbox, end, loop=asyncio.get_running_loop())
    await service.start()
    while await _committed(admin, settings) < records:
        if _counted():
            watch.start(_counted())
        await asyncio.sleep(POLL_S)
    return watch.stop(int(_counted()))


class _Watch:
    """Machine time and processor time from the first record to the last."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._cpu_s = 0.0
        self._before = 0

    def start(self, before: float = 0) -> None:
        if self._began is None:
            self._began, self._cpu_s, self._before = machine.monotonic(), _cpu_s(), int(before)

    def stop(self, seen: int) -> dict[str, float]:
        began = machine.monotonic() if self._began is None else self._began
        told = {"records": seen - self._before, "began": began, "ended": machine.monotonic()}
        return {**told, "cpu_s": _cpu_s() - self._cpu_s}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _committed(admin: Any, settings: Settings) -> int:
    try:
        offsets = await admin.list_consumer_group_offsets(settings.group("intake"))
    except KafkaError:
        return 0  # a broker that has just started has no coordinator yet
    name = topic_name(settings, LOGS)
    return sum(max(each.offset, 0) for place, each in offsets.items() if place.topic == name)


def _counted() -> float:
    return REGISTRY.get_sample_value("headwater_records_total", {"role": "intake", "topic": LOGS}) or 0.0


KINDS: dict[str, Callable[..., Any]] = {"bare": bare, "agent": agent, "intake": intake}


def main() -> None:
    """Run the probe that the command line names, and end at once."""
    kind, records = sys.argv[1], int(sys.argv[2])
    log_output.set_up("error")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told = runner.run(KINDS[kind](Settings.from_environment(machine.environment()), records))
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
        sys.stdout.buffer.flush()
        end(ExitCode.STOPPED)


if __name__ == "__main__":
    main()
