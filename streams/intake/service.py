"""How do input records become signals and folded counts, each counted exactly once?

A chunk of a partition is read, folded, sent, and committed when everything of it is on all replicas;
only then is the next one sent, though it is read and folded meanwhile. See `detectors.flow.ledger` for why
that counts nothing twice.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from mode import Service

from detectors.topology import Catalog
from models import topic
from models.topic import Outgoing
from streams import machine
from streams.dead_letters.box import DeadLetterBox
from streams.intake.chunk import IntakeChunk, take_chunk
from streams.intake.path import IntakePath
from streams.intake.path_times import PathTimes, ends_reached
from streams.intake.takeover import note_gaps, take_over
from streams.kafka.lag import stall
from streams.kafka.outbox import Outbox
from streams.kafka.topics import topic_name
from streams.process import metrics
from streams.process.exit_code import ExitCode
from streams.process.slot import member_name
from streams.settings import Settings

POLL_MS = 50
"""Longest wait for records (machine time): an alert waits here at most so long behind an empty poll."""

log = structlog.get_logger()


class Intake(Service):  # type: ignore[misc]  # mode has no types that mypy reads
    """Reads the input topics in a consumer group of its own; Faust starts and stops it."""

    logger = logging.getLogger("mode.intake")

    def __init__(
        self,
        settings: Settings,
        catalog: Callable[[], Catalog],
        outbox: Outbox,
        end: Callable[[ExitCode], NoReturn],
        **options: Any,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            settings: Where the topics are, and how large a chunk may be.
            catalog: Gives the catalog as it stands.
            outbox: Sends everything; started and stopped by the caller.
            end: Ends the process.
            options: For the service that Faust manages.
        """
        super().__init__(**options)
        self._settings = settings
        self._catalog = catalog
        self._outbox = outbox
        self._end = end
        self._lateness = timedelta(seconds=settings.lateness_s)
        self._group = settings.group("intake")
        self._redactor = settings.redactor()
        self._letters = DeadLetterBox(outbox, "intake", self._redactor)
        self._times = PathTimes(settings, outbox)
        self._paths: dict[TopicPartition, IntakePath] = {}
        self._queues: dict[TopicPartition, deque[Any]] = {}
        """Records that are read and not folded."""
        self._silent: set[TopicPartition] = set()
        """Those of them that nothing has followed for so long that open traces end with them."""
        self._unclaimed: set[TopicPartition] | None = None
        self._is_revoked = False
        self._cycled_at = machine.monotonic()
        self._busy = asyncio.Lock()
        self.assigned = asyncio.Event()
        """Set once the group has given us our partitions (there may be none)."""
        self._sources = {topic_name(settings, source): source for source in topic.INPUTS}

    async def on_start(self) -> None:
        """Join the group."""
        settings = self._settings
        session_ms = int(settings.session_timeout_s * 1000)
        self._admin = AIOKafkaAdminClient(**settings.connection())
        await self._admin.start()
        self._consumer = AIOKafkaConsumer(
            **settings.connection(),
            group_id=self._group,
            group_instance_id=member_name(settings),
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=max(session_ms // 4, 100),
            rebalance_timeout_ms=session_ms,
            max_poll_interval_ms=600_000,
            max_partition_fetch_bytes=settings.max_input_bytes,
            fetch_max_wait_ms=POLL_MS,
        )
        await self._consumer.start()
        self._consumer.subscribe(sorted(self._sources), listener=_Listener(self))

    @Service.task  # type: ignore[untyped-decorator]  # mode has no types that mypy reads
    async def _work(self) -> None:
        try:
            while not self.should_stop:
                async with self._busy:
                    await self._claim()
                    await self._run()
                    await self._tick()
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("intake.failed")
            self._end(ExitCode.FAILED)

    async def drain(self) -> None:
        """Finish the chunk in hand, and start no other."""
        self.set_shutdown()
        await self._busy.acquire()
        with suppress(Exception):
            await self._consumer.stop()
            await self._admin.close()

    async def revoke(self) -> None:
        """Let go of all partitions; what is in hand is finished first."""
        self._is_revoked = True
        async with self._busy:
            self._is_revoked = False
            self._paths.clear()
            self._queues = {}
            self._unclaimed = None

    def stalled(self) -> str:
        """Say why records wait while none is processed; empty while all is well."""
        waited = machine.monotonic() - self._cycled_at
        told = (
            stall(path.name, (self._consumer.last_stable_offset(place) or 0) - path.next_offset, waited)
            for place, path in self._paths.items()
        )
        return next((why for why in told if why), "")

    def assign(self, assigned: set[TopicPartition]) -> None:
        """Note what the group has given us; it is claimed before anything is read."""
        self._unclaimed = assigned
        self.assigned.set()

    async def _claim(self) -> None:
        """Take over the partitions that are new: from the committed offset, under a higher epoch."""
        unclaimed, self._unclaimed = self._unclaimed, None
        if not unclaimed:
            return
        taken = await take_over(
            unclaimed, group=self._group, admin=self._admin, consumer=self._consumer,
            sources=self._sources, idle_after_s=self._settings.idle_after_s,
            lateness_s=self._settings.lateness_s,
        )  # fmt: skip
        self._paths.update(taken)
        await self._commit(sorted(unclaimed))
        for place in unclaimed:
            self._consumer.seek(place, self._paths[place].read_from)

    async def _run(self) -> None:
        """Process chunks until there are none, or someone waits for us; after that nothing is in hand.

        While some are delivered the next ones are read and folded. These are sent when those are
        committed, and not before: a chunk starts at a committed offset.
        """
        delivery: asyncio.Task[None] | None = None
        try:
            while chunks := await self._fold():
                if delivery is not None:
                    await delivery
                delivery = asyncio.create_task(self._deliver(chunks))
                if self._is_revoked or self.should_stop:
                    break
        finally:
            if delivery is not None:
                await delivery

    async def _fold(self) -> dict[TopicPartition, IntakeChunk]:
        """Fold one chunk of each partition that has something to read."""
        if not self._queues:
            await self._read()
        chunks: dict[TopicPartition, IntakeChunk] = {}
        for place, records in self._queues.items():
            path = self._paths[place]
            age_s = machine.now().timestamp() - records[0].timestamp / 1000
            path.lag.note(age_s, machine.monotonic())
            chunk = await take_chunk(
                path.source, records, self._catalog(), self._redactor, path.traces,
                most_bytes=self._settings.chunk_bytes, most_record_bytes=self._settings.max_record_bytes,
                is_silent=place in self._silent,
            )  # fmt: skip
            path.withhold(chunk.withheld, machine.monotonic())
            if chunk.end > chunk.first:
                chunks[place] = chunk
        self._queues = {place: records for place, records in self._queues.items() if records}
        return chunks

    async def _read(self) -> None:
        """Read what there is; returns without anything after `POLL_MS`."""
        if not self._paths:
            await asyncio.sleep(POLL_MS / 1000)
            return
        fetched: Mapping[TopicPartition, list[Any]] = await self._consumer.getmany(
            timeout_ms=POLL_MS, max_records=self._settings.chunk_records
        )
        self._queues, self._silent = {}, set()
        due: dict[TopicPartition, int] = {}
        ahead: dict[TopicPartition, int] = {}
        for place in {**fetched, **self._paths}:
            path = self._paths[place]
            records = path.recalled(deque(fetched.get(place, ())), self._redactor)
            if records:
                due[place], ahead[place] = path.read_offset, records[0].offset
                path.read_offset = records[-1].offset + 1
            if path.release(records, machine.monotonic()):
                self._silent.add(place)
            if records:
                self._queues[place] = records
        await note_gaps(self._consumer, self._paths, due, ahead)

    async def _deliver(self, chunks: Mapping[TopicPartition, IntakeChunk]) -> None:
        """Send chunks, and commit them when everything is on all replicas."""
        started = machine.monotonic()
        await self._times.wake(chunks, self._paths)
        outputs: list[Outgoing] = []
        for place, chunk in chunks.items():
            path = self._paths[place]
            outputs.extend(chunk.outputs(path.name, path.epoch))
        await self._set_aside(chunks)
        await self._outbox.deliver(outputs)
        metrics.count_outputs("intake", outputs)
        for place, chunk in chunks.items():
            path = self._paths[place]
            path.settle(chunk, self._lateness, machine.monotonic())
            metrics.RECORDS.labels("intake", path.source).inc(chunk.end - chunk.first)
        await self._commit(sorted(chunks))
        metrics.STAGE_SECONDS.labels("intake").observe(machine.monotonic() - started)
        await self._tick()

    async def _set_aside(self, chunks: Mapping[TopicPartition, IntakeChunk]) -> None:
        """Send the dead letters of some chunks, all at once: one by one each would wait for the linger."""
        letters = [
            self._letters.put(
                record, self._paths[place].source, refusal.error.reason, refusal.error.detail,
                element=refusal.element, refused=refusal.payload,
            )
            for place, chunk in chunks.items()
            for record, refusal in chunk.refused
        ]  # fmt: skip
        await asyncio.gather(*letters)

    async def _commit(self, places: list[TopicPartition]) -> None:
        monotonic = machine.monotonic()
        paths = {place: self._paths[place] for place in places}
        await self._consumer.commit(
            {
                place: OffsetAndMetadata(path.next_offset, path.claim(monotonic))
                for place, path in paths.items()
            }
        )

    async def _tick(self) -> None:
        """Tell how far our paths are, once an interval, and commit what was passed over."""
        self._cycled_at = machine.monotonic()
        if not self._times.due():
            return
        at_end = await ends_reached(self._consumer, self._paths)
        due = {place: self._paths[place].next_offset for place in at_end}
        # Markers of transactions: uncommitted they would look like records that wait for ever.
        passed = await note_gaps(self._consumer, self._paths, due, at_end)
        for place in passed:
            self._paths[place].pass_over(at_end[place])
        if passed:
            await self._commit(passed)
        await self._times.tell(self._paths, at_end)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types that mypy reads
    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._intake.revoke()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._intake.assign(set(assigned))
