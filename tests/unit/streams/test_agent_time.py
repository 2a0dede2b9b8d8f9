from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from detectors.flow.partition import Partition, Position
from models.tick import Progress, Tick
from streams import machine
from streams.agents.agent_time import AgentTime
from streams.kafka.lag import Lag
from streams.settings import Settings
from tests.unit.detectors.flow.test_partition import Echo

NOON = datetime(2026, 6, 23, 12, 0, tzinfo=UTC)


class Told:
    def __init__(self) -> None:
        self.ticks: list[dict[str, Progress]] = []

    async def tell(self, target: str, paths: Mapping[str, Progress]) -> None:
        assert target == Echo.ticks_to
        self.ticks.append(dict(paths))


def a_partition() -> Partition[Any]:
    return Partition(Echo(), 0, ("mouths:0",), Position(epoch=5))


def seen(partition: Partition[Any], offset: int, **told: Any) -> None:
    partition.take(offset, "", Tick(paths={"mouths:0": Progress(epoch=1, **told)}))


async def test_a_path_that_wakes_is_told_before_its_outputs_without_how_far_it_is() -> None:
    told: Any = Told()
    time = AgentTime(Echo(), Settings(), told)
    partition = a_partition()
    partitions, lags = {0: partition}, {0: Lag(15.0)}
    seen(partition, 0, idle_at=NOON)
    await time.wake(partitions, lags)
    assert told.ticks == []
    await time.tell(partitions, lags)
    seen(partition, 1, watermark=NOON + timedelta(minutes=1))
    await time.wake(partitions, lags)
    await time.tell(partitions, lags)
    await time.wake(partitions, lags)
    path = partition.path
    assert told.ticks == [
        {path: Progress(epoch=5, idle_at=NOON)},
        {path: Progress(epoch=5)},
        {path: Progress(epoch=5, watermark=NOON + timedelta(minutes=1))},
    ]


async def test_after_a_restart_a_live_path_may_pass_for_silent_and_is_told_as_awake_first() -> None:
    told: Any = Told()
    partition = a_partition()
    seen(partition, 0, watermark=NOON)
    await AgentTime(Echo(), Settings(), told).wake({0: partition}, {0: Lag(15.0)})
    assert told.ticks == [{partition.path: Progress(epoch=5)}]


async def test_a_path_that_lags_for_too_long_counts_as_silent() -> None:
    told: Any = Told()
    partition, lag, settings = a_partition(), Lag(15.0), Settings()
    seen(partition, 0, watermark=NOON)
    lag.note(3600.0, machine.monotonic() - settings.lag_limit_s - 1.0)
    await AgentTime(Echo(), settings, told).tell({0: partition}, {0: lag})
    assert told.ticks[0][partition.path].idle_at is not None
