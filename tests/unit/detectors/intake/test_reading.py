import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.intake.line_batch import NO_LINES
from detectors.intake.reading import EVENT_TYPES, Refusal, read, sound_lines
from detectors.intake.redaction import Redactor
from models import topic
from models.event import Alert, Event, Feedback, LogRecord
from models.record import decode, encode
from models.tick import Heartbeat
from tests.malformed import MOMENT, OPTIONAL, REQUIRED
from tests.unit.detectors.incidents.builders import at

ALERT: dict[str, Any] = {"timestamp": MOMENT, **REQUIRED[topic.ALERTS]}
LOG: dict[str, Any] = {"timestamp": MOMENT, **REQUIRED[topic.LOGS]}

each_topic = pytest.mark.parametrize("source", topic.INPUTS)
each_direct_topic = pytest.mark.parametrize("source", topic.DIRECT)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def the_one(source: str, record: Any) -> Any:
    (told,) = read(source, json.dumps(record).encode(), Redactor())
    return told


def the_alert(**fields: Any) -> Alert:
    told = the_one(topic.ALERTS, ALERT | fields)
    assert isinstance(told, Alert), told
    return told


def refusals(source: str, data: bytes) -> list[tuple[str, int | None]]:
    return [
        (each.error.detail, each.element)
        for each in read(source, data, Redactor())
        if isinstance(each, Refusal)
    ]


@each_topic
@settings(deadline=None, max_examples=150, derandomize=True)
@given(data=st.data())
def test_whatever_comes_is_read_or_refused_and_what_is_read_can_be_written(
    source: str, data: st.DataObject
) -> None:
    known = {"timestamp": MOMENT, **REQUIRED[source], **OPTIONAL[source]}
    wrong = data.draw(
        st.dictionaries(st.sampled_from([*known, "extra", "note"]) | st.text(max_size=4), values)
    )
    told = list(read(source, json.dumps(known | wrong).encode(), Redactor()))
    assert told
    for each in told:
        if not isinstance(each, Refusal):
            assert decode(type(each), encode(each)) == each


@each_topic
@settings(deadline=None, max_examples=100, derandomize=True)
@given(data=st.binary(max_size=20) | values.map(lambda value: json.dumps(value).encode()))
def test_bytes_that_are_no_record_are_refused(source: str, data: bytes) -> None:
    assert all(isinstance(each, Refusal) for each in read(source, data, Redactor()))


@each_topic
def test_a_good_record_is_an_event_of_its_topic(source: str) -> None:
    told = the_one(source, {"timestamp": MOMENT, **REQUIRED[source], **OPTIONAL[source]})
    assert type(told) is EVENT_TYPES[source]
    assert told.timestamp == at("09:00")


@each_direct_topic
def test_fields_that_we_do_not_know_are_kept_as_extra(source: str) -> None:
    told = the_one(
        source, {"timestamp": MOMENT, **REQUIRED[source], "team": "shop", "deep": {"a": [1, None]}}
    )
    assert told.extra == {"team": "shop", "deep": {"a": [1, None]}}


@each_direct_topic
def test_what_was_kept_as_extra_stays_when_the_record_comes_again(source: str) -> None:
    first = the_one(source, {"timestamp": MOMENT, **REQUIRED[source], "team": "shop"})
    (again,) = read(source, encode(first), Redactor())
    assert again == first


@each_direct_topic
def test_a_record_without_an_id_gets_one_that_follows_from_its_content(source: str) -> None:
    record = {"timestamp": MOMENT, **REQUIRED[source]}
    turned = dict(reversed(record.items()))
    assert the_one(source, record).event_id == the_one(source, turned).event_id != ""
    assert the_one(source, record | {"note": 1}).event_id != the_one(source, record).event_id
    assert the_one(source, record | {"timestamp": MOMENT + 1}).event_id != the_one(source, record).event_id


@each_direct_topic
def test_an_id_that_was_sent_is_kept(source: str) -> None:
    assert the_one(source, {"timestamp": MOMENT, **REQUIRED[source], "event_id": "e-1"}).event_id == "e-1"


