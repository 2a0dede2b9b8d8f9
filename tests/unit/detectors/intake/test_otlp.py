"""Log lines out of OTLP JSON batches."""

import orjson

from detectors.intake.line_batch import NO_LINES, batch_of
from detectors.intake.otlp import UNKNOWN_SERVICE
from detectors.intake.reading import Refusal, read, sound_lines
from detectors.intake.redaction import Redactor
from models.event import LogRecord
from models.topic import LOGS


def a_batch(*records: dict[str, object], service: str | None = "checkout-api") -> bytes:
    attributes = [{"key": "service.name", "value": {"stringValue": service}}] if service else []
    attributes.append({"key": "host.name", "value": {"stringValue": "node-7"}})
    logs = {"resource": {"attributes": attributes}, "scopeLogs": [{"logRecords": list(records)}]}
    return orjson.dumps({"resourceLogs": [logs]})


def a_record(**fields: object) -> dict[str, object]:
    return {"timeUnixNano": "1782205200500000000", "body": {"stringValue": "order placed"}, **fields}


def lines(data: bytes) -> list[LogRecord]:
    found = list(read(LOGS, data, Redactor()))
    assert all(isinstance(each, LogRecord) for each in found)
    return found  # type: ignore[return-value]  # just checked


def test_a_line_has_the_time_service_body_and_attributes_of_its_record_and_resource() -> None:
    (line,) = lines(a_batch(a_record(attributes=[{"key": "tries", "value": {"intValue": "3"}}])))
    assert (line.timestamp.timestamp(), line.service, line.body) == (
        1782205200.5,
        "checkout-api",
        "order placed",
    )
    assert line.attributes == {"host.name": "node-7", "tries": 3}


def test_the_severity_number_gives_the_word() -> None:
    numbers = (1, 5, 9, 13, 17, 24)
    told = lines(a_batch(*(a_record(severityNumber=number) for number in numbers)))
    assert [each.severity for each in told] == ["trace", "debug", "info", "warn", "error", "fatal"]


def test_a_record_without_its_own_time_has_the_time_at_which_it_was_observed() -> None:
    (line,) = lines(a_batch(a_record(timeUnixNano="0", observedTimeUnixNano="1782205260000000000")))
    assert line.timestamp.timestamp() == 1782205260


def test_a_resource_without_a_name_is_the_unknown_service() -> None:
    (line,) = lines(a_batch(a_record(), service=None))
    assert line.service == UNKNOWN_SERVICE


def test_a_structured_body_becomes_json() -> None:
    (line,) = lines(a_batch(a_record(body={"kvlistValue": {"values": []}})))
    assert line.body == '{"values":[]}'


def test_a_record_without_any_time_is_refused_alone_and_named_by_its_place() -> None:
    good, bad = a_record(), a_record(timeUnixNano=None)
    told = list(read(LOGS, a_batch(good, bad), Redactor()))
    assert isinstance(told[0], LogRecord)
    assert isinstance(told[1], Refusal)
    assert told[1].element == 1
    assert "$.timestamp" in told[1].error.detail


def test_a_malformed_batch_is_refused_whole() -> None:
    (refusal,) = read(LOGS, b'{"resourceLogs": [{"scopeLogs": 7}]}', Redactor())
    assert isinstance(refusal, Refusal)
    assert refusal.element is None
    assert "scopeLogs" in refusal.error.detail


def test_the_lines_of_a_sound_batch_are_those_that_are_read_one_by_one() -> None:
    data = a_batch(a_record(timeUnixNano="1782207720123456789", severityNumber=17), a_record())
    records = lines(data)
    assert len(records) == 2
    assert sound_lines([data]) == batch_of(records, [each.timestamp.timestamp() for each in records])


def test_a_batch_with_a_line_that_is_not_sound_is_left_to_the_reader_that_says_why() -> None:
    for data in (a_batch(a_record(), a_record(timeUnixNano="0")), b'{"resourceLogs": 7}', b"[]"):
        assert sound_lines([data]) == NO_LINES
