from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.incidents import correlation
from models import topic
from models.event import FeedbackAction
from models.record import encode
from models.signal import Signal
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_signature,
    a_symptom,
    an_alert,
    at,
    feedback,
)
from tests.unit.detectors.incidents.scope import SECOND, Scope

MEGABYTE = 1_000_000


def signals() -> list[Signal]:
    return [
        a_change(timestamp=at("11:50")),
        a_symptom("payments", onset_at=at("11:58")),
        a_signature("checkout-api", "call failed", onset_at=at("11:58:30")),
        an_alert(timestamp=at("12:00"), event_id="b"),
        an_alert("payments", timestamp=at("12:00"), event_id="a"),
        an_alert("orders", timestamp=at("12:00"), event_id="c", severity="info"),
        feedback(FeedbackAction.ACKNOWLEDGE, timestamp=at("12:02")),
        feedback(FeedbackAction.MITIGATE, timestamp=at("12:04")),
    ]


def told_in(order: list[Signal]) -> list[bytes]:
    scope = Scope()
    for signal in order:
        scope.stage.fold(scope.state, signal)
    scope.passes(at("20:00"))
    return [encode(each.value) for each in scope.sent]


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.permutations(signals()))
def test_signals_are_decided_in_the_order_of_their_times_whatever_way_they_came(order: list[Signal]) -> None:
    assert told_in(order) == told_in(signals())


def test_signals_wait_until_the_clock_has_passed_them() -> None:
    scope = Scope()
    scope.stage.fold(scope.state, an_alert(timestamp=at("12:00")))
    assert scope.stage.due_at(scope.state) == at("12:00")
    assert scope.passes(at("12:00")) == []
    assert scope.passes(at("12:00") + timedelta(microseconds=1))


def alerts(*times: str) -> list[Signal]:
    return [an_alert(f"service {number}", timestamp=at(time)) for number, time in enumerate(times)]


def test_a_deadline_fires_between_signals_at_its_own_time() -> None:
    scope = Scope()
    for signal in alerts("12:00", "12:01", "12:02"):
        scope.stage.fold(scope.state, signal)
    scope.passes(at("12:30"))
    assert [each.as_of for each in scope.values(topic.INCIDENTS)] == [
        at("12:00"),
        at("12:01:10"),
        at("12:02:10"),
    ]


def test_at_the_same_moment_the_signal_comes_before_the_deadline() -> None:
    scope = Scope()
    for signal in alerts("12:00", "12:01", "12:01:10"):
        scope.stage.fold(scope.state, signal)
    scope.passes(at("12:01:11"))
    last = scope.values(topic.INCIDENTS)[-1]
    assert (last.as_of, last.alerts) == (at("12:01:10"), 3)


def test_a_signal_that_comes_twice_is_taken_once() -> None:
    scope = Scope()
    scope.told(an_alert(timestamp=at("12:00")))
    before = msgspec.json.encode(scope.state)
    assert scope.told(an_alert(timestamp=at("12:00"))) == []
    assert scope.state.repeated == 1
    scope.state.repeated = 0
    assert msgspec.json.encode(scope.state) == before


def test_a_sender_may_use_one_id_for_all_messages_of_an_alert() -> None:
    scope = Scope()
    scope.told(*[an_alert(timestamp=at(time), event_id="always the same") for time in ("12:00", "12:01")])
    assert next(iter(scope.incident.alerts.values())).repeats == 1


def test_a_late_signal_is_decided_at_once_at_the_time_that_has_been_reached_and_counted() -> None:
    scope = Scope()
    scope.told(an_alert(timestamp=at("12:00")), an_alert("payments", timestamp=at("12:10")))
    (found,) = scope.values(topic.EVIDENCE, scope.told(an_alert("orders", timestamp=at("12:05"))))
    assert (found.occurred_at, found.as_of) == (at("12:05"), at("12:10"))
    assert (scope.state.late, scope.state.decided_until) == (1, at("12:10"))


