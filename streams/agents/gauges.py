"""What does an operator see of a stage's states and of its time?"""

from collections.abc import Mapping
from typing import Any

from detectors.flow.partition import Partition
from detectors.flow.stage import Stage
from streams import machine
from streams.kafka.lag import Lag
from streams.process import metrics


def observe(stage: Stage[Any], partitions: Mapping[int, Partition[Any]], lags: Mapping[int, Lag]) -> None:
    """Set the gauges of a stage from all of its partitions in this process."""
    counts = [stage.counts(kept.state) for each in partitions.values() for kept in each.kept.values()]
    metrics.STATE_KEYS.labels(stage.table).set(len(counts))
    metrics.LATE.labels(stage.table).set(sum(each.late for each in counts))
    metrics.BOUNDS_HIT.labels(stage.table).set(sum(each.left_out for each in counts))
    metrics.OPEN_INCIDENTS.labels(stage.table).set(sum(each.open_incidents for each in counts))
    metrics.UNMATCHED.labels(stage.table).set(sum(each.unmatched for each in counts))
    now = machine.now()
    for number, partition in partitions.items():
        metrics.LAG.labels(stage.source, number).set(lags[number].age_s)
        time = partition.time()
        if time is not None:
            metrics.LATENESS.labels(stage.source, number).set((now - time).total_seconds())
