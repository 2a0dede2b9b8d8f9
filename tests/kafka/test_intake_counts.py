"""Do the folded counts equal those of the input, to the record, however often the intake is killed?"""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from detectors.flow.ledger import Ledger
from detectors.intake.pattern_tally import merge_patterns
from models.chunk import LogPatterns, PatternCount
from models.record import decode
from models.topic import LOG_PATTERNS, LOGS
from streams import machine
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import read_all
from streams.recording.intake_lag import intake_lag
from streams.settings import Settings
from tests.kafka.harness import WorkerProcess, until

KILLS = 10
BURST = 500
SERVICES = 6
BEGAN = 1782207720


TRACE = (
    "com.acme.OrderException: order failed", "\tat com.acme.Orders.place(Orders.java:40)",
    "\tat com.acme.Web.post(Web.java:7)", "Caused by: com.acme.StoreException: no room",
    "\tat com.acme.Store.save(Store.java:12)", "\t... 2 more",
)  # fmt: skip
"""Sent line by line; it counts once."""


def lines(first: int) -> list[dict[str, Any]]:
    """Make a burst of lines of several services and statements, in event-time order; some are traces."""
    burst = []
    for number in range(first, first + BURST):
        line = {"timestamp": BEGAN + number / 100, "service": f"service-{number % SERVICES}"}
        if number % 11 == 0:
            burst += [line | {"severity": "ERROR", "body": each} for each in TRACE]
        else:
            severity = "ERROR" if number % 7 == 0 else "INFO"
            body = f"order {number} {('placed', 'paid', 'sent')[number % 3]} after {number % 90} ms"
            burst.append(line | {"severity": severity, "body": body})
    return burst


async def counted(settings: Settings) -> Counter[tuple[str, int]]:
    """Add up what stands on `log-patterns` as its reader does: lines and errors by service."""
    ledgers: dict[bytes, Ledger[PatternCount]] = {}
    async for record in read_all(settings, [LOG_PATTERNS]):
        if b'"log_patterns"' in record.value[:40]:
            told = decode(LogPatterns, record.value)
            ledgers.setdefault(record.key, Ledger()).admit(told.chunk, told.buckets, merge_patterns)
    total: Counter[tuple[str, int]] = Counter()
    for key, ledger in ledgers.items():
        while (start := ledger.earliest()) is not None:
            for pattern in ledger.take(start, merge_patterns).values():
                total[key.decode(), 0] += pattern.count
                total[key.decode(), 1] += pattern.errors
    return total


async def test_every_line_counts_once_although_the_intake_is_killed_ten_times_under_load(
    settings: Settings, tmp_path: Path
) -> None:
    seed = machine.random_token(4)
    print(f"seed {seed}")
    chance = random.Random(seed)
    expected: Counter[tuple[str, int]] = Counter()
    sent = 0
    async with WorkerProcess(settings, tmp_path) as worker, Outbox(settings) as outbox:
        for _ in range(KILLS):
            strike_after = chance.randrange(6)
            for burst in range(8):
                for line in lines(sent):
                    if line["body"] not in TRACE[1:]:
                        expected[line["service"], 0] += 1
                        expected[line["service"], 1] += line["severity"] == "ERROR"
                    await outbox.send(LOGS, orjson.dumps(line), line["service"].encode())
                sent += BURST
                await outbox.flush()
                if burst == strike_after:
                    worker.kill_all()
            await worker.start().ready()

        async def all_read() -> bool:
            async with intake_lag(settings, [LOGS]) as lag:
                return await lag.behind() == 0

        await until(all_read, 60, lambda: f"records wait\n{worker.log()}")
    assert await counted(settings) == expected, f"seed {seed}"
