"""Is a stack trace that comes line by line counted once, wherever a partition is cut, also after crashes?"""

import random
from collections import Counter, deque
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.flow.ledger import Ledger
from detectors.intake.pattern_tally import merge_patterns
from detectors.intake.redaction import Redactor
from detectors.intake.trace_joining import MOST_OPEN, Recollection, TraceJoining
from detectors.mining.pattern import pattern_of
from detectors.topology import Catalog
from models.chunk import LogPatterns, PatternCount
from models.record import decode, encode
from streams.intake.chunk import IntakeChunk, take_chunk
from streams.intake.path import TRACE_WAIT_S, IntakePath, claim_of
from streams.kafka.lag import Lag
from tests.unit.detectors.incidents.builders import at
from tests.unit.detectors.intake.test_trace_assembly import KEY_LINES, TRACES

START = at("12:00").timestamp()
LATENESS_S = 5.0
REDACTOR = Redactor()
SERVICES = ("shop", "pay", "mail")


class Sent(NamedTuple):
    offset: int
    timestamp: int
    """When the broker appended it (epoch milliseconds)."""
    value: bytes


Lines = list[tuple[str, float, str]]
"""Service, event time after the start (s) and body of each."""

Counts = Counter[tuple[str, str, int, int, str]]
"""Lines and errors by service, template, bucket and sample."""


def a_line(service: str, after_s: float, body: str) -> dict[str, Any]:
    return {"timestamp": START + after_s, "service": service, "severity": "ERROR", "body": body}


def records_of(lines: Lines, batches: bool = False) -> list[Sent]:
    """Write each line as a record of its own; else now and then several as an array."""
    chance = random.Random(len(lines))
    records: list[Sent] = []
    left = deque(lines)
    while left:
        size = chance.choice([1, 1, 3]) if batches else 1
        part = [a_line(*left.popleft()) for _ in range(min(size, len(left)))]
        behind_s = chance.choice([0.0, 0.0, 0.5, 4.0])
        appended = int((max(each["timestamp"] for each in part) - behind_s) * 1000)
        value = msgspec.json.encode(part if len(part) > 1 else part[0])
        records.append(Sent(len(records), appended, value))
    return records


class Reader:
    """Reads what is sent as the one who counts does."""

    def __init__(self) -> None:
        self.ledgers: dict[str, Ledger[PatternCount]] = {}

    def take(self, path: IntakePath, chunk: IntakeChunk) -> None:
        for sent in chunk.outputs(path.name, path.epoch):
            told = decode(LogPatterns, encode(sent.value))
            self.ledgers.setdefault(told.service, Ledger()).admit(told.chunk, told.buckets, merge_patterns)

    def counts(self) -> Counts:
        total: Counts = Counter()
        for service, ledger in self.ledgers.items():
            while (start := ledger.earliest()) is not None:
                for each in ledger.take(start, merge_patterns).values():
                    total[service, each.template, start, each.errors, each.sample] += each.count
        return total


def taken_over(epoch: int, committed: tuple[int, str]) -> IntakePath:
    offset, metadata = committed
    path = IntakePath("logs:0", "logs", epoch, offset, Lag(5.0), 0.0, traces=TraceJoining(LATENESS_S))
    path.heads = claim_of(metadata).heads
    path.recollection = Recollection(path.heads)
    return path


def chunk_of(path: IntakePath, queue: "deque[Any]", most_bytes: int, *, is_silent: bool) -> IntakeChunk:
    taking = take_chunk(
        "logs", queue, Catalog(), REDACTOR, path.traces,
        most_bytes=most_bytes, most_record_bytes=1_000_000, is_silent=is_silent,
    )  # fmt: skip
    # Without an event loop, which costs more than the chunk: it waits for nothing but its next turn.
    try:
        while True:
            taking.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


