"""What is the whole way from events to incidents? The stages, and their composition without a broker."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from detectors.flow.partition import Partition, Position, tick_of
from detectors.flow.stage import Stage
from detectors.incidents.correlation import Correlator
from detectors.intake.folding import Fold
from detectors.intake.reading import Refusal, read_recorded
from detectors.intake.redaction import Redactor
from detectors.intake.routing import outgoing_of
from detectors.intake.trace_joining import TraceJoining
from detectors.oncall import NO_SCHEDULE, OnCallSchedule
from detectors.symptoms.log_signature import LogSignatures
from detectors.symptoms.metric_shift import MetricShifts
from detectors.symptoms.span_shift import SpanShifts
from detectors.symptoms.trace_shift import TraceShifts
from detectors.topology import Catalog
from models import topic
from models.chunk import Chunk
from models.event import Event
from models.event_time import LATEST
from models.policy import Policy
from models.tick import Heartbeat, Progress, Tick
from models.topic import Outgoing, path_name

_CHUNK = 2_000
"""Events folded at a time: enough that time passing costs little, few enough to stay in cache."""

_LIMIT_BYTES = 524_288
"""Largest alert, change or feedback: half of a record, as by default in an installation."""

_END = LATEST - timedelta(days=1)


def symptom_stages(catalog: Callable[[], Catalog]) -> tuple[Stage[Any], ...]:
    """Give the stages that turn folded telemetry into symptoms."""
    return (LogSignatures(catalog), MetricShifts(catalog), SpanShifts(catalog), TraceShifts(catalog))


class Pipeline:
    """The whole way in one process: the same stages as the agents, one partition of each.

    Feed records in any order within the allowed lateness; outputs come as time passes. Memory is
    bounded by what the stages remember, whatever the number of records.
    """

    def __init__(
        self,
        catalog: Catalog,
        lateness: timedelta,
        policy: Policy,
        redactor: Redactor,
        oncall: OnCallSchedule = NO_SCHEDULE,
    ) -> None:
        """Start with a catalog, a policy, a redactor and schedules that hold for the whole run."""
        self._redactor = redactor
        self._catalog = catalog
        self._lateness = lateness
        self._partitions = [_partition(stage) for stage in symptom_stages(lambda: catalog)]
        self._correlator = _partition(Correlator(lambda: catalog, policy, oncall))
        self._traces = TraceJoining(lateness.total_seconds())
        self._folds = {source: self._fold() for source in topic.BULK}
        self._chunk_from = 0
        self._offset = 0
        self._fed = 0
        self._newest: datetime | None = None
        self.refused: list[Refusal] = []
        """Why the record that was fed last, or elements of it, could not be read."""

    def feed(self, source: str, data: bytes) -> Iterator[Outgoing]:
        """Take one record of an input topic; give what follows from it, and from the time that has passed."""
        self.refused = []
        # A file does not say when its lines were recorded: any time is possible.
        for told in read_recorded(source, data, self._redactor, _END, _LIMIT_BYTES):
            if isinstance(told, Refusal):
                self.refused.append(told)
            elif not isinstance(told, Heartbeat):
                yield from self._take(source, told)
        self._fed += 1
        if self._fed - self._chunk_from >= _CHUNK and self._newest is not None:
            held = self._traces.earliest()
            reached = self._newest - self._lateness
            yield from self.pass_time(reached if held is None else min(reached, held))

    def end(self, until: datetime | None = None) -> Iterator[Outgoing]:
        """Let the clock run to a moment and stop there; None: until nothing waits any more."""
        self._folds[topic.LOGS].settle(self._traces.end_all())
        yield from self.pass_time(_END if until is None else until + timedelta(microseconds=1))

    def pass_time(self, watermark: datetime) -> Iterator[Outgoing]:
        """Let it be known on all paths that nothing before this moment will come any more."""
        for source, fold in self._folds.items():
            chunk = Chunk(source=path_name(source, 0), epoch=1, first=self._chunk_from, end=self._fed)
            self._folds[source] = self._fold()
            for record in fold.records(source, chunk):
                for partition in self._partitions:
                    if partition.stage.source == record.topic:
                        partition.take(self._next(), record.key, record.value)
        self._chunk_from = self._fed
        told = Progress(epoch=1, watermark=watermark)
        for partition in self._partitions:
            tick = Tick(paths=dict.fromkeys(partition.stage.paths(1), told))
            for sent in partition.take(self._next(), "", tick):
                if sent.topic != topic.SIGNALS:
                    yield sent
                else:
                    yield from self._correlator.take(self._next(), sent.key, sent.value)
            partition.written()
        paths = dict.fromkeys(self._correlator.stage.paths(1), told)
        stages = tick_of(self._partitions)
        if stages is not None:
            paths.update(stages.paths)
        yield from self._correlator.take(self._next(), "", Tick(paths=paths))
        self._correlator.written()

    def _take(self, source: str, event: Event) -> Iterator[Outgoing]:
        self._newest = event.timestamp if self._newest is None else max(self._newest, event.timestamp)
        self._folds[topic.LOGS].hear(event.timestamp.timestamp())
        if source in topic.BULK:
            self._folds[source].add(event)
        else:
            for sent in outgoing_of(event, self._catalog):
                if sent.topic == topic.SIGNALS:
                    yield from self._correlator.take(self._next(), sent.key, event)
                for partition in self._partitions:
                    if partition.stage.source == sent.topic:
                        partition.take(self._next(), sent.key, event)

    def _fold(self) -> Fold:
        return Fold(self._redactor, self._traces, self._catalog.scope_of)

    def _next(self) -> int:
        self._offset += 1
        return self._offset


def _partition(stage: Stage[Any]) -> Partition[Any]:
    return Partition(stage, 0, stage.paths(1), Position(epoch=1))
