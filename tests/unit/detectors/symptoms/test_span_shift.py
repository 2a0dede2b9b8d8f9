import random

import pytest

from detectors.symptoms.span_shift import SpanShifts
from models.signal import Symptom, SymptomKind
from tests.unit.detectors.symptoms.watching import CATALOG, Watch, onset, second, spans

PAY = "POST /pay"


def a_watch() -> Watch:
    watch = Watch(SpanShifts(lambda: CATALOG))
    watch.sees_all([{PAY: spans(50)}] * 20)
    assert watch.symptoms == []
    return watch


def test_a_rise_of_failing_spans_is_told_with_its_share() -> None:
    (told,) = a_watch().sees({PAY: spans(50, errors=9)})
    assert (told.symptom_kind, told.subject, told.value, told.unit) == (
        SymptomKind.ERROR_RATE,
        PAY,
        18.0,
        "%",
    )
    assert (told.baseline, told.threshold, told.sample_size) == (0.0, 5.0, 50)


def test_failing_spans_are_told_again_each_minute_while_they_last() -> None:
    told = a_watch().sees_all([{PAY: spans(50, errors=9)}] * 13)
    assert [(second(each), onset(each)) for each in told] == [(210, 200), (270, 200), (330, 200)]


def test_failures_that_are_usual_are_not_told() -> None:
    watch = Watch(SpanShifts(lambda: CATALOG))
    assert watch.sees_all([{PAY: spans(50, errors=10)}] * 40) == []


def test_one_failure_is_no_rate() -> None:
    assert a_watch().sees({PAY: spans(6, errors=1)}) == []


def test_a_few_spans_say_nothing() -> None:
    assert a_watch().sees({PAY: spans(4, errors=4, duration_ms=9_000.0)}) == []


def test_an_operation_that_slows_down_is_told() -> None:
    (told,) = a_watch().sees({PAY: spans(50, duration_ms=900.0)})
    assert (told.symptom_kind, told.unit) == (SymptomKind.LATENCY, "ms")
    assert abs(told.value - 900.0) < 20


def test_an_operation_that_gets_faster_is_a_shift_and_no_latency() -> None:
    (told,) = a_watch().sees({PAY: spans(50, duration_ms=5.0)})
    assert told.symptom_kind is SymptomKind.METRIC_SHIFT


def test_the_service_that_was_called_is_named() -> None:
    watch = Watch(SpanShifts(lambda: CATALOG))
    watch.sees_all([{"call → payments": spans(50, peer="payments")}] * 20)
    told = watch.sees({"call → payments": spans(50, errors=20, peer="payments")})
    assert [each.peer for each in told] == ["payments"]


def test_a_level_that_lasts_an_hour_is_usual_from_then_on() -> None:
    watch = a_watch()
    watch.sees_all([{PAY: spans(50, errors=10, duration_ms=900.0)}] * 361)
    assert watch.sees_all([{PAY: spans(50, errors=10, duration_ms=900.0)}] * 100) == []


def test_durations_that_wobble_are_no_shift() -> None:
    assert [each for each in noisy_symptoms() if each.symptom_kind is not SymptomKind.ERROR_RATE] == []


@pytest.mark.xfail(
    strict=True,
    reason="two failures of thirty spans count as a rate, although 0.2 % of spans fail by chance; "
    "the share needs a longer window or a test of its size",
)
def test_failures_by_chance_are_no_rise() -> None:
    assert [each for each in noisy_symptoms() if each.symptom_kind is SymptomKind.ERROR_RATE] == []


def noisy_symptoms() -> list[Symptom]:
    chance = random.Random("spans")
    watch = Watch(SpanShifts(lambda: CATALOG))
    for _ in range(1_000):
        count = chance.randrange(20, 60)
        failed = sum(chance.random() < 0.002 for _ in range(count))
        watch.sees({PAY: spans(count, errors=failed, duration_ms=chance.lognormvariate(4.6, 0.15))})
    return watch.symptoms
