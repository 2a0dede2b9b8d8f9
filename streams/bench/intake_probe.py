"""`python -m streams.bench.intake_probe KIND RECORDS MEMBERS`: read so many records of `logs`, timed.

Prints `[[…, …, …], …]`: monotonic machine time, records read until then, and the processor time of this
process until then (seconds); from the first record on, and where several processes share the partitions, from
when each has its own.
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
from streams.process.garbage import collect_seldom
from streams.settings import Settings
from streams.worker.role import end

POLL_S = 0.02
COMMITTED_EVERY = 10
"""Polls after which the broker is asked how much is committed."""

Samples = list[tuple[float, float, float]]


async def bare(settings: Settings, records: int, members: int) -> Samples:
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
    samples: Samples = []
    while seen < records:
        for batch in (await consumer.getmany(timeout_ms=50, max_records=settings.chunk_records)).values():
            samples.append(_sample(seen))
            for record in batch:
                orjson.loads(record.value)
            seen += len(batch)
    samples.append(_sample(seen))
    await consumer.stop()
    return samples


async def agent(settings: Settings, records: int, members: int) -> Samples:
    """Read with a Faust agent that does nothing, values left as bytes."""
    seen = 0
    samples: Samples = []
    done = asyncio.Event()
    app = app_for(settings, "bench-agent", Path(tempfile.mkdtemp()))
    source = app.topic(topic_name(settings, LOGS), key_type=bytes, value_type=bytes, key_serializer="raw",
                       value_serializer="raw")  # fmt: skip

    @app.agent(source)  # type: ignore[untyped-decorator]  # Faust's
    async def read_nothing(stream: Any) -> None:
        """Records in; nothing out."""
        nonlocal seen
        async for _ in stream:
            if not samples:
                samples.append(_sample(seen))
            seen += 1
            if seen >= records:
                done.set()

    await app.start()
    await done.wait()
    return [*samples, _sample(seen)]


async def intake(settings: Settings, records: int, members: int) -> Samples:
    """Read with the intake (parse, redact, mask, fold, send) until its group has committed them all."""
    outbox, catalog = Outbox(settings), Catalog([])
    admin = AIOKafkaAdminClient(**settings.connection())
    await outbox.start()
    await admin.start()
    service = Intake(settings, lambda: catalog, outbox, end, loop=asyncio.get_running_loop())
    collect_seldom()
    await service.start()
    samples: Samples = []
    polls = 0
    while polls % COMMITTED_EVERY or await _committed(admin, settings) < records:
        if samples or (_counted() and await _members(admin, settings) == members):
            samples.append(_sample(_counted()))
        polls += 1
        await asyncio.sleep(POLL_S)
    return samples


def _sample(seen: float) -> tuple[float, float, float]:
    return machine.monotonic(), seen, _cpu_s()


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


async def _members(admin: Any, settings: Settings) -> int:
    """Give how many read in a group that is not being shared out anew."""
    (response,) = await admin.describe_consumer_groups([settings.group("intake")])
    ((_, _, state, _, _, members, *_),) = response.groups
    return len(members) if state == "Stable" else 0


def _counted() -> float:
    return REGISTRY.get_sample_value("headwater_records_total", {"role": "intake", "topic": LOGS}) or 0.0


KINDS: dict[str, Callable[..., Any]] = {"bare": bare, "agent": agent, "intake": intake}


def main() -> None:
    """Run the probe that the command line names, and end at once."""
    kind, records, members = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    log_output.set_up("error")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        settings = Settings.from_environment(machine.environment())
        told = runner.run(KINDS[kind](settings, records, members))
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
        sys.stdout.buffer.flush()
        end(ExitCode.STOPPED)


if __name__ == "__main__":
    main()