def test_ids_that_look_like_card_numbers_do_not_become_one() -> None:
    # 18 and 19 digit ids are common, and one in ten of those that begin like a card passes its check.
    numbers = ["4111111111111111", "4012888888881881"]
    alerts = [the_alert(event_id=each, fingerprint=each, value=float(each[-4:])) for each in numbers]
    assert len({each.event_id for each in alerts}) == 2
    assert [each.fingerprint for each in alerts] == [None, None]
    assert not any(number.encode() in encode(each) for number, each in zip(numbers, alerts, strict=True))


def test_secrets_are_gone_wherever_an_event_of_a_direct_topic_holds_them() -> None:
    secret = "hunter" + "222"
    told = the_alert(
        summary=f"login with password={secret}", labels={"db": {"password": secret}}, note=f"token={secret}",
        api_key=secret, name=f"Password={secret}",
    )  # fmt: skip
    assert secret.encode() not in encode(told)


def test_an_extra_field_that_is_no_object_is_refused_by_its_name() -> None:
    told = the_one(topic.ALERTS, {**ALERT, "extra": "a text", "note": 1})
    assert isinstance(told, Refusal)
    assert "$.extra" in told.error.detail


@each_direct_topic
def test_labels_that_are_nested_too_deep_are_refused(source: str) -> None:
    for levels in (150, 450, 900, 100_000):
        record = json.dumps({"timestamp": MOMENT, **REQUIRED[source]}).encode()
        data = record[:-1] + b',"note":' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"
        ((detail, _),) = refusals(source, data)
        assert "nested" in detail


def test_each_element_of_an_array_is_read_or_refused_alone() -> None:
    elements = [LOG, {**LOG, "timestamp": "yesterday"}, 5, {**LOG, "body": "the last"}]
    told = list(read(topic.LOGS, json.dumps(elements).encode(), Redactor()))
    assert [each.body for each in told if isinstance(each, LogRecord)] == [LOG["body"], "the last"]
    assert [each.element for each in told if isinstance(each, Refusal)] == [1, 2]
    assert "timestamp" in refusals(topic.LOGS, json.dumps(elements).encode())[0][0]


def test_an_array_may_be_indented() -> None:
    data = b" " * 100 + json.dumps([LOG]).encode()
    assert [type(each) for each in read(topic.LOGS, data, Redactor())] == [LogRecord]


@each_topic
def test_a_heartbeat_is_read_whatever_the_order_and_number_of_its_fields(source: str) -> None:
    fields = {"timestamp": MOMENT, "next_within_s": 30.0, "sender": "a producer with a long name" * 3}
    for record in ({"kind": "heartbeat", **fields}, {**fields, "kind": "heartbeat"}):
        assert the_one(source, record) == Heartbeat(timestamp=at("09:00"), next_within_s=30.0)


@each_topic
def test_a_heartbeat_with_an_impossible_time_is_refused_by_that_field(source: str) -> None:
    ((detail, _),) = refusals(source, json.dumps({"kind": "heartbeat", "timestamp": "soon"}).encode())
    assert "timestamp" in detail


def test_a_bad_line_that_speaks_of_a_heartbeat_is_refused_by_what_is_wrong_with_it() -> None:
    record = {"body": "heartbeat", "kind": "log", "timestamp": MOMENT}
    ((detail, _),) = refusals(topic.LOGS, json.dumps(record).encode())
    assert "service" in detail


