import asyncio
import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError

from models.record import encode
from models.topic import INPUTS, Outgoing
from models.triage import NextAction
from streams import machine
from streams.kafka.outbox import Outbox, RecordTooLargeError
from streams.kafka.topic_reader import read_all
from streams.recording.publisher import publish
from streams.settings import Settings

START = 1782205200.0


def a_log(second: float, service: str = "cart", body: str = "ok") -> dict[str, object]:
    return {"kind": "log", "timestamp": START + second, "service": service, "body": body}


def a_recording(folder: Path, *events: object) -> Path:
    path = folder / "some.ndjson"
    path.write_text("".join((e if isinstance(e, str) else json.dumps(e)) + "\n" for e in events))
    return path


async def sent(settings: Settings) -> dict[tuple[str, int], list[bytes]]:
    """Read what is on the input topics, by topic and partition."""
    found: dict[tuple[str, int], list[bytes]] = defaultdict(list)
    async for record in read_all(settings, INPUTS):
        found[record.topic.removeprefix(settings.topic_prefix), record.partition].append(record.value)
    return found


def heartbeats(records: list[bytes]) -> list[dict[str, object]]:
    return [each for each in map(json.loads, records) if each["kind"] == "heartbeat"]


def lines(records: list[bytes]) -> list[bytes]:
    return [each for each in records if json.loads(each)["kind"] != "heartbeat"]


async def test_lines_arrive_byte_for_byte_in_order_and_broken_ones_are_told(
    settings: Settings, tmp_path: Path
) -> None:
    odd = '{"body": "spaces  kept", "kind":"log" ,"timestamp":1782205200,"service":"cart"}'
    alert = {"kind": "alert", "timestamp": START + 9, "service": "cart", "name": "Slow", "status": "firing"}
    path = a_recording(tmp_path, odd, *[a_log(n) for n in range(1, 5000)], "oops", alert)
    published = await publish(settings, [path])
    assert published.counts == {"logs": 5000, "alerts": 1}
    assert [(each.number, each.path) for each in published.broken] == [(5001, path)]
    expected = path.read_bytes().splitlines()
    found = await sent(settings)
    (cart,) = [part for part in (lines(found["logs", number]) for number in (0, 1)) if part]
    assert cart == expected[:5000]
    assert [line for number in (0, 1) for line in lines(found["alerts", number])] == expected[5001:]


async def test_every_partition_hears_of_progress_behind_the_lines_and_of_the_end(
    settings: Settings, tmp_path: Path
) -> None:
    path = a_recording(tmp_path, *[a_log(n * 0.01, service=f"s{n % 7}") for n in range(10_000)])
    await publish(settings, [path])
    found = await sent(settings)
    assert set(found) == {(topic, number) for topic in INPUTS for number in (0, 1)}
    for records in found.values():
        beats = heartbeats(records)
        assert len(beats) >= 6
        assert [each["next_within_s"] for each in beats[:-1]] == [60.0] * (len(beats) - 1)
        assert beats[-1] == {
            "kind": "heartbeat",
            "timestamp": "2026-06-23T09:01:39.990000Z",
            "next_within_s": 0.0,
        }
        said = ""
        for record in map(json.loads, records):
            if record["kind"] == "heartbeat":
                assert record["timestamp"] >= said
                said = record["timestamp"]
            elif said:
                # Nothing older than what a heartbeat has said comes after it.
                assert record["timestamp"] >= moment(said)


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def test_a_speed_is_kept_and_heartbeats_go_on_while_nothing_happens(
    settings: Settings, tmp_path: Path
) -> None:
    path = a_recording(tmp_path, a_log(0), a_log(100))
    started = machine.monotonic()
    published = await publish(settings, [path], speed=100)
    assert 1.0 <= published.took_s <= machine.monotonic() - started
    said = [each["timestamp"] for each in heartbeats((await sent(settings))["spans", 1])]
    assert said == sorted(said)  # type: ignore[type-var]
    assert len(set(said)) >= 4


