import random

import pytest

from detectors.symptoms.metric_shift import MetricShifts, kind_of, unit_of
from models.record import decode, encode
from models.signal import Symptom, SymptomKind
from tests.unit.detectors.symptoms.watching import CATALOG, Watch, onset, points, second


def a_watch() -> Watch:
    return Watch(MetricShifts(lambda: CATALOG))


def test_a_jump_is_told_at_its_onset_and_again_each_minute_while_it_lasts() -> None:
    watch = a_watch()
    watch.sees_all([{"cpu_pct": points(40.0 + number % 3)} for number in range(30)])
    told = watch.sees_all([{"cpu_pct": points(98.0)}] * 15)
    assert [(second(each), onset(each), each.value) for each in told] == [
        (310, 300, 98.0), (370, 300, 98.0), (430, 300, 98.0),
    ]  # fmt: skip
    assert {(each.baseline, each.threshold, each.unit) for each in told} == {(41.0, 61.5, "%")}


def test_a_long_outage_is_told_to_its_end_and_does_not_become_usual_within_the_hour() -> None:
    watch = a_watch()
    watch.sees_all([{"cpu_pct": points(40.0)}] * 60)
    assert len(watch.sees_all([{"cpu_pct": points(98.0)}] * 300)) == 50
    assert watch.sees_all([{"cpu_pct": points(40.0)}] * 60) == []


def test_a_level_that_lasts_an_hour_is_usual_from_then_on() -> None:
    watch = a_watch()
    watch.sees_all([{"memory_mib": points(400.0)}] * 60)
    watch.sees_all([{"memory_mib": points(900.0)}] * 361)
    assert watch.sees_all([{"memory_mib": points(900.0)}] * 700) == []
    assert [each.baseline for each in watch.sees({"memory_mib": points(2000.0)})] == [900.0]


def test_before_there_is_a_usual_range_nothing_is_told() -> None:
    assert a_watch().sees_all([{"cpu_pct": points(value)} for value in (1.0, 90.0, 3.0, 500.0, 2.0)]) == []


@pytest.mark.parametrize("cadence_s", [10, 60, 300])
def test_a_metric_is_watched_at_the_pace_at_which_it_comes(cadence_s: int) -> None:
    watch = a_watch()
    for _ in range(10):
        assert watch.sees({"queue_depth": points(10.0)}) == []
        watch.waits(cadence_s - 10)
    assert len(watch.sees({"queue_depth": points(80.0)})) == 1


def test_a_wobble_is_no_shift() -> None:
    chance = random.Random("wobble")
    watch = a_watch()
    for _ in range(2_000):
        watch.sees({"latency_ms": points(*(chance.gauss(200, 20) for _ in range(3)))})
    assert watch.symptoms == []


def test_a_constant_may_change_a_little() -> None:
    watch = a_watch()
    watch.sees_all([{"replicas": points(10.0)}] * 20)
    assert watch.sees({"replicas": points(12.0)}) == []


def test_a_drop_is_a_shift_too() -> None:
    watch = a_watch()
    watch.sees_all([{"requests_per_s": points(500.0)}] * 20)
    (told,) = watch.sees({"requests_per_s": points(20.0)})
    assert told.score < 0
    assert told.threshold < told.baseline


@pytest.mark.parametrize(
    ("metric", "rises", "kind"),
    [
        ("http.server.error_ratio_pct", True, SymptomKind.ERROR_RATE),
        ("http.server.error_ratio_pct", False, SymptomKind.METRIC_SHIFT),
        ("availability_pct", False, SymptomKind.ERROR_RATE),
        ("availability_pct", True, SymptomKind.METRIC_SHIFT),
        ("login_success_total", True, SymptomKind.METRIC_SHIFT),
        ("pods_unavailable", True, SymptomKind.ERROR_RATE),
        ("pods_unavailable", False, SymptomKind.METRIC_SHIFT),
        ("request.duration.p95_ms", True, SymptomKind.LATENCY),
        ("request.duration.p95_ms", False, SymptomKind.METRIC_SHIFT),
        ("cpu_pct", True, SymptomKind.METRIC_SHIFT),
    ],
)
def test_only_what_gets_worse_is_a_failure(metric: str, rises: bool, kind: SymptomKind) -> None:
    assert kind_of(metric, rises=rises) is kind


def test_errors_that_end_are_told_as_a_shift_and_not_as_errors() -> None:
    watch = a_watch()
    watch.sees_all([{"error_ratio_pct": points(20.0)}] * 20)
    assert [each.symptom_kind for each in watch.sees({"error_ratio_pct": points(0.5)})] == [
        SymptomKind.METRIC_SHIFT
    ]


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("cpu_pct", "%"),
        ("p95_ms", "ms"),
        ("heap.bytes", "B"),
        ("requests_per_s", "per second"),
        ("depth", ""),
    ],
)
def test_the_unit_is_read_off_the_name(metric: str, unit: str) -> None:
    assert unit_of(metric) == unit


@pytest.mark.parametrize("value", [1.7976931348623157e308, -1.7976931348623157e308, 0.0])
def test_the_largest_float_is_told_in_a_form_that_can_be_read_back(value: float) -> None:
    # Senders use it for "no limit".
    watch = a_watch()
    watch.sees_all([{"limit": points(5.0)}] * 20)
    (told,) = watch.sees({"limit": points(value)})
    assert decode(Symptom, encode(told)) == told


def test_the_number_of_series_is_bounded_and_what_is_left_out_is_counted() -> None:
    watch = a_watch()
    most = watch.stage.policy.most_series  # type: ignore[attr-defined]
    watch.sees({f"metric {number}": points(1.0) for number in range(most + 20)})
    assert len(watch.state.history.known) == most
    assert watch.stage.counts(watch.state).left_out == 20


def test_what_has_been_silent_longest_goes_first_and_is_counted_once() -> None:
    watch = a_watch()
    most = watch.stage.policy.most_series  # type: ignore[attr-defined]
    for _ in range(20):
        watch.sees({f"old {number:03d}": points(1.0) for number in range(most)})
    for _ in range(20):
        watch.sees({f"old {number:03d}": points(1.0) for number in range(most - 1)} | {"new": points(1.0)})
    assert watch.stage.counts(watch.state).left_out == 1
    assert f"old {most - 1:03d}" not in watch.state.history.known
    assert [each.subject for each in watch.sees({"new": points(50.0)})] == ["new"]


def test_a_drop_of_availability_is_told_by_the_errors_that_it_means() -> None:
    watch = a_watch()
    watch.sees_all([{"availability.pct": points(99.9), "requests.count": points(700.0)}] * 10)
    (told,) = watch.sees({"availability.pct": points(96.9), "requests.count": points(700.0)})
    assert (told.symptom_kind, told.value, told.sample_size) == (SymptomKind.ERROR_RATE, 96.9, 700)


def test_a_failure_among_a_handful_of_requests_is_chance() -> None:
    watch = a_watch()
    few = points(12.0)
    watch.sees_all(
        [{"availability.pct": points(100.0), "latency.avg_s": points(0.1), "requests.count": few}] * 10
    )
    failing = {"availability.pct": points(90.0), "latency.avg_s": points(4.0), "requests.count": few}
    assert watch.sees(failing) == []
