"""Owners and escalations are the same whatever way the signals came, and a restart loses no deadline."""

import random
from typing import Any

import msgspec
import pytest

from detectors.incidents.correlation import Correlator
from models import topic
from models.tick import Tick
from models.topic import Outgoing
from tests.laws.test_stages import Records, Tape, lines, partition_of, run, states, tapes, ticks

each_scenario = pytest.mark.parametrize("name", ["moved_owner", "unanswered_page", "shift_change"])


def tape(name: str) -> Tape:
    return tapes(name)[Correlator.table]


def routings(sent: set[tuple[str, str, bytes]]) -> list[dict[str, Any]]:
    found = [msgspec.json.decode(value) for where, _, value in sent if where == topic.ROUTING]
    return sorted(found, key=lambda each: each["version"])


@each_scenario
def test_the_recording_has_what_time_alone_or_a_person_moves(name: str) -> None:
    latest = routings(run(tape(name).stage, tape(name).records)[0])[-1]
    steps = [each["level"] for each in latest["escalation"]["steps"]]
    moves = [each["kind"] for each in latest["changes"]]
    expected = {
        "moved_owner": ([1, 1, 1], ["ownership.changed"] * 2),
        "unanswered_page": ([1, 2], []),
        "shift_change": ([1, 1, 1, 1, 1], ["ownership.changed"] * 2),
    }
    assert (steps, moves) == expected[name]


@each_scenario
def test_a_restart_at_any_record_loses_no_deadline_and_changes_nothing(name: str) -> None:
    stage, records = tape(name).stage, tape(name).records
    undisturbed = partition_of(stage)
    expected = lines(
        each for offset, record in enumerate(records) for each in undisturbed.take(offset, *record)
    )
    chance = random.Random(name)
    for place in sorted(chance.sample(range(len(records)), 15)):
        before = partition_of(stage)
        sent: list[Outgoing] = []
        for offset, record in enumerate(records[:place]):
            sent += before.take(offset, *record)
        again = partition_of(stage, (msgspec.json.encode(before.position), states(before)))
        for offset, record in enumerate(records[place:], start=place):
            sent += again.take(offset, *record)
        assert lines(sent) == expected, place
        assert states(again) == states(undisturbed), place


@each_scenario
def test_how_coarsely_time_passes_moves_no_deadline(name: str) -> None:
    stage, records = tape(name).stage, tape(name).records
    last = ticks(records)[-1]
    coarse: Records = [
        each for index, each in enumerate(records) if index == last or not isinstance(each[1], Tick)
    ]
    assert len(coarse) < len(records)
    assert run(stage, coarse) == run(stage, records)


@each_scenario
def test_signals_that_come_twice_and_in_another_order_give_the_same(name: str) -> None:
    stage, records = tape(name).stage, tape(name).records
    chance = random.Random(name)
    last = ticks(records)[-1]
    signals = [each for each in records if not isinstance(each[1], Tick)]
    expected = run(stage, records)[0]
    for _ in range(3):
        mixed = signals + chance.sample(signals, len(signals) // 3)
        chance.shuffle(mixed)
        assert run(stage, [*mixed, records[last]])[0] == expected
