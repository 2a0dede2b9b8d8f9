"""How does an agent keep its word? Nothing lost, nothing counted twice, whenever it is killed.

Read in micro-batches, process over the state in memory, deliver the outputs, and at each checkpoint
write the states, then the position, then commit. Whatever part of that was done before a crash,
doing it again from the last position gives the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn

import structlog
from faust.types import TP

from detectors.flow.partition import Partition
from detectors.flow.stage import Stage
from models.record import InvalidRecordError
from models.topic import Outgoing
from streams import machine
from streams.agents.agent_time import AgentTime
from streams.agents.continuity import BeyondEndError, Continuity, MissingRecordsError
from streams.agents.gauges import observe
from streams.agents.table_keeper import StateTooLargeError, TableKeeper
from streams.dead_letters.box import DeadLetterBox, read_from
from streams.kafka.lag import Lag, stall
from streams.kafka.outbox import Outbox
from streams.kafka.time_teller import TimeTeller
from streams.kafka.topics import topic_name
from streams.process import metrics
from streams.process.epoch import next_epoch
from streams.process.exit_code import ExitCode
from streams.process.presence import Presence
from streams.settings import Settings

BATCH_RECORDS = 500
"""Records processed between two deliveries: some tens of milliseconds of work."""

BATCH_WITHIN_S = 0.02
"""Longest wait for a batch to fill (machine time): what an alert waits here at most."""

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
        self._keeper = TableKeeper(table, stage, settings.max_input_bytes)
        self._letters = DeadLetterBox(outbox, stage.table, settings.redactor())
        self._time = AgentTime(stage, settings, TimeTeller(outbox, settings.partitions))
        self._continuity = Continuity(app, self._topic, stage.source)
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
            highwater = self._app.consumer.highwater(TP(self._topic, number)) or 0
            why = stall(f"{self._topic}:{number}", highwater - partition.position.next_offset, waited)
            if why:
                return why
        return ""

    async def _guarded(self, work: Awaitable[None]) -> None:
        """Do work whose failure ends the process, before any commit."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BeyondEndError as error:
            log.error("position.beyond_end", stage=self._stage.table, detail=str(error))
            self._end(ExitCode.MISCONFIGURED)
        except MissingRecordsError as error:
            log.error("records.missing", stage=self._stage.table, detail=str(error))
            self._end(ExitCode.HOLE)
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
            if not await self._continuity.is_next(message.partition, partition.position, message.offset):
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
            await self._time.wake(self._partitions, self._lag)
            await self._deliver(outputs)
            metrics.count_outputs("agent", outputs)
            metrics.STAGE_SECONDS.labels(self._stage.table).observe(machine.monotonic() - started)
        await self._time.tell(self._partitions, self._lag)
        if machine.monotonic() >= self._checkpoint_due:
            await self._checkpoint()

    async def _opened(self, message: Any) -> Partition[Any]:
        partition = self._partitions.get(message.partition)
        if partition is not None:
            return partition
        paths = self._stage.paths(self._settings.partitions)
        partition, was_written = self._keeper.open(message.partition, paths)
        if was_written:
            await self._continuity.check_end(message.partition, partition.position)
        else:
            partition.position.next_offset = await self._continuity.earliest(message.partition)
        partition.position.epoch = next_epoch(partition.position.epoch, machine.now())
        # Written before anything is told under the new epoch: it must rise even if we die at once.
        await self._keeper.write_position(partition)
        self._partitions[message.partition] = partition
        self._lag[message.partition] = Lag(self._settings.idle_after_s)
        return partition

    async def _checkpoint(self) -> None:
        self.presence.confirm()
        started = machine.monotonic()
        offsets = {}
        for number, partition in sorted(self._partitions.items()):
            try:
                await self._keeper.checkpoint(partition)
            except StateTooLargeError as error:
                log.error(
                    "state.too_large",
                    table=error.table,
                    key=error.key,
                    size=error.size,
                    limit=error.limit,
                    detail=str(error),
                )
                self._end(ExitCode.FAILED)
            offsets[TP(self._topic, number)] = partition.position.next_offset
        if offsets:
            await self._app.consumer._commit(offsets)  # acks are off: Faust offers no public way
        self._unwritten = False
        observe(self._stage, self._partitions, self._lag)
        metrics.CHECKPOINT_SECONDS.labels(self._stage.table).observe(machine.monotonic() - started)
        self._checkpoint_due = machine.monotonic() + self._settings.checkpoint_interval_s
