from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from detectors.intake.redaction import Redactor
from detectors.intake.trace_joining import TraceJoining
from detectors.topology import Catalog
from streams.intake.chunk import IntakeChunk, take_chunk
from tests.unit.detectors.incidents.builders import at


class Sent(NamedTuple):
    offset: int
    timestamp: int
    """When the broker appended it (epoch milliseconds)."""
    value: bytes


async def chunk_of(*moments: tuple[datetime, datetime]) -> IntakeChunk:
    """Take lines of which each is given by its event time and the time at which it was appended."""
    records: deque[Any] = deque(
        Sent(
            number,
            int(appended.timestamp() * 1000),
            orjson.dumps({"kind": "log", "timestamp": happened, "service": "web", "body": "x"}),
        )
        for number, (happened, appended) in enumerate(moments)
    )
    return await take_chunk(
        "logs", records, Catalog(), Redactor(), TraceJoining(5.0), most_bytes=10_000, most_record_bytes=10_000
    )


async def test_a_producer_with_a_fast_clock_does_not_carry_the_watermark_ahead_of_the_broker_s() -> None:
    fast = at("12:00:10") + timedelta(minutes=50)
    chunk = await chunk_of(
        (at("12:00:09"), at("12:00:10")), (fast, at("12:00:10")), (at("12:00:10"), at("12:00:11"))
    )
    assert chunk.newest == at("12:00:10")
    assert chunk.refused == []


async def test_an_old_recording_carries_its_own_time() -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    chunk = await chunk_of((at("12:00:09"), now), (at("12:00:19"), now))
    assert chunk.newest == at("12:00:19")


async def test_an_event_more_than_an_hour_ahead_of_the_broker_s_clock_is_refused_and_has_no_time() -> None:
    chunk = await chunk_of((at("12:00"), at("12:00")), (at("13:01"), at("12:00")))
    assert [refusal.error.reason for _, refusal in chunk.refused] == ["time_in_future"]
    assert (chunk.newest, chunk.end) == (at("12:00"), 2)
