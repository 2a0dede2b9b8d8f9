from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.flow.ledger import merge_into
from detectors.flow.sketch import merge_sketches
from detectors.intake.folding import Fold, merge_spans
from detectors.intake.pattern_tally import log_severity, merge_patterns
from detectors.intake.plain_line import plain_lines
from detectors.intake.reading import read, sound_lines
from detectors.intake.redaction import Redactor
from detectors.intake.trace_joining import TraceJoining
from models import topic
from models.chunk import Chunk, TraceSamples
from models.event import Event, LogRecord, Metric, Span
from models.record import encode
from tests.unit.detectors.incidents.builders import at
from tests.unit.detectors.intake.test_redaction import SECRETS

REDACTOR = Redactor()
CHUNK = Chunk(source="logs:0", epoch=1, first=0, end=100)
MERGE = {topic.LOGS: merge_patterns, topic.METRICS: merge_sketches, topic.SPANS: merge_spans}

moments = st.integers(0, 45_000).map(lambda ms: at("12:00") + timedelta(milliseconds=ms))
services = st.sampled_from(["checkout-api", "payments"])
values = st.floats(-1e6, 1e6, allow_nan=False) | st.sampled_from([0.0, 1.0, 1e-9])

logs = st.builds(
    LogRecord,
    timestamp=moments,
    service=services,
    body=st.sampled_from(["order 5 placed", "order 6 placed", "order 7 refused", "timeout"]),
    severity=st.sampled_from(["INFO", "ERROR", "warn", "loud", None]),
)
metrics = st.builds(
    Metric, timestamp=moments, service=services, name=st.sampled_from(["cpu", "memory"]), value=values
)
spans = st.builds(
    Span,
    timestamp=moments,
    service=services,
    name=st.sampled_from(["GET /", "POST /pay"]),
    duration_ms=values.map(abs),
    status=st.sampled_from(["ok", "error", None]),
    peer_service=st.sampled_from(["payments", None]),
)

each_kind = pytest.mark.parametrize(
    ("source", "events"), [(topic.LOGS, logs), (topic.METRICS, metrics), (topic.SPANS, spans)]
)


def folded(source: str, events: list[Event]) -> dict[str, Any]:
    fold = Fold(REDACTOR)
    for event in events:
        fold.add(event)
    return {each.key: each.value.buckets for each in fold.records(source, CHUNK)}


@each_kind
@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.data())
def test_the_order_of_events_does_not_matter(source: str, events: Any, data: st.DataObject) -> None:
    given_ = data.draw(st.lists(events, max_size=12))
    shuffled = data.draw(st.permutations(given_))
    assert folded(source, shuffled) == folded(source, given_)


@each_kind
@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.data())
def test_chunks_cut_anywhere_merge_to_the_same(source: str, events: Any, data: st.DataObject) -> None:
    given_ = data.draw(st.lists(events, max_size=12))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(given_)), max_size=4)))
    total: dict[str, Any] = {}
    for first, end in zip([0, *cuts], [*cuts, len(given_)], strict=True):
        for service, buckets in folded(source, given_[first:end]).items():
            merge_into(total.setdefault(service, {}), buckets, MERGE[source])
    assert total == folded(source, given_)


def test_an_event_falls_into_the_ten_seconds_in_which_it_happened() -> None:
    lines = [
        LogRecord(timestamp=at(time), service="a", body="x")
        for time in ("12:00:09.999", "12:00:10", "12:00:19.9")
    ]
    starts = folded(topic.LOGS, lines)["a"]
    assert {start - int(at("12:00").timestamp()): sum(p.count for p in each.values())
            for start, each in starts.items()} == {0: 1, 10: 2}  # fmt: skip


def test_the_earliest_line_is_the_sample_and_secrets_are_gone_from_it() -> None:
    secret = "hunter" + "222"
    lines = [
        LogRecord(timestamp=at("12:00:05"), service="a", body=f"login with password={secret}5"),
        LogRecord(timestamp=at("12:00:02"), service="a", body=f"login with password={secret}7"),
    ]
    buckets = folded(topic.LOGS, lines)["a"]
    (contents,) = buckets.values()
    (pattern,) = contents.values()
    assert (pattern.count, pattern.sample) == (2, "login with password=<secret>")
    assert pattern.first_at == at("12:00:02").timestamp()
    assert pattern.last_at == at("12:00:05").timestamp()


def test_the_worst_severity_of_a_pattern_stays_and_errors_are_counted() -> None:
    sent = ["info", "CRITICAL", "err", "whatever", None]
    lines = [LogRecord(timestamp=at("12:00"), service="a", body="x", severity=each) for each in sent]
    (contents,) = folded(topic.LOGS, lines)["a"].values()
    (pattern,) = contents.values()
    assert (pattern.severity, pattern.errors, pattern.count) == ("fatal", 2, 5)


