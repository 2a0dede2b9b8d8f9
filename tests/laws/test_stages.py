"""What every stage keeps, whatever it concludes: crashes, ticks and repetitions change nothing.

The records are those that the stages got from recordings of our own, taped on their way.
"""

import random
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import orjson
import pytest

from detectors.archive import Archive
from detectors.flow.partition import Kept, Partition, Position
from detectors.flow.stage import Stage
from detectors.incidents.correlation import Correlator
from detectors.intake.folding import Fold
from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline, symptom_stages
from detectors.symptoms.bucket_stage import BucketStage
from detectors.symptoms.log_signature import LogSignatures
from detectors.symptoms.span_shift import SpanShifts
from detectors.symptoms.trace_shift import TraceShifts
from detectors.topology import Catalog
from models import topic
from models.chunk import Chunk, LogPatterns, PatternCount
from models.event import Change, Event, LogRecord, Metric, Span
from models.record import decode, encode
from models.tick import Progress, Tick
from models.topic import Outgoing
from streams.catalog.backstage import read as read_catalog
from streams.recording.reading import TOPIC_OF_KIND
from tests.golden import SCENARIOS
from tests.policy import POLICY

LATENESS = timedelta(seconds=5)
Records = list[tuple[str, Any]]
"""Keys and records in the order of one partition."""


@dataclass(frozen=True)
class Tape:
    """What one stage got from one recording."""

    stage: Stage[Any]
    records: Records


class _Taping(Partition[Any]):
    def __init__(self, partition: Partition[Any], records: Records) -> None:
        self.__dict__.update(partition.__dict__)
        self.records = records

    def take(self, offset: int, key: str, record: object) -> list[Outgoing]:
        self.records.append((key, record))
        return super().take(offset, key, record)


@cache
def tapes(name: str) -> dict[str, Tape]:
    scenario = SCENARIOS[name]
    catalog = Catalog(read_catalog([scenario.catalog]))
    pipeline = Pipeline(catalog, LATENESS, POLICY, Redactor(), scenario.schedules)
    taped: dict[str, Tape] = {}

    def taping(partition: Partition[Any]) -> Partition[Any]:
        tape = taped[partition.stage.table] = Tape(partition.stage, [])
        return _Taping(partition, tape.records)

    pipeline._partitions = [taping(each) for each in pipeline._partitions]
    pipeline._correlator = taping(pipeline._correlator)
    drafts: Records = []
    for number, event in enumerate(scenario.recording(), start=1):
        sent = list(pipeline.feed(TOPIC_OF_KIND[event["kind"]], orjson.dumps(event)))
        if number % 40 == 0 and pipeline._newest is not None:
            sent += pipeline.pass_time(pipeline._newest - LATENESS)
        drafts += [(each.key, each.value) for each in sent if each.topic == topic.POSTMORTEMS]
    drafts += [(each.key, each.value) for each in pipeline.end() if each.topic == topic.POSTMORTEMS]
    taped[Archive.table] = Tape(Archive(), drafts)
    return taped


TABLES = [*(each.table for each in symptom_stages(Catalog)), Correlator.table, Archive.table]
each_stage = pytest.mark.parametrize("table", TABLES)


def tape_of(table: str) -> Tape:
    # Only the outage of the checkout shows in spans, and only the silent printer in what logs no longer say.
    recordings = {
        SpanShifts.table: "checkout_outage",
        TraceShifts.table: "checkout_outage",
        LogSignatures.table: "silent_printer",
    }
    return tapes(recordings.get(table, "two_scopes"))[table]


def partition_of(stage: Stage[Any], written: tuple[bytes, dict[str, bytes]] | None = None) -> Partition[Any]:
    """Give a partition as it comes out of its table, where states and position are JSON."""
    if written is None:
        return Partition(stage, 0, stage.paths(1), Position(epoch=1))
    kind = Kept.__class_getitem__(stage.state_type)  # type: ignore[attr-defined]
    kept = {key: msgspec.json.decode(value, type=kind) for key, value in written[1].items()}
    return Partition(stage, 0, stage.paths(1), msgspec.json.decode(written[0], type=Position), kept)


def states(partition: Partition[Any]) -> dict[str, bytes]:
    return {
        key: msgspec.json.encode(each)
        for key, each in partition.kept.items()
        if each.state != partition.stage.start(key)
    }


def lines(sent: Iterable[Outgoing]) -> set[tuple[str, str, bytes]]:
    return {(each.topic, each.key, encode(each.value)) for each in sent}


