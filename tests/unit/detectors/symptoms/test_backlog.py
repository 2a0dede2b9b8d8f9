import random

import pytest

from detectors.symptoms.backlog import is_backlog
from detectors.symptoms.metric_shift import MetricShifts
from models.signal import Symptom
from tests.unit.detectors.symptoms.watching import CATALOG, Watch, onset, points, second

LAG = "kafka_consumergroup_lag"


def told_of_growth(values: list[float], *, cadence_s: int = 10) -> list[Symptom]:
    watch = Watch(MetricShifts(lambda: CATALOG))
    for value in values:
        watch.sees({LAG: points(value)})
        watch.waits(cadence_s - 10)
    return [each for each in watch.symptoms if each.subject == f"growth of {LAG}"]


def a_steady_queue(many: int, level: float = 200.0) -> list[float]:
    chance = random.Random("steady")
    return [level + chance.gauss(0, 15) for _ in range(many)]


@pytest.mark.parametrize("cadence_s", [10, 20, 60, 300])
def test_a_queue_that_creeps_up_is_told_with_its_slope_and_the_moment_it_began(cadence_s: int) -> None:
    calm = a_steady_queue(36)
    rising = [200.0 + 60 * cadence_s / 60 * number for number in range(1, 40)]
    told = told_of_growth(calm + rising, cadence_s=cadence_s)
    assert (told[-1].value, told[-1].unit) == (pytest.approx(60.0, rel=0.01), "per minute")
    assert 0 <= onset(told[0]) - 36 * cadence_s <= max(120, 2 * cadence_s)  # never before it began
    assert second(told[0]) - 36 * cadence_s <= max(300, 6 * cadence_s)


def test_growth_is_told_while_it_lasts_and_not_while_the_queue_drains() -> None:
    rising = [200.0 + 20 * number for number in range(1, 120)]
    falling = [rising[-1] - 20 * number for number in range(1, 60)]
    told = told_of_growth(a_steady_queue(36) + rising + falling)
    turns = (36 + len(rising)) * 10
    assert turns - 60 <= second(told[-1]) <= turns + 90


def test_a_jump_of_the_level_is_no_growth() -> None:
    assert told_of_growth(a_steady_queue(40) + a_steady_queue(40, level=2_000.0)) == []


def test_a_queue_that_only_varies_does_not_grow() -> None:
    chance = random.Random("varies")
    assert told_of_growth([max(chance.gauss(200, 60), 0.0) for _ in range(3_000)]) == []


def test_a_handful_of_waiting_messages_is_no_backlog() -> None:
    assert told_of_growth([0.0] * 40 + [number // 3 for number in range(40)]) == []


def test_one_point_that_is_far_off_does_not_hide_the_growth() -> None:
    rising = [200.0 + 20 * number for number in range(1, 60)]
    rising[20] = 0.0
    assert told_of_growth(a_steady_queue(36) + rising)


@pytest.mark.parametrize(
    "metric",
    [
        "kafka_consumergroup_lag", "kafka.consumer.lag", "records-lag-max", "rabbitmq_queue_messages_ready",
        "ApproximateNumberOfMessagesVisible", "celery_queue_length", "sidekiq_queue_size", "queue.depth",
        "num_undelivered_messages", "jobs_pending",
    ],
)  # fmt: skip
def test_what_waits_is_known_by_the_usual_names(metric: str) -> None:
    assert is_backlog(metric)


@pytest.mark.parametrize(
    "metric",
    [
        "kafka_consumergroup_lag_seconds", "queue.oldest_message_age_s", "queue_size_limit",
        "replication_lag",
        "ApproximateNumberOfMessagesNotVisible", "rabbitmq_queue_messages_published_total", "cpu_pct",
        "sidekiq_queue_latency", "queue_capacity",
    ],
)  # fmt: skip
def test_what_does_not_count_waiting_messages_is_no_backlog(metric: str) -> None:
    assert not is_backlog(metric)