def test_a_severity_that_is_not_known_is_called_unknown() -> None:
    assert [log_severity(each) for each in ("Warning", "SEVERE", "loud", "", None)] == [
        "warn", "error", "unknown", "unknown", "unknown",
    ]  # fmt: skip


def test_a_failed_span_counts_as_an_error_however_its_status_is_written() -> None:
    failed = ["error", "ERROR", "STATUS_CODE_ERROR", "2", "failed", "Failure"]
    sent = [*failed, "ok", "unset", "STATUS_CODE_OK", "0", "1", "", None]
    spans = [
        Span(timestamp=at("12:00"), service="a", name="n", duration_ms=1.0, status=each) for each in sent
    ]
    (contents,) = folded(topic.SPANS, spans)["a"].values()
    assert [each.errors for each in contents.values()] == [len(failed)]


def test_the_calls_to_each_service_are_counted_apart() -> None:
    spans = [
        Span(timestamp=at("12:00"), service="a", name="GET /", duration_ms=1.0, peer_service=each)
        for each in ("b", "c", None, "c")
    ]
    (contents,) = folded(topic.SPANS, spans)["a"].values()
    assert {stats.peer: stats.durations.count for stats in contents.values()} == {"b": 1, "c": 2, "": 1}


def test_secrets_in_names_are_gone_too() -> None:
    secret = "jane" + "@example.org"
    events = [
        Metric(timestamp=at("12:00"), service=f"mail {secret}", name=f"to {secret}", value=1.0),
        Span(
            timestamp=at("12:00"),
            service="a",
            name=f"to {secret}",
            duration_ms=1.0,
            peer_service=f"x {secret}",
        ),
    ]
    for source, event in zip((topic.METRICS, topic.SPANS), events, strict=True):
        fold = Fold(REDACTOR)
        fold.add(event)
        for record in fold.records(source, CHUNK):
            assert secret not in record.key
            assert secret.encode() not in encode(record.value)


def test_the_size_of_a_fold_is_not_far_below_that_of_its_records() -> None:
    fold = Fold(REDACTOR)
    for number in range(300):
        word = "".join(chr(97 + int(digit)) for digit in f"{number:04d}")
        fold.add(LogRecord(timestamp=at("12:00"), service="a", body=f"{word} {'text ' * 150}"))
    written = sum(len(encode(each.value)) for each in fold.records(topic.LOGS, CHUNK))
    assert written < 1.5 * fold.size


def test_a_sample_that_was_cut_says_so() -> None:
    lines = [LogRecord(timestamp=at("12:00"), service="a", body=each) for each in ("x" * 500, "y" * 501)]
    (contents,) = folded(topic.LOGS, lines)["a"].values()
    assert {each.sample for each in contents.values()} == {"x" * 500, "y" * 499 + "…"}