def counted(records: list[Sent], chance: random.Random | None = None) -> Counts:
    """Count records as the intake does: in one piece, or fetched, cut, killed and taken over at random."""
    reader = Reader()
    committed = (0, "")
    epoch = 1
    path = taken_over(epoch, committed)
    position, clock = 0, 0.0
    while path.next_offset < len(records):
        clock += 2 * TRACE_WAIT_S
        fetched = len(records) if chance is None else chance.randint(0, 6)
        queue = path.recalled(deque(records[position : position + fetched]), REDACTOR)
        position = min(position + fetched, len(records))
        # Only at its very end is the partition silent.
        is_silent = path.release(queue, clock if position == len(records) or queue else 0.0)
        while queue:
            most_bytes = 10**9 if chance is None else chance.randint(1, 1_500)
            chunk = chunk_of(path, queue, most_bytes, is_silent=is_silent)
            path.withhold(chunk.withheld, clock)
            if chunk.end == chunk.first:
                continue
            fate = 1.0 if chance is None else chance.random()
            if fate < 0.2:
                break  # killed before anything was sent
            reader.take(path, chunk)
            if fate < 0.4:
                break  # killed before it was committed
            path.settle(chunk, at("12:00") - at("11:59:55"), clock)
            committed = (path.next_offset, path.claim(clock))
        else:
            continue
        epoch += 1
        path = taken_over(epoch, committed)
        position = path.read_from
    return reader.counts()


BODIES = [line for trace, _ in TRACES.values() for line in trace.split("\n")]
ODD = ["", "INFO ok", "  indented", "at noon", "Caused by: rain", "panic: no", "FooError: x", "order 5 paid"]


@st.composite
def partitions(draw: st.DrawFn) -> Lines:
    """Make whole traces and odd lines of some services, interleaved, in about the order of event time."""
    streams = []
    for service in SERVICES:
        pieces = draw(
            st.lists(st.sampled_from([*(trace for trace, _ in TRACES.values()), *ODD, *BODIES]), max_size=4)
        )
        streams.append([(service, line) for piece in pieces for line in piece.split("\n")])
    chance = draw(st.randoms(use_true_random=False))
    lines: Lines = []
    now = 0.0
    while any(streams):
        stream = chance.choice([each for each in streams if each])
        for _ in range(chance.randint(1, 6)):
            if stream:
                now += chance.choice([0.0, 0.01, 0.01, 0.4, 1.5, 6.0]) if chance.random() < 0.3 else 0.01
                service, body = stream.pop(0)
                lines.append((service, now - chance.choice([0.0, 0.0, 0.3]), body))
    return lines


@settings(deadline=None, max_examples=300, derandomize=True)
@given(lines=partitions(), seed=st.integers(0, 2**32), batches=st.booleans())
def test_traces_count_the_same_wherever_the_partition_is_cut_and_whoever_is_killed(
    lines: Lines, seed: int, batches: bool
) -> None:
    records = records_of(lines, batches)
    assert counted(records, random.Random(seed)) == counted(records)


@pytest.mark.parametrize("language", TRACES)
def test_a_trace_that_comes_line_by_line_is_one_statement_with_the_identity_of_the_whole(
    language: str,
) -> None:
    trace, identity = TRACES[language]
    apart = [("shop", number / 1000, line) for number, line in enumerate(trace.split("\n"))]
    whole: Lines = [("shop", 0.0, trace)]
    told = counted(records_of(apart))
    assert told == counted(records_of(whole))
    ((_, template, _, _, _),) = told
    assert (template, told.total()) == (pattern_of(identity)[1], 1)


def test_a_private_key_that_comes_line_by_line_is_gone_wherever_it_is_cut() -> None:
    key = ["-----BEGIN RSA PRIVATE KEY-----", *KEY_LINES, "-----END RSA PRIVATE KEY-----"]
    lines: Lines = [("shop", number / 100, line) for number, line in enumerate([*key, "started"])]
    for seed in range(20):
        told = counted(records_of(lines), random.Random(seed))
        assert {sample: count for (*_, sample), count in told.items()} == {"<private-key>": 1, "started": 1}


def test_the_traces_of_two_services_that_run_into_each_other_are_two() -> None:
    one, other = (TRACES[language][0].split("\n") for language in ("java", "python"))
    lines = []
    for number in range(max(len(one), len(other))):
        lines += [("shop", number / 100, one[number])] if number < len(one) else []
        lines += [("pay", number / 100, other[number])] if number < len(other) else []
    told = counted(records_of(lines))
    assert {service: count for (service, *_), count in told.items()} == {"shop": 1, "pay": 1}


def test_what_is_read_again_begins_at_the_trace_that_is_open_and_at_none_before_it() -> None:
    lines: Lines = [("shop", 0.0, line) for line in TRACES["java"][0].split("\n")]
    path = taken_over(1, (0, ""))
    chunk = chunk_of(path, deque(records_of(lines + lines)), 10**9, is_silent=False)
    assert chunk.heads == [(len(lines), 0)]