def run(stage: Stage[Any], records: Records) -> tuple[set[tuple[str, str, bytes]], dict[str, Any]]:
    """Give everything that is sent, and the states at the end without the offsets they include."""
    partition = partition_of(stage)
    sent = [each for offset, record in enumerate(records) for each in partition.take(offset, *record)]
    return lines(sent), {key: orjson.loads(each)["state"] for key, each in states(partition).items()}


def ticks(records: Records) -> list[int]:
    return [index for index, (_, record) in enumerate(records) if isinstance(record, Tick)]


def time_of(tick: Tick) -> datetime:
    return min(each.watermark for each in tick.paths.values() if each.watermark is not None)


@each_stage
def test_the_recording_gives_the_stage_something_to_do(table: str) -> None:
    sent, _ = run(tape_of(table).stage, tape_of(table).records)
    assert sent
    assert table == Archive.table or len(ticks(tape_of(table).records)) > 100


def test_the_recording_of_the_log_stage_holds_all_that_it_tells_of() -> None:
    stage, records = tape_of("log-signatures").stage, tape_of("log-signatures").records
    assert any(isinstance(record, Change) for _, record in records)
    told = [orjson.loads(each) for _, _, each in run(stage, records)[0]]
    kinds = {each.get("symptom_kind", each["kind"]) for each in told}
    assert kinds >= {
        "signature_merged", "new_signature", "surging_signature", "vanished_signature", "silent_service",
        "deploy_comparison",
    }  # fmt: skip
    compared = [each["comparison"] for each in told if "comparison" in each]
    assert {each.get("by_version", False) for each in compared} == {True, False}
    assert {each["lift"]["value"] for each in told if "lift" in each} == {"v12"}
    assert any("carrier-7" in each.get("concentration", {}).get("tenant", {}) for each in told)
    assert any(pattern.crowds for pattern in _patterns(records))


def _patterns(records: Records) -> Iterable[PatternCount]:
    for _, record in records:
        if isinstance(record, LogPatterns):
            for contents in record.buckets.values():
                yield from contents.values()


@each_stage
def test_a_crash_at_any_point_changes_neither_what_is_sent_nor_what_is_remembered(table: str) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    undisturbed = partition_of(stage)
    expected = lines(
        each for offset, record in enumerate(records) for each in undisturbed.take(offset, *record)
    )
    chance = random.Random(f"crashes of {table}")
    for _ in range(12):
        place = chance.randrange(len(records))
        crash = min(len(records), place + chance.randrange(1, 200))
        partition = partition_of(stage)
        sent: list[Outgoing] = []
        for offset, record in enumerate(records[:place]):
            sent += partition.take(offset, *record)
        position, table_of_states = msgspec.json.encode(partition.position), states(partition)
        partition.written()
        for offset, record in enumerate(records[place:crash], start=place):
            sent += partition.take(offset, *record)
        # Of the checkpoint at the crash some states were written, the position was not.
        for key in sorted(partition.changed):
            if chance.random() < 0.5:
                table_of_states[key] = msgspec.json.encode(partition.kept[key])
        again = partition_of(stage, (position, table_of_states))
        for offset, record in enumerate(records[place:], start=place):
            sent += again.take(offset, *record)
        assert lines(sent) == expected, (place, crash)
        assert states(again) == states(undisturbed), (place, crash)


@each_stage
@pytest.mark.parametrize("every", [2, 7, 1_000_000])
def test_coarser_ticks_change_nothing(table: str, every: int) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    ticking = ticks(records)
    left = {index for number, index in enumerate(ticking) if number % every and index != ticking[-1]}
    coarse = [record for index, record in enumerate(records) if index not in left]
    assert run(stage, coarse) == run(stage, records)


@each_stage
def test_finer_and_repeated_ticks_change_nothing(table: str) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    fine: Records = []
    before: datetime | None = None
    for key, record in records:
        if isinstance(record, Tick):
            now = time_of(record)
            for share in (0.1, 0.5, 0.9):
                if before is not None and now - before < timedelta(days=1):
                    between = before + share * (now - before)
                    paths = dict.fromkeys(record.paths, Progress(epoch=1, watermark=between))
                    fine += [("", Tick(paths=paths))] * 2
            before = now
        fine.append((key, record))
    assert run(stage, fine) == run(stage, records)


def test_signals_may_come_in_any_order_that_the_watermark_allows() -> None:
    stage, records = tape_of(Correlator.table).stage, tape_of(Correlator.table).records
    chance = random.Random("order")
    ticking = [(index, time_of(records[index][1])) for index in ticks(records)]
    expected = run(stage, records)
    for _ in range(5):
        placed = []
        for index, (key, record) in enumerate(records):
            if isinstance(record, Event):
                latest = next((at for at, now in ticking if now > record.timestamp), len(records))
                first = max(0, latest - 300)
                placed.append((chance.uniform(first, latest), (key, record)))
            else:
                placed.append((float(index), (key, record)))
        placed.sort(key=lambda each: each[0])
        sent, remembered = run(stage, [each for _, each in placed])
        assert sent == expected[0]
        assert _without_order(remembered) == _without_order(expected[1])


