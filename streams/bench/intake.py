"""What does a log record cost from Kafka to the commit, beside a Faust agent that does nothing?"""

import asyncio
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from statistics import median
from typing import Any

import click
import orjson

from models.topic import LOGS
from streams import machine
from streams.bench.figure import Figure, at_least
from streams.bench.intake_probe import Samples
from streams.kafka import topics
from streams.kafka.outbox import Outbox
from streams.settings import Settings

ROUNDS = 3
"""Machines that share their processors are twice as fast in one minute as in the next."""

RECORDS = 300_000
AGENT_RECORDS = 20_000
"""Fewer for the agent that does nothing: it is the slow one, and its rate is steady."""

OTLP_LINES = 100
"""Lines of one OTLP batch."""

_BEGAN = datetime(2026, 6, 23, 9, 42, tzinfo=UTC)
_STATEMENTS = (
    "order {number} of customer {id} confirmed in {small} ms",
    "GET /api/v1/carts/{number} answered 200 in {small} ms with {number} bytes",
    "basket {number} has {small} lines, stock is asked for the first {small}",
    "payment {number} authorised by the card network after {small} ms",
    "connection pool has {small} of 50 in use, waited {small} ms",
    "retrying the call to inventory after {small} ms, attempt {small} of 5",
    "worker {small} took job {id} from the queue",
    "cache of prices refreshed, {number} entries in {small} ms",
)