def test_what_is_told_never_goes_back_in_time() -> None:
    scope = Scope()
    for minute in (0, 9, 3, 12, 1, 30, 2):
        moment = at("12:00") + timedelta(minutes=minute)
        scope.told(an_alert(f"service {minute}", timestamp=moment))
    moments = [each.value.as_of for each in scope.sent]  # type: ignore[attr-defined]
    assert moments == sorted(moments)


def test_a_scope_is_forgotten_after_a_day_of_silence_with_nothing_open() -> None:
    scope = Scope()
    scope.told(a_change(timestamp=at("12:00")))
    day = timedelta(days=1)
    assert scope.stage.due_at(scope.state) == at("12:00") + day
    assert not scope.stage.is_spent(scope.state, at("12:00") + day)
    assert scope.stage.is_spent(scope.state, at("12:00") + day + SECOND)


def test_a_scope_with_an_open_incident_is_not_forgotten() -> None:
    scope = Scope()
    scope.told(an_alert(timestamp=at("12:00")))
    assert not scope.stage.is_spent(scope.state, at("12:00") + timedelta(days=9))


def test_open_incidents_are_counted_without_noise() -> None:
    scope = Scope()
    scope.told(an_alert("reports", severity="info"), an_alert("payments", timestamp=at("12:01")))
    assert scope.stage.counts(scope.state).open_incidents == 1


def test_the_number_of_remembered_ids_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correlation, "_SEEN_LIMIT", 10)
    scope = Scope()
    scope.told(
        *[a_change(timestamp=at("12:00") + number * SECOND, event_id=f"{number}") for number in range(30)]
    )
    assert len(scope.state.seen) == 10


def storm_of_alerts() -> Iterator[Signal]:
    for number in range(1_500):
        yield an_alert(
            f"service {number}", timestamp=at("12:00") + number * SECOND / 10, event_id=f"{number}",
            summary="what is wrong, " * 20,
        )  # fmt: skip


def storm_of_noise() -> Iterator[Signal]:
    for number, alert in enumerate(storm_of_alerts()):
        if number < 400:
            yield msgspec.structs.replace(alert, severity="info")


def storm_of_symptoms() -> Iterator[Signal]:
    yield an_alert()
    for number in range(1_000):
        yield a_signature(
            f"service {number % 500}", f"text {number % 500} " + "a long line " * 40,
            onset_at=at("12:00") + number * SECOND / 10, event_id=f"{number}", score=float(number),
        )  # fmt: skip


def storm_of_feedback() -> Iterator[Signal]:
    yield an_alert()
    for number in range(2_000):
        yield feedback(
            FeedbackAction.NOTE, timestamp=at("12:00") + number * SECOND, event_id=f"{number}",
            text="this is what we see, " * 15,
        )  # fmt: skip


def storm_of_changes() -> Iterator[Signal]:
    yield an_alert()
    for number in range(600):
        yield a_change(
            f"service {number}", timestamp=at("12:00") + number * SECOND, event_id=f"{number}",
            attributes={"diff": "a changed line " * 500},
        )  # fmt: skip


def months_of_flapping() -> Iterator[Signal]:
    yield an_alert()
    for number in range(600):
        action = (FeedbackAction.RESOLVE, FeedbackAction.REOPEN)[number % 2]
        yield feedback(action, timestamp=at("12:01") + number * timedelta(minutes=1), event_id=f"{number}")


@pytest.mark.parametrize(
    "storm", [storm_of_alerts, storm_of_noise, storm_of_symptoms, storm_of_feedback, storm_of_changes]
)
def test_the_state_of_a_scope_stays_well_under_a_megabyte_in_a_storm(
    storm: Callable[[], Iterator[Signal]],
) -> None:
    scope = Scope()
    for signal in storm():
        scope.told(signal)
    assert len(msgspec.json.encode(scope.state)) < MEGABYTE / 2


def test_an_incident_that_is_opened_again_and_again_does_not_grow_without_end() -> None:
    scope = Scope()
    half: int | None = None
    for number, signal in enumerate(months_of_flapping()):
        scope.told(signal)
        if number == 400:
            half = len(scope.incident.timeline)
    assert len(scope.incident.timeline) == half
