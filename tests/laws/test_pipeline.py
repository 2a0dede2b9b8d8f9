"""What the whole way keeps: the same recording gives the same outputs, however it comes."""

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

import orjson
import pytest

from detectors import pipeline
from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models import topic
from models.incident import IncidentStatus
from models.record import encode
from models.topic import Outgoing
from streams.catalog.backstage import read as read_catalog
from streams.recording.reading import TOPIC_OF_KIND
from tests.golden import SCENARIOS
from tests.policy import POLICY

LATENESS = timedelta(seconds=5)
Event = tuple[str, float, bytes]
"""Topic, event time (epoch seconds), line."""
Lines = set[tuple[str, str, bytes]]

_HELD = ["two_scopes", "innocent_deploy", "moved_owner", "two_faults", "silent_printer"]
each_scenario = pytest.mark.parametrize("name", _HELD)


@cache
def recording(name: str) -> tuple[Event, ...]:
    return tuple(
        (TOPIC_OF_KIND[each["kind"]], _seconds(each["timestamp"]), orjson.dumps(each))
        for each in SCENARIOS[name].recording()
    )


def pipeline_of(name: str) -> Pipeline:
    scenario = SCENARIOS[name]
    catalog = Catalog(read_catalog([scenario.catalog]))
    return Pipeline(catalog, LATENESS, POLICY, Redactor(), scenario.schedules)


def _seconds(sent: str | float) -> float:
    return datetime.fromisoformat(sent).timestamp() if isinstance(sent, str) else sent


def lines(sent: Iterable[Outgoing]) -> Lines:
    return {(each.topic, each.key, encode(each.value)) for each in sent}


def run(name: str, events: Iterable[Event], until: datetime | None = None) -> Lines:
    whole = pipeline_of(name)
    sent: list[Outgoing] = []
    for source, _, data in events:
        sent += whole.feed(source, data)
        assert whole.refused == []
    return lines([*sent, *whole.end(until)])


@cache
def told(name: str) -> Lines:
    return frozenset(run(name, recording(name)))  # type: ignore[return-value]


@each_scenario
def test_the_recording_has_incidents_from_their_opening_to_their_end(name: str) -> None:
    statuses = {json.loads(value)["status"] for where, _, value in told(name) if where == topic.INCIDENTS}
    assert statuses >= {IncidentStatus.OPEN, IncidentStatus.RESOLVED, IncidentStatus.CLOSED}


@each_scenario
def test_the_same_events_give_the_same_outputs(name: str) -> None:
    assert run(name, recording(name)) == told(name)


@each_scenario
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_events_shuffled_within_the_lateness_give_the_same_outputs(name: str, seed: int) -> None:
    chance = random.Random(seed)
    late = LATENESS.total_seconds()
    shuffled = sorted(recording(name), key=lambda each: each[1] + chance.uniform(0, late))
    assert shuffled != list(recording(name))
    assert run(name, shuffled) == told(name)


@each_scenario
@pytest.mark.parametrize("size", [1, 7, 333, 1_000_000])
def test_it_does_not_matter_where_chunks_end(name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_CHUNK", size)
    assert run(name, recording(name)) == told(name)


@each_scenario
def test_alerts_changes_and_feedback_that_come_twice_change_nothing(name: str) -> None:
    doubled = [again for each in recording(name) for again in [each] * (2 if each[0] in topic.DIRECT else 1)]
    assert len(doubled) > len(recording(name))
    assert run(name, doubled) == told(name)


@each_scenario
def test_arrays_of_lines_give_the_same_as_single_lines(name: str) -> None:
    arrays: list[Event] = []
    batch: list[Event] = []
    for event in recording(name):
        if batch and (event[0] != batch[0][0] or event[0] not in topic.BULK or len(batch) == 20):
            arrays.append(_array(batch))
            batch = []
        batch.append(event)
    arrays.append(_array(batch))
    assert len(arrays) < len(recording(name))
    assert run(name, arrays) == told(name)


def _array(batch: list[Event]) -> Event:
    source, at, data = batch[0]
    return (
        (source, at, data)
        if len(batch) == 1
        else (source, at, b"[" + b",".join(each[2] for each in batch) + b"]")
    )


@each_scenario
@pytest.mark.parametrize("share", [0.2, 0.5, 0.6, 0.8, 0.95])
def test_what_was_known_at_a_moment_is_all_that_is_ever_told_of_it_until_then(
    name: str, share: float
) -> None:
    events = recording(name)
    until = datetime.fromtimestamp(round(events[int(share * len(events))][1]), UTC)
    then = run(name, [each for each in events if each[1] <= until.timestamp()], until)
    assert then == {
        each for each in told(name) if datetime.fromisoformat(json.loads(each[2])["as_of"]) <= until
    }


def test_most_moments_lie_between_what_is_told() -> None:
    assert 0 < len(run("two_scopes", recording("two_scopes")[:4_000])) < len(told("two_scopes"))


@each_scenario
def test_records_that_cannot_be_read_change_nothing_but_are_given_back(name: str) -> None:
    whole = pipeline_of(name)
    sent: list[Outgoing] = []
    refused = 0
    for number, (source, _, data) in enumerate(recording(name)):
        if number % 50 == 0:
            sent += whole.feed(source, data[:-1])
            refused += len(whole.refused)
        sent += whole.feed(source, data)
    assert refused == -(-len(recording(name)) // 50)
    assert lines([*sent, *whole.end()]) == told(name)


@each_scenario
def test_no_made_up_time_and_no_random_value_is_told(name: str) -> None:
    first, last = recording(name)[0][1], recording(name)[-1][1]
    for _, _, value in told(name):
        as_of = datetime.fromisoformat(json.loads(value)["as_of"]).timestamp()
        assert first <= as_of <= last + timedelta(hours=7).total_seconds()


def test_an_alert_that_is_far_too_late_is_taken_into_account_counted_and_moves_no_time_back() -> None:
    events = list(recording("two_scopes"))
    incident = next(json.loads(each[2]) for each in sorted(told("two_scopes")) if each[0] == topic.INCIDENTS)
    opened = datetime.fromisoformat(incident["opened_at"])
    late_id = "alert-too-late"
    alert = {
        "kind": "alert", "event_id": late_id, "timestamp": (opened + timedelta(seconds=20)).timestamp(),
        "service": incident["service"], "name": "TooLate", "status": "firing", "severity": "critical",
    }  # fmt: skip
    place = next(
        at for at, each in enumerate(events) if each[1] > (opened + timedelta(minutes=2)).timestamp()
    )
    events.insert(place, (topic.ALERTS, 0.0, orjson.dumps(alert)))
    sent = [(where, json.loads(value)) for where, _, value in run("two_scopes", events)]
    (found,) = [each for where, each in sent if where == topic.EVIDENCE and late_id in each["sources"]]
    assert found["incident_id"] == incident["incident_id"]
    assert datetime.fromisoformat(found["occurred_at"]) == opened + timedelta(seconds=20)
    assert datetime.fromisoformat(found["as_of"]) > opened + timedelta(seconds=20)
    assert max(each["late_signals"] for where, each in sent if where == topic.INCIDENTS) == 1