def lines(count: int) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Make log records of about 250 bytes as they would be sent, keyed by service; the same each time."""
    for number in range(count):
        noise = blake2b(number.to_bytes(8, "big"), digest_size=24).hexdigest()
        statement = _STATEMENTS[int(noise[:4], 16) % len(_STATEMENTS)]
        body = statement.format(number=int(noise[4:10], 16), small=int(noise[10:12], 16), id=noise[12:24])
        service = f"service-{int(noise[24:26], 16) % 20:02}"
        record = {
            "kind": "log", "timestamp": (_BEGAN + timedelta(milliseconds=number)).isoformat(),
            "service": service, "severity": "INFO", "body": body, "trace_id": noise[:32],
            "span_id": noise[32:],
        }  # fmt: skip
        yield service.encode(), record


def otlp(count: int) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Make the same lines as OTLP JSON batches of one service each."""
    batches: dict[bytes, list[dict[str, Any]]] = {}
    for key, record in lines(count):
        batch = batches.setdefault(key, [])
        moment = datetime.fromisoformat(record["timestamp"])
        batch.append(
            {
                "timeUnixNano": str(int(moment.timestamp() * 1_000_000) * 1_000), "severityNumber": 9,
                "body": {"stringValue": record["body"]}, "traceId": record["trace_id"],
                "spanId": record["span_id"],
            }
        )  # fmt: skip
        if len(batch) == OTLP_LINES:
            resource = {"attributes": [{"key": "service.name", "value": {"stringValue": key.decode()}}]}
            yield key, {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": batch}]}]}
            batches[key] = []


@dataclass(frozen=True)
class _Round:
    """What all readers did, one after the other, while the machine was as fast as it then was."""

    agent: "_Measured"
    bare: "_Measured"
    one: "_Measured"
    two: "_Measured"
    otlp: "_Measured"


async def rows(settings: Settings) -> list[Figure]:
    """Measure the rates in one run, each reader in a process of its own, one after the other.

    Each figure is the median of some rounds; each ratio is taken within a round.

    Args:
        settings: Where the broker is; topics are created under prefixes of its own.
    """
    rounds = [
        await _round(replace(settings, topic_prefix=f"{settings.topic_prefix}{number}-"))
        for number in range(ROUNDS)
    ]

    def middle(figure: Callable[[_Round], float]) -> float:
        return median(map(figure, rounds))

    return [
        Figure("Faust agent that does nothing", middle(lambda it: it.agent.rate), "records/s"),
        Figure(
            "Faust agent that does nothing, processor time", middle(lambda it: it.agent.cpu_us), "µs/record"
        ),
        Figure("getmany and JSON only", middle(lambda it: it.bare.rate), "records/s"),
        Figure("getmany and JSON only, processor time", middle(lambda it: it.bare.cpu_us), "µs/record"),
        Figure("intake, single records", middle(lambda it: it.one.rate), "records/s"),
        Figure("intake, single records, processor time", middle(lambda it: it.one.cpu_us), "µs/record"),
        at_least(
            "intake, beside the agent that does nothing",
            middle(lambda it: it.one.rate / it.agent.rate), "×", 12,
        ),
        at_least(
            "intake, beside getmany and JSON only", middle(lambda it: it.one.rate / it.bare.rate), "×", 0.5
        ),
        at_least(
            f"intake, OTLP batches of {OTLP_LINES}, beside single records",
            middle(lambda it: it.otlp.rate * OTLP_LINES / it.one.rate), "×", 1.2,
        ),
        Figure("two intake processes, processor time", middle(lambda it: it.two.cpu_us), "µs/record"),
        at_least("two intake processes, beside one", middle(lambda it: it.two.rate / it.one.rate), "×", 1.7),
    ]  # fmt: skip


async def _round(settings: Settings) -> _Round:
    single = replace(settings, topic_prefix=f"{settings.topic_prefix}single-")
    batched = replace(settings, topic_prefix=f"{settings.topic_prefix}otlp-")
    pair = replace(settings, topic_prefix=f"{settings.topic_prefix}pair-")
    await _fill(single, lines(RECORDS))
    batches = await _fill(batched, otlp(RECORDS))
    await _fill(pair, lines(2 * RECORDS))
    return _Round(
        agent=await _run(single, ("agent", AGENT_RECORDS)),
        bare=await _run(single, ("bare", RECORDS)),
        one=await _run(single, ("intake", RECORDS)),
        two=await _run(pair, ("intake", 2 * RECORDS), ("intake", 2 * RECORDS)),
        otlp=await _run(batched, ("intake", batches)),
    )


class _Measured:
    """Rate and processor time over the time in which all processes had something to read."""

    def __init__(self, told: list[Samples]) -> None:
        began = max(samples[0][0] for samples in told)
        ended = min(_last_change(samples) for samples in told)
        if ended <= began:
            raise click.ClickException("one process had read everything before the other one began")
        spans = [(_at(samples, began), _at(samples, ended)) for samples in told]
        records = sum(last[0] - first[0] for first, last in spans)
        self.rate = records / (ended - began)
        self.cpu_us = sum(last[1] - first[1] for first, last in spans) / records * 1e6


def _last_change(samples: Samples) -> float:
    """Give when the last records were counted."""
    return next(moment for moment, seen, _ in samples if seen == samples[-1][1])


def _at(samples: Samples, moment: float) -> tuple[float, float]:
    """Give records and processor time at a moment between two samples."""
    index = max(bisect_left([each[0] for each in samples], moment), 1)
    (before, seen, cpu_s), (after, seen_after, cpu_after_s) = samples[index - 1], samples[index]
    share = (moment - before) / (after - before)
    return seen + share * (seen_after - seen), cpu_s + share * (cpu_after_s - cpu_s)


async def _fill(settings: Settings, records: Iterator[tuple[bytes, dict[str, Any]]]) -> int:
    await topics.create(settings)
    sent = 0
    async with Outbox(settings, limit_bytes=settings.max_input_bytes) as outbox:
        for key, record in records:
            await outbox.send(LOGS, orjson.dumps(record), key)
            sent += 1
        await outbox.flush()
    return sent


async def _run(settings: Settings, *probes: tuple[str, int]) -> _Measured:
    running = []
    for slot, (kind, records) in enumerate(probes):
        environment = {**machine.environment(), **replace(settings, slot=f"bench-{slot}").environment()}
        running.append(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "streams.bench.intake_probe", kind, str(records), str(len(probes)),
                stdout=asyncio.subprocess.PIPE, env=environment,
            )
        )  # fmt: skip
    told = []
    for each, (kind, _) in zip(running, probes, strict=True):
        out, _none = await each.communicate()
        if not out:
            raise click.ClickException(f"the probe `{kind}` ended with {each.returncode} and said nothing")
        told.append(orjson.loads(out))
    return _Measured(told)
