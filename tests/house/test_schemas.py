import json
from pathlib import Path

import pytest

from streams.kafka.topic_table import TOPICS, Direction
from streams.schema import RECORDS, schema_of, written_schema


def test_every_topic_has_a_schema() -> None:
    assert {each.name for each in TOPICS if each.direction is not Direction.CHANGELOG} == set(RECORDS)


@pytest.mark.parametrize("topic", RECORDS)
def test_the_schemas_in_deploy_are_those_of_the_models(topic: str, repository: Path) -> None:
    path = repository / "deploy" / "schemas" / f"{topic}.json"
    assert path.read_bytes() == written_schema(topic), "run `headwater schema --out deploy/schemas`"


def test_there_is_no_schema_of_a_topic_that_is_gone(repository: Path) -> None:
    assert {path.stem for path in (repository / "deploy" / "schemas").glob("*.json")} == set(RECORDS)


def test_a_field_says_what_its_docstring_says_also_where_it_is_inherited() -> None:
    symptom = schema_of("signals")["$defs"]["Symptom"]["properties"]
    assert symptom["window_s"]["description"] == "Length of the window that was judged (seconds)."
    assert symptom["timestamp"]["description"] == "When it happened (event time, UTC)."


def test_every_reference_within_a_schema_is_defined_there() -> None:
    for topic in RECORDS:
        schema = schema_of(topic)
        text = json.dumps(schema)
        named = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
        assert named <= set(schema["$defs"]), topic
