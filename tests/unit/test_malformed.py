import json
from typing import Any

import pytest

from models.event import Alert, Change, Feedback, LogRecord, Metric, Span
from models.record import InvalidRecordError, decode
from tests.malformed import HUGE_BYTES, MAY_BE_ARRAY, good, malformed

MODELS: dict[str, Any] = {
    "alerts": Alert,
    "deploys": Change,
    "feedback": Feedback,
    "logs": LogRecord,
    "metrics": Metric,
    "spans": Span,
}
EVERY_WAY = 400
"""More than there are ways to be wrong for any topic, so that each is tried."""

each_topic = pytest.mark.parametrize("topic", MODELS)


def refusal(topic: str, data: bytes) -> str:
    is_array = topic in MAY_BE_ARRAY and data.startswith(b"[")
    with pytest.raises(InvalidRecordError) as refused:
        decode(list[MODELS[topic]] if is_array else MODELS[topic], data)
    return refused.value.detail


@each_topic
def test_every_malformed_record_is_refused_with_a_detail_that_says_what_is_wrong(topic: str) -> None:
    for data, word in malformed(topic, EVERY_WAY, seed=1):
        assert word
        assert word in refusal(topic, data), data[:300]


@each_topic
def test_every_field_of_the_model_is_among_what_is_wrong(topic: str) -> None:
    words = {word for _, word in malformed(topic, EVERY_WAY, seed=1)}
    assert set(MODELS[topic].__struct_fields__) - {"extra"} <= words


@each_topic
def test_good_records_are_read_and_differ(topic: str) -> None:
    records = good(topic, 300, seed=1)
    for data in records:
        decode(MODELS[topic], data)
    assert len({json.loads(data)["sender_note"] for data in records}) == len(records)


@each_topic
def test_the_records_of_ten_megabytes_are_few_and_valid_json(topic: str) -> None:
    huge = [data for data, _ in malformed(topic, EVERY_WAY * 3, seed=1) if len(data) >= HUGE_BYTES]
    assert 1 <= len(huge) <= 2
    json.loads(huge[0])


@each_topic
def test_the_same_seed_gives_the_same_records_and_another_one_does_not(topic: str) -> None:
    assert malformed(topic, 100, seed=4) == malformed(topic, 100, seed=4)
    assert malformed(topic, 100, seed=4) != malformed(topic, 100, seed=5)
    assert good(topic, 20, seed=4) == good(topic, 20, seed=4)