async def test_a_publisher_that_is_interrupted_says_that_it_has_ended(
    settings: Settings, tmp_path: Path
) -> None:
    publishing = asyncio.create_task(
        publish(settings, [a_recording(tmp_path, a_log(0), a_log(3600))], speed=1)
    )
    async with asyncio.timeout(10):
        while not heartbeats((await sent(settings))["spans", 1]):
            await asyncio.sleep(0.05)
        publishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await publishing
    for records in (await sent(settings)).values():
        assert heartbeats(records)[-1]["next_within_s"] == 0.0


async def test_a_shifted_recording_ends_now_and_keeps_its_distances(
    settings: Settings, tmp_path: Path
) -> None:
    path = a_recording(tmp_path, a_log(0), a_log(33.5))
    published = await publish(settings, [path], shift_to_now=True)
    now = machine.now().timestamp()
    found = await sent(settings)
    times = [json.loads(each)["timestamp"] for number in (0, 1) for each in lines(found["logs", number])]
    assert times == [START + published.shift_s, START + 33.5 + published.shift_s]
    assert now - 20 < times[1] <= now
    last = heartbeats(found["alerts", 0])[-1]
    assert moment(str(last["timestamp"])) == times[1]


async def test_a_line_beyond_the_largest_input_is_told_and_passed_over(
    settings: Settings, tmp_path: Path
) -> None:
    path = a_recording(
        tmp_path, a_log(0, body="x" * (settings.max_input_bytes + 1)), a_log(1, body="y" * 3_000_000)
    )
    published = await publish(settings, [path])
    assert published.counts == {"logs": 1}
    assert "16,777,216 are allowed" in published.broken[0].reason
    assert "'cart'" in published.broken[0].reason


async def test_at_full_speed_a_publisher_waits_for_a_running_intake(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.recording.publisher.MOST_BEHIND", 1000)
    monkeypatch.setattr("streams.recording.publisher.LAG_CHECK_LINES", 500)
    path = a_recording(tmp_path, *[a_log(n * 0.01) for n in range(3000)])
    intake = AIOKafkaConsumer(
        *(settings.topic_prefix + topic for topic in INPUTS),
        **settings.connection(),
        group_id=settings.group("intake"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await intake.start()
    try:
        publishing = asyncio.create_task(publish(settings, [path]))
        seen = 0
        while seen < 1000:
            seen += sum(map(len, (await intake.getmany(timeout_ms=100)).values()))
        assert await asyncio.wait_for(_still_waits(publishing), 5)
        while not publishing.done():
            await intake.getmany(timeout_ms=100)
            await intake.commit()
        assert (await publishing).counts == {"logs": 3000}
    finally:
        await intake.stop()


async def _still_waits(publishing: "asyncio.Task[object]") -> bool:
    done, _ = await asyncio.wait([publishing], timeout=1.0)
    return not done


async def test_deliver_refuses_a_record_that_is_too_large_and_sends_none(settings: Settings) -> None:
    small = Outgoing(topic="signals", key="a", value=NextAction(text="t", why="w", evidence=[]))
    large = Outgoing(
        topic="signals", key="b", value=NextAction(text="t" * settings.max_record_bytes, why="", evidence=[])
    )
    async with Outbox(settings) as outbox:
        with pytest.raises(RecordTooLargeError, match="signals with key 'b'"):
            await outbox.deliver([small, large])
        assert [each async for each in read_all(settings, ["signals"])] == []
        await outbox.deliver([small] * 3)
    values = [each.value async for each in read_all(settings, ["signals"])]
    assert values == [encode(small.value)] * 3


async def test_without_a_broker_the_connection_error_comes_soon_and_nothing_stays_open() -> None:
    nowhere = Settings(bootstrap_servers=f"127.0.0.1:{machine.free_port()}")
    with pytest.raises(KafkaConnectionError):
        async with asyncio.timeout(10), Outbox(nowhere):
            pass
