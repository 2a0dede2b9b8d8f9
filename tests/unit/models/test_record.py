import json

import pytest

from models.event import Alert
from models.incident import incident_id_of, scope_of_incident
from models.record import InvalidRecordError, content_id, convert, decode
from tests.unit.detectors.incidents.builders import at


def test_equal_parts_give_equal_ids_whatever_the_order_of_their_keys() -> None:
    one = content_id("alert", {"a": 1, "b": {"c": 2, "d": 3}})
    assert content_id("alert", {"b": {"d": 3, "c": 2}, "a": 1}) == one


@pytest.mark.parametrize(
    ("one", "other"), [(("ab", "c"), ("a", "bc")), ((1,), ("1",)), ((None,), ("",)), (("a",), ("a", ""))]
)
def test_different_parts_give_different_ids(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert content_id("x", *one) != content_id("x", *other)


def test_an_id_is_the_same_in_every_process() -> None:
    # A literal: an id that changes with the process or the version would break every replay.
    assert content_id("alert", "checkout-api", 1, None) == "alert-f8c0c77d25e7786b"


@pytest.mark.parametrize("scope", ["shop", "back-office", "a-b-c", "Ünïcode scope"])
def test_an_incident_id_tells_its_scope(scope: str) -> None:
    assert scope_of_incident(incident_id_of(scope, "alert-1", at("12:00"))) == scope


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "invalid_json"),
        (b'{"kind":"alert","service":"\xc3\x28"}', "invalid_utf8"),
        (b"[" * 100_000, "nested_too_deep"),
        (b'{"kind":"alert"}', "invalid_field"),
        (b'{"kind":"log"}', "invalid_field"),
        (b"", "invalid_json"),
    ],
)
def test_what_cannot_be_read_has_a_reason_that_can_be_counted(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidRecordError) as refused:
        decode(Alert if reason != "nested_too_deep" else list, data)
    assert refused.value.reason == reason
    assert refused.value.detail


def test_records_are_read_from_built_in_objects_as_from_bytes() -> None:
    fields = {"timestamp": 1_782_205_200, "service": "a", "name": "n", "status": "firing", "labels": {"x": 1}}
    assert convert(Alert, fields) == decode(Alert, json.dumps(fields).encode())


def test_null_labels_are_empty_inside() -> None:
    fields = {"timestamp": 1_782_205_200, "service": "a", "name": "n", "status": "firing"}
    assert convert(Alert, {**fields, "labels": None, "extra": None}) == convert(Alert, fields)