def _without_order(remembered: dict[str, Any]) -> dict[str, Any]:
    """Leave out in which order event ids were seen; it is the order of arrival."""
    return {key: {**state, "seen": sorted(state["seen"])} for key, state in remembered.items()}


@each_stage
def test_a_record_that_comes_twice_changes_nothing(table: str) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    chance = random.Random("twice")
    doubled: Records = []
    for index, record in enumerate(records):
        doubled.append(record)
        if chance.random() < 0.3:
            doubled.append(record)
        if table == Correlator.table and chance.random() < 0.1:
            # What a producer or the intake sends again comes with a delay, and may then be late.
            doubled.append(records[max(0, index - chance.randrange(50))])
    if table == Correlator.table:
        doubled = [each for each in doubled if not isinstance(each[1], Tick)]
        doubled = _with_ticks_of(records, doubled)
    assert run(stage, doubled) == run(stage, records)


def _with_ticks_of(records: Records, doubled: Records) -> Records:
    """Put each tick where it stood: before the first record that came after it."""
    found: Records = []
    rest = list(doubled)
    for key, record in records:
        if isinstance(record, Tick):
            found.append((key, record))
        else:
            while rest:
                found.append(rest.pop(0))
                if found[-1][1] is record:
                    break
    return found + rest


@each_stage
def test_a_stage_does_not_change_the_records_that_it_gets(table: str) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    before = [encode(record) for _, record in records]
    run(stage, records)
    assert [encode(record) for _, record in records] == before


@each_stage
def test_records_read_from_their_bytes_give_the_same(table: str) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    wired = [(key, decode(stage.record_type, encode(record))) for key, record in records]
    assert run(stage, wired) == run(stage, records)


@each_stage
def test_nothing_happens_up_to_the_moment_that_is_said_to_be_due(table: str) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    partition = partition_of(stage)
    for offset, record in enumerate(records):
        partition.take(offset, *record)
        if offset % 97 == 0:
            for kept in partition.kept.values():
                due = stage.due_at(kept.state)
                state = deepcopy(kept.state)
                if due is not None:
                    assert list(stage.advance(state, due)) == []
                    assert state == kept.state


STORMS: dict[str, Callable[[str, datetime], Event]] = {
    topic.LOGS: lambda word, at: LogRecord(
        timestamp=at, service="web", body=f"{word} failed {'at length ' * 60}", severity="error"
    ),
    topic.METRICS: lambda word, at: Metric(
        timestamp=at, service="web", name=f"queue.{word}.depth", value=float(len(word))
    ),
    topic.SPANS: lambda word, at: Span(
        timestamp=at, service="web", name=f"GET /{word}", duration_ms=12.5, trace_id=word, span_id=word
    ),
}
"""By input topic: what a service sends that makes up a new name each time."""


@pytest.mark.parametrize("stage", symptom_stages(Catalog), ids=lambda each: each.table)
def test_a_storm_of_distinct_names_keeps_the_state_of_its_service_well_under_a_megabyte(
    stage: BucketStage[Any, Any],
) -> None:
    start = datetime(2026, 6, 23, 12, tzinfo=UTC)
    state = stage.start("web")
    largest = 0
    for number in range(24):
        bucket, path = divmod(number, 3)
        fold = Fold(Redactor())
        for index in range(2_400):
            word = "".join(chr(97 + (number * 2_400 + index) // 26**place % 26) for place in range(5))
            fold.add(STORMS[stage.inputs](word, start + timedelta(seconds=10 * bucket)))
        chunk = Chunk(source=f"{stage.inputs}:{path}", epoch=1, first=bucket, end=bucket + 1)
        for record in fold.records(stage.inputs, chunk):
            if record.topic == stage.source:
                list(stage.fold(state, record.value))
        largest = max(largest, len(msgspec.json.encode(state)))
        list(stage.advance(state, start + timedelta(seconds=10 * (bucket - 1), microseconds=1)))
    assert stage.counts(state).left_out > 10_000
    assert largest < 500_000


@each_stage
def test_the_state_of_one_key_stays_well_under_a_megabyte(table: str) -> None:
    stage, records = tape_of(table).stage, tape_of(table).records
    partition = partition_of(stage)
    for offset, record in enumerate(records):
        partition.take(offset, *record)
    assert max((len(each) for each in states(partition).values()), default=0) < 500_000