@pytest.mark.parametrize("number", ["--5", "1" + "0" * 400, "9" * 5_000, "٣"])
def test_a_batch_with_an_impossible_number_is_refused_or_read_but_never_ends_the_reader(number: str) -> None:
    attribute = {"key": "n", "value": {"intValue": number}}
    record = {"timeUnixNano": number, "body": {"stringValue": "x"}, "attributes": [attribute]}
    timed = record | {"timeUnixNano": str(MOMENT * 10**9)}
    scopes = [{"logRecords": [record, timed, {**timed, "attributes": []}]}]
    batch = {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": scopes}]}
    told = list(read(topic.LOGS, json.dumps(batch).encode(), Redactor()))
    assert isinstance(told[-1], LogRecord)


def test_feedback_without_a_service_or_an_incident_is_read() -> None:
    assert isinstance(the_one(topic.FEEDBACK, {"timestamp": MOMENT, **REQUIRED[topic.FEEDBACK]}), Feedback)


SOUND = b'{"timestamp": 1782207720, "service": "a", "body": "order 1 placed"}'


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({"action": "merge"}, "into_incident_id"),
        ({"action": "merge", "into_incident_id": ""}, "into_incident_id"),
        ({"action": "split"}, "alerts"),
    ],
)
def test_a_merge_or_split_that_does_not_say_of_what_is_refused_by_that_field(
    fields: dict[str, Any], lacks: str
) -> None:
    told = the_one(topic.FEEDBACK, {"timestamp": MOMENT, "incident_id": "shop-1", **fields})
    assert isinstance(told, Refusal)
    assert (told.error.reason, f"`$.{lacks}`" in told.error.detail) == ("invalid_field", True)


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "merge", "into_incident_id": "shop-2"},
        {"action": "split", "alerts": ["a-1"]},
        {"action": "split", "service": "payments"},
    ],
)
def test_a_merge_or_split_that_says_of_what_is_read(fields: dict[str, Any]) -> None:
    assert isinstance(the_one(topic.FEEDBACK, {"timestamp": MOMENT, **fields}), Feedback)


@each_topic
def test_every_topic_has_a_type_of_event(source: str) -> None:
    assert issubclass(EVENT_TYPES[source], Event)


@pytest.mark.parametrize(
    "sent", [1782207720, 1782207720.1234567, "2026-06-23T09:42:00.123456Z", "2026-06-23T11:42:00+02:00"]
)
def test_a_line_has_the_time_that_its_record_has(sent: object) -> None:
    data = msgspec.json.encode({"timestamp": sent, "service": "checkout-api", "body": "order 1 placed"})
    (record,) = read(topic.LOGS, data, Redactor())
    assert isinstance(record, LogRecord)
    assert sound_lines([data]).moments == [record.timestamp.timestamp()]


@pytest.mark.parametrize(
    "data",
    [
        b'{"timestamp": 1782207720000, "service": "a", "body": "milliseconds"}',
        b'{"timestamp": "2026-06-23T09:42:00", "service": "a", "body": "no offset"}',
        b'{"timestamp": 1782207720, "service": "", "body": "no service"}',
        b'{"timestamp": 1782207720, "service": "a", "body": "a number", "trace_id": 7}',
        b'[{"timestamp": 1782207720, "service": "a", "body": "an array"}]',
        b'{"kind": "heartbeat", "timestamp": 1782207720}',
        b"\xff",
        b"[" * 100_000,
        b'{"timestamp": 1782207720, "service": "a", "body": "deep", "attributes": ' + b'{"a":' * 100_000,
        b'{"timestamp": 1e400, "service": "a", "body": "for ever"}',
    ],
)
def test_what_is_no_sound_line_is_left_to_the_reader_that_says_why(data: bytes) -> None:
    assert sound_lines([data]) == NO_LINES
    assert sound_lines([SOUND, data, SOUND]) == NO_LINES


@pytest.mark.parametrize(
    "values",
    [
        [SOUND + b"\n" + SOUND, b""],
        [SOUND + b"\n", SOUND],
        [SOUND + b"," + SOUND, SOUND],
        [SOUND, b""],
        [SOUND[:20], SOUND[20:]],
    ],
)
def test_lines_read_together_are_never_counted_under_another_record(values: list[bytes]) -> None:
    """Each record is one line, or all of them are read one by one."""
    assert sound_lines(values) == NO_LINES


def test_lines_read_together_are_those_read_one_by_one() -> None:
    values = [
        msgspec.json.encode({"timestamp": 1782207720 + n, "service": "a", "body": f"{n}"}) for n in range(5)
    ]
    together = sound_lines([*values, SOUND])
    assert [together.one(number) for number in range(6)] == [sound_lines([each]) for each in [*values, SOUND]]