def test_lines_of_a_service_that_pauses_are_not_one_trace() -> None:
    head, frame, *_ = TRACES["java"][0].split("\n")
    assert counted(records_of([("shop", 0.0, head), ("shop", 0.9, frame)])).total() == 1
    assert counted(records_of([("shop", 0.0, head), ("shop", 1.5, frame)])).total() == 2


def of_a_dying_service(then: Lines) -> list[Sent]:
    return records_of([*(("shop", 0.0, line) for line in TRACES["java"][0].split("\n")), *then])


def test_the_last_record_waits_for_the_next_line_of_a_trace_and_no_longer_than_the_stated_time() -> None:
    path = taken_over(1, (0, ""))
    records = of_a_dying_service([])
    queue: deque[Any] = deque(records)
    first = chunk_of(path, queue, 10**9, is_silent=False)
    path.withhold(first.withheld, 100.0)
    assert (first.end, first.withheld, len(queue)) == (len(records) - 1, records[-1], 0)
    assert list(first.outputs("logs:0", 1)) == []

    assert not path.release(queue, 100.0 + TRACE_WAIT_S / 2)
    assert not queue
    assert path.release(queue, 100.0 + TRACE_WAIT_S)
    last = chunk_of(path, queue, 10**9, is_silent=True)
    (told,) = last.outputs("logs:0", 1)
    assert [each.count for bucket in told.value.buckets.values() for each in bucket.values()] == [1]
    assert (last.end, last.heads, last.held_from) == (len(records), [], None)


def test_time_is_complete_only_up_to_the_first_line_that_is_held() -> None:
    path = taken_over(1, (0, ""))
    records = of_a_dying_service([("pay", each, "order 5 paid") for each in (4.0, 4.9, 5.2)])
    lateness = at("12:00:01") - at("12:00:00")
    reached: list[datetime | None] = []
    for part in (records[:-1], records[-1:]):
        queue = deque([*part])
        path.release(queue, 0.0)
        chunk = chunk_of(path, queue, 10**9, is_silent=False)
        path.withhold(chunk.withheld, 0.0)
        path.settle(chunk, lateness, 0.0)
        reached.append(path.watermark)
    assert reached == [at("12:00"), at("12:00")]
    path.release(queue, TRACE_WAIT_S)
    path.settle(chunk_of(path, queue, 10**9, is_silent=True), lateness, 0.0)
    assert path.watermark == at("12:00:05.2") - lateness


def test_a_service_that_has_died_in_the_middle_of_its_trace_does_not_hold_up_the_others_for_long() -> None:
    then: Lines = [("pay", number, f"order {number} paid") for number in range(1, 9)]
    path = taken_over(1, (0, ""))
    chunk = chunk_of(path, deque(of_a_dying_service(then)), 10**9, is_silent=False)
    assert (chunk.heads, chunk.held_from, chunk.withheld) == ([], None, None)


def test_a_fast_clock_does_not_keep_a_trace_open() -> None:
    head, *_ = TRACES["java"][0].split("\n")
    then: Lines = [("pay", number, f"order {number} paid") for number in range(1, 9)]
    fast = Sent(0, int(START * 1000), msgspec.json.encode(a_line("shop", 3000.0, head)))
    later = [each._replace(offset=each.offset + 1) for each in records_of(then)]
    path = taken_over(1, (0, ""))
    assert chunk_of(path, deque([fast, *later]), 10**9, is_silent=False).heads == []


def test_what_is_committed_of_open_traces_is_bounded() -> None:
    head = TRACES["java"][0].split("\n")[0]
    lines: Lines = [(f"service-{number}", 0.001 * number, head) for number in range(3 * MOST_OPEN)]
    records = [each._replace(offset=10**15 + each.offset) for each in records_of(lines)]
    path = taken_over(1, (0, ""))
    path.settle(chunk_of(path, deque(records), 10**9, is_silent=False), at("12:00") - at("11:59"), 0.0)
    assert len(path.heads) == MOST_OPEN
    assert len(path.claim(0.0)) < 4096
    assert counted(records_of(lines), random.Random(7)) == counted(records_of(lines))