BODIES = [
    "payment {} failed after {} ms",
    "card 4111 1111 1111 {} was charged",
    "ERROR order {} not found",
    "login of user{}@shop.test",
    '{{"message": "order {} placed", "level": "warn"}}',
    "token=abc{}",
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(BODIES), st.integers(0, 9_999), st.integers(0, 25),
            st.sampled_from(["INFO", "ERROR", None]), st.sampled_from([None, {"region": "eu"}]),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_what_was_remembered_of_earlier_lines_changes_no_count(told: list[tuple[Any, ...]]) -> None:
    short, long = Fold(REDACTOR), Fold(REDACTOR)
    for body, number, second, severity, attributes in told:
        fields = {
            "service": "pay", "severity": severity, "attributes": attributes,
            "body": body.format(number, number), "timestamp": 1782207720 + second,
        }  # fmt: skip
        data = msgspec.json.encode(fields)
        short.add_lines(sound_lines([data]))
        plain_lines(REDACTOR).forget()
        for event in read(topic.LOGS, data, Redactor()):
            long.add(event)
    assert list(short.records(topic.LOGS, CHUNK)) == list(long.records(topic.LOGS, CHUNK))


HEX = "0123456789abcdef"
ORDINARY = (
    "order",
    "took ms",
    "api",
    "key",
    "author",
    "high",
    "session",
    "id",
    "=",
    '="a',
    '"',
    "...",
    "4111 1111",
)
HEADS = (
    "java.lang.IllegalStateException: no",
    "com.acme.Orders:",
    "com.acme.Orders",
    "panic: no",
    "fatal error: no",
    "Traceback (most recent call last):",
)
FRAMES = (
    "\tat com.acme.Orders.place(Orders.java:7)",
    '  File "orders.py", line 7, in place',
    "goroutine 1 [running]:",
)
pieces = st.one_of(
    st.sampled_from(ORDINARY),
    st.sampled_from(HEADS),
    st.sampled_from(sorted({word for line, _ in SECRETS.values() for word in (line, *line.split())})),
    st.text(HEX, min_size=6, max_size=24),
    st.integers(0, 10**17).map(str),
    st.text(max_size=6),
)


def line_of_pieces(words: list[str], severity: str, attributes: dict[str, Any] | None) -> bytes:
    fields = {"timestamp": 1782207720, "service": "pay", "severity": severity, "attributes": attributes}
    return msgspec.json.encode({**fields, "body": " ".join(words)})


@settings(deadline=None, max_examples=500, derandomize=True)
@given(st.lists(st.lists(pieces, max_size=6), max_size=4), st.randoms(use_true_random=False))
def test_the_short_way_of_a_line_leads_where_the_long_way_leads(lines: list[list[str]], chance: Any) -> None:
    """Each line comes with a twin of other digits and letters, and before what may be a frame of a trace."""
    short, long = Fold(REDACTOR, TraceJoining(5.0)), Fold(REDACTOR, TraceJoining(5.0))
    for words in lines:
        twin = ["".join(chance.choice(HEX) if each in HEX else each for each in word) for word in words]
        for each in chance.sample([words, twin, words], 3):
            attributes = chance.choice([None, None, {"exception": "E\n  at a.b(c:1)"}])
            for told in (each, [chance.choice(FRAMES)]):
                line = sound_lines([line_of_pieces(told, "INFO", attributes)])
                short.add_lines(line)
                long._add_long(line)
    for fold in (short, long):
        assert fold._traces is not None
        fold.settle(fold._traces.end_all())
    assert list(short.records(topic.LOGS, CHUNK)) == list(long.records(topic.LOGS, CHUNK))


def test_a_card_number_is_redacted_among_numbers_that_look_like_one() -> None:
    fold = Fold(REDACTOR)
    for number in ("4111 1111 1111 1112", "4111 1111 1111 1111"):
        data = msgspec.json.encode(
            {"timestamp": 1782207720, "service": "pay", "severity": "INFO", "body": f"paid by {number}"}
        )
        fold.add_lines(sound_lines([data]))
    told = encode(list(fold.records(topic.LOGS, CHUNK)))
    assert b"4111 1111 1111 1111" not in told
    assert b"<card>" in told


@pytest.mark.parametrize("kind", SECRETS)
def test_a_clean_line_does_not_vouch_for_a_secret_that_differs_from_it_in_digits(kind: str) -> None:
    line, secret = SECRETS[kind]
    twin = line.translate(str.maketrans("0123456789", "1234567890"))
    fold = Fold(REDACTOR)
    for body in (twin, twin, line):
        data = msgspec.json.encode(
            {"timestamp": 1782207720, "service": "pay", "severity": "INFO", "body": body}
        )
        fold.add_lines(sound_lines([data]))
    assert secret.encode() not in encode(list(fold.records(topic.LOGS, CHUNK)))


def test_what_was_remembered_without_joining_hides_no_head_of_a_trace() -> None:
    lines = ["com.acme.OrderException: failed", "\tat com.acme.Orders.place(Orders.java:40)"] * 2
    records = [LogRecord(timestamp=at("12:00"), service="a", body=each, severity="error") for each in lines]
    alone, joined = Fold(REDACTOR), Fold(REDACTOR, TraceJoining(5.0))
    for fold in (alone, joined):
        for record in records:
            fold.add(record)

    (told,) = joined.records(topic.LOGS, CHUNK)
    assert [each.count for contents in told.value.buckets.values() for each in contents.values()] == [1]


def test_a_line_that_waits_behind_a_stack_trace_is_in_the_sample_of_its_request() -> None:
    fold = Fold(Redactor(), TraceJoining(5.0))
    frame = "\tat com.shop.Cart.add(Cart.java:12)"
    for body in ("java.lang.IllegalStateException: full", frame, "ledger written"):
        sent = LogRecord(
            timestamp=at("12:00"), service="pay", body=body, severity="INFO",
            trace_id="4bf92f3577b34da6", span_id="00f067aa0ba902b7",
        )  # fmt: skip
        fold.add(sent)
    (sample,) = [each.value for each in fold.records("logs", CHUNK) if isinstance(each.value, TraceSamples)]
    (part,) = next(iter(sample.buckets.values())).values()
    assert "ledger written" in {line.template for line in part.lines}
