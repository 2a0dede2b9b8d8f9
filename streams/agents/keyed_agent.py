"""How does an agent keep its word? Nothing lost, nothing counted twice, whenever it is killed.

Read in micro-batches, process over the state in memory, deliver the outputs, and at each checkpoint
write the states, then the position, then commit. Whatever part of that was done before a crash,
doing it again from the last position gives the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, NoReturn

import structlog
from faust.types import TP

from detectors.flow.partition import Partition, tick_of
from detectors.flow.stage import Stage
from models.record import InvalidRecordError
from models.tick import Progress
from models.topic import Outgoing
from streams import machine
from streams.agents.gauges import observe
from streams.agents.table_keeper import TableKeeper
from streams.dead_letters.box import DeadLetterBox, read_from
from streams.kafka.lag import Lag
from streams.kafka.outbox import Outbox
from streams.kafka.time_teller import TimeTeller
from streams.kafka.topics import topic_name
from streams.process import metrics
from streams.process.exit_code import ExitCode
from streams.process.presence import Presence
from streams.settings import Settings

BATCH_RECORDS = 500
"""Records processed between two deliveries: some tens of milliseconds of work."""

BATCH_WITHIN_S = 0.02
"""Longest wait for a batch to fill (machine time): what an alert waits here at most."""

STALLED_AFTER_S = 30.0
"""Records that wait so long (machine time) while none is taken show that something hangs."""

Deliver = Callable[[Sequence[Outgoing]], Awaitable[None]]

log = structlog.get_logger()


class KeyedAgent:
    """Runs one stage over the partitions that this process was assigned, by the recipe above.

    One instance lives for one assignment: when partitions are revoked, `drain` finishes what is in
    hand and the process ends. A failure outside (broker, sink) ends the process before any commit.
    """

    def __init__(
        self,
        app: Any,
        table: Any,
        stage: Stage[Any],
        settings: Settings,
        outbox: Outbox,
        deliver: Deliver,
        end: Callable[[ExitCode], NoReturn],
    ) -> None:
        """Prepare an agent.

        Args:
            app: The Faust app; its consumer commits.
            table: The Faust table that keeps the stage's states.
            stage: What the agent does.
            settings: Where its topics are.
            outbox: Sends ticks and dead letters.
            deliver: Sends outputs and returns when they have arrived for certain.
            end: Ends the process.
        """
        self._app = app
        self._stage = stage
        self._settings = settings
        self._deliver = deliver
        self._end = end
        self._topic = topic_name(settings, stage.source)
        self.presence = Presence(settings.session_timeout_s, end)
        """To be confirmed all the while, so that no late writer puts old states over newer ones."""
        self._keeper = TableKeeper(table, stage)
        self._letters = DeadLetterBox(outbox, stage.table)
        self._time = TimeTeller(outbox, settings.partitions)
        self._partitions: dict[int, Partition[Any]] = {}
        self._lag: dict[int, Lag] = {}
        self._checkpoint_due = machine.monotonic() + settings.checkpoint_interval_s
        self._batch_at = machine.monotonic()
        self._busy = asyncio.Lock()
        self._draining = False
        self._unwritten = False

    async def run(self, stream: Any) -> None:
        """Process the stream until the process ends; this is the body of the Faust agent."""
        writing = asyncio.ensure_future(self._guarded(self._checkpoint_while_quiet()))
        try:
            await self._guarded(self._process_all(stream))
        finally:
            writing.cancel()

    async def drain(self) -> None:
        """Finish the batch in hand, write a checkpoint, and take no further batch."""
        self._draining = True
        async with self._busy:
            await self._checkpoint()

    def stalled(self) -> str:
        """Say why records wait while none is processed; empty while all is well."""
        waited = machine.monotonic() - self._batch_at
        for number, partition in self._partitions.items():
            behind = (
                self._app.consumer.highwater(TP(self._topic, number)) or 0
            ) - partition.position.next_offset
            if behind > 0 and waited > STALLED_AFTER_S:
                return f"{behind} records of {self._topic}:{number} wait, none was taken for {waited:.0f} s"
        return ""

    async def _guarded(self, work: Awaitable[None]) -> None:
        """Do work whose failure ends the process, before any commit."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("agent.failed", stage=self._stage.table)
            self._end(ExitCode.FAILED)

    async def _process_all(self, stream: Any) -> None:
        async for batch in stream.noack_take(BATCH_RECORDS, within=BATCH_WITHIN_S):
            async with self._busy:
                if self._draining:
                    return
                await self._process(batch)

    async def _checkpoint_while_quiet(self) -> None:
        """Write what the last batch before a silence has left unwritten."""
        while not self._draining:
            await asyncio.sleep(self._settings.checkpoint_interval_s)
            async with self._busy:
                if self._unwritten and not self._draining and machine.monotonic() >= self._checkpoint_due:
                    await self._checkpoint()

    async def _process(self, batch: Sequence[Any]) -> None:
        self._unwritten = True
        started = self._batch_at = machine.monotonic()
        outputs: list[Outgoing] = []
        for event in batch:
            message = event.message
            partition = await self._opened(message)
            if not await self._is_next(partition, message):
                continue
            age_s = machine.now().timestamp() - message.timestamp
            self._lag[message.partition].note(age_s, machine.monotonic())
            key = (message.key or b"").decode("utf-8", "replace")
            try:
                outputs.extend(partition.apply(message.offset, key, message.value or b""))
            except InvalidRecordError as error:
                await self._letters.put(read_from(message), self._stage.source, error.reason, error.detail)
        metrics.RECORDS.labels("agent", self._stage.source).inc(len(batch))
        if outputs:
            await self._deliver(outputs)
            metrics.STAGE_SECONDS.labels(self._stage.table).observe(machine.monotonic() - started)
        await self._tell_time()
        if machine.monotonic() >= self._checkpoint_due:
            await self._checkpoint()

    async def _opened(self, message: Any) -> Partition[Any]:
        partition = self._partitions.get(message.partition)
        if partition is not None:
            return partition
        paths = self._stage.paths(self._settings.partitions)
        partition, was_written = self._keeper.open(message.partition, paths)
        if not was_written:
            partition.position.next_offset = await self._earliest(message.partition)
        partition.position.epoch += 1
        # Written before anything is told under the new epoch: it must rise even if we die at once.
        await self._keeper.write_position(partition)
        self._partitions[message.partition] = partition
        self._lag[message.partition] = Lag(self._settings.idle_after_s)
        return partition

    async def _is_next(self, partition: Partition[Any], message: Any) -> bool:
        expected = partition.position.next_offset
        if message.offset < expected:
            metrics.RECORDS_REPEATED.labels(self._stage.source).inc()
            return False
        if message.offset > expected:
            earliest = await self._earliest(message.partition)
            if earliest <= expected:
                log.error("records.missing", topic=self._topic, partition=message.partition,
                          expected=expected, got=message.offset)  # fmt: skip
                self._end(ExitCode.HOLE)
            lost = message.offset - expected
            metrics.RECORDS_LOST.labels(self._stage.source).inc(lost)
            detail = f"{lost} records from offset {expected} were deleted by the broker before they were read"
            log.error("records.lost", topic=self._topic, partition=message.partition, detail=detail)
            await self._letters.put(read_from(message), self._stage.source, "records_lost", detail)
            partition.position.next_offset = message.offset
        return True

    async def _earliest(self, number: int) -> int:
        place = TP(self._topic, number)
        return int((await self._app.consumer.earliest_offsets(place))[place])

    async def _tell_time(self) -> None:
        """Tell all partitions of the next topic how far ours are, where that has changed."""
        tick = tick_of(self._partitions.values())
        if self._stage.ticks_to is None or tick is None:
            return
        lateness = timedelta(seconds=self._settings.lateness_s)
        paths = dict(tick.paths)
        for number, partition in self._partitions.items():
            told = paths.get(partition.path)
            is_behind = self._lag[number].is_too_long(machine.monotonic(), self._settings.lag_limit_s)
            if told is not None and is_behind:
                # What lags must not hold up alerts: to the others it counts as silent.
                paths[partition.path] = Progress(epoch=told.epoch, idle_at=machine.now() - lateness)
        await self._time.tell(self._stage.ticks_to, paths)

    async def _checkpoint(self) -> None:
        self.presence.confirm()
        started = machine.monotonic()
        offsets = {}
        for number, partition in sorted(self._partitions.items()):
            await self._keeper.checkpoint(partition)
            offsets[TP(self._topic, number)] = partition.position.next_offset
        if offsets:
            await self._app.consumer._commit(offsets)  # acks are off: Faust offers no public way
        self._unwritten = False
        observe(self._stage, self._partitions, self._lag)
        metrics.CHECKPOINT_SECONDS.labels(self._stage.table).observe(machine.monotonic() - started)
        self._checkpoint_due = machine.monotonic() + self._settings.checkpoint_interval_s
