"""What does one role's process do, from its start to its exit code?

Run as `python -m streams.worker.role ROLE FOLDER` by `headwater worker`, which reads its status from
standard output, ends it by SIGTERM, and deletes the folder, its only scratch space. When its parent
is gone, which closes its standard input, it ends as if it were killed.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import structlog
import uvloop
from aiokafka.errors import KafkaError

from detectors.oncall import OnCallSchedule
from models.policy import Policy
from models.postmortem import Postmortem
from models.topic import Outgoing
from sinks.postmortem_files import PostmortemFiles
from sinks.sink import PostmortemSink, SinkUnavailableError
from streams import log_output, machine
from streams.agents.app import HeadwaterApp, QuietWorker, app_for, reasoning_agents, sink_agents
from streams.agents.keyed_agent import KeyedAgent
from streams.catalog.catalog_topic import CatalogFollower
from streams.intake.service import Intake
from streams.kafka import topics
from streams.kafka.outbox import Outbox
from streams.oncall.directory import read as read_schedules
from streams.oncall.directory import tell_gaps
from streams.oncall.oncall_file import OnCallError
from streams.policy_file import PolicyError
from streams.policy_file import read as read_policy
from streams.process.exit_code import ExitCode
from streams.process.garbage import collect_seldom
from streams.settings import InvalidSettingsError, Settings
from streams.worker.status import Status

ROLES = ("intake", "reason", "sink")

STATUS_EVERY_S = 0.25
BROKER_RETRY_S = 1.0
SINK_ATTEMPTS = 5
LONGEST_SINK_WAIT_S = 5.0

log = structlog.get_logger()


def end(code: ExitCode) -> NoReturn:
    """End the process at once: what matters has been awaited, and what has not must not be finished."""
    sys.stderr.flush()
    os._exit(code)


class RoleProcess:
    """One role: its Faust app, its connections, and what it tells its parent."""

    def __init__(self, role: str, settings: Settings, policy: Policy, oncall: OnCallSchedule) -> None:
        """Prepare; nothing is connected yet."""
        self._role = role
        self._settings = settings
        self._policy = policy
        self._oncall = oncall
        self._outbox = Outbox(settings)
        self._catalog = CatalogFollower(settings)
        self._agents: list[KeyedAgent] = []
        self._intake: Intake | None = None
        self._sinks: list[PostmortemSink] = [PostmortemFiles(Path(settings.postmortem_dir))]
        self._stop = asyncio.Event()
        self._recovered = False
        self._assignments = 0

    async def run(self, data_folder: Path) -> None:
        """Run until asked to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._parent_spoke)
        self._report(Status(role=self._role, waits_for="the broker"))
        await self._connect()
        app = self._app(data_folder)
        started = asyncio.ensure_future(QuietWorker(app).start())
        following = asyncio.ensure_future(self._catalog.run())
        stop = asyncio.ensure_future(self._stop.wait())
        while not stop.done():
            for agent in self._agents:
                agent.presence.confirm()
            self._report(self._status())
            if following.done():
                log.error("catalog.following_failed", error=repr(following.exception()))
                end(ExitCode.FAILED)
            if (started.done() and started.exception() is not None) or app.should_stop:
                log.error("app.failed", error=repr(started.done() and started.exception()))
                end(ExitCode.FAILED)
            await asyncio.wait([stop], timeout=STATUS_EVERY_S)
        await self._drain()
        log.info("role.stopped", role=self._role)
        end(ExitCode.STOPPED)

    async def _connect(self) -> None:
        """Wait for the broker, check the topics, and read the catalog to its end."""
        waiting = False
        while True:
            try:
                problems = await topics.check(self._settings)
                if problems:
                    for problem in problems:
                        sys.stderr.write(f"{problem}\n")
                    end(ExitCode.MISCONFIGURED)
                await self._outbox.start()
                await self._catalog.start()
                return
            except (KafkaError, OSError) as error:
                if not waiting:
                    log.warning("broker.awaited", servers=self._settings.bootstrap_servers, error=repr(error))
                waiting = True
            if self._stop.is_set():
                end(ExitCode.STOPPED)
            await self._outbox.stop()
            await self._catalog.stop()
            await asyncio.sleep(BROKER_RETRY_S)

    def _app(self, data_folder: Path) -> HeadwaterApp:
        app = app_for(self._settings, self._role, data_folder)
        if self._role == "intake":
            app.producer_only = True
            self._intake = Intake(
                self._settings, self._now_catalog, self._outbox, end, loop=asyncio.get_running_loop()
            )
            app.service(self._intake)
        elif self._role == "reason":
            self._agents = reasoning_agents(
                app, self._settings, self._now_catalog, self._policy, self._oncall, self._outbox, end
            )
        else:
            self._agents = sink_agents(app, self._settings, self._outbox, self._write, end)
        app.on_partitions_assigned.connect(self._assigned, weak=False)
        app.on_partitions_revoked.connect(self._revoked, weak=False)
        for table in app.tables.values():
            table.on_recover(self._on_recovered)
        return app

    def _now_catalog(self) -> Any:
        return self._catalog.catalog

    async def _assigned(self, app: Any, assigned: Any, **_: Any) -> None:
        self._assignments += 1

    async def _revoked(self, app: Any, revoked: Any, **_: Any) -> None:
        """One process, one assignment: after the first, a rebalance ends the process."""
        if self._assignments:
            await self._drain()
            log.info("role.rebalanced", role=self._role)
            end(ExitCode.REBALANCED)

    async def _on_recovered(self) -> None:
        self._recovered = True

    async def _drain(self) -> None:
        try:
            # Well within the session: after it, others may have our partitions.
            async with asyncio.timeout(self._settings.session_timeout_s / 2):
                for agent in self._agents:
                    await agent.drain()
                if self._intake is not None:
                    await self._intake.drain()
                await self._outbox.stop()
        except (TimeoutError, KafkaError) as error:
            log.warning("role.drain_cut_short", role=self._role, error=repr(error))

    async def _write(self, outputs: Sequence[Outgoing]) -> None:
        """Write drafts to every sink; one that stays unavailable ends the process, before any commit."""
        for sent in outputs:
            if isinstance(sent.value, Postmortem):
                for sink in self._sinks:
                    await self._write_one(sink, sent.value)

    async def _write_one(self, sink: PostmortemSink, draft: Postmortem) -> None:
        for attempt in range(1, SINK_ATTEMPTS + 1):
            try:
                await sink.write(draft)
            except SinkUnavailableError as error:
                log.error("sink.unavailable", attempt=attempt, error=str(error), cause=repr(error.__cause__))
                if attempt == SINK_ATTEMPTS:
                    raise
                await asyncio.sleep(min(error.retry_after.total_seconds(), LONGEST_SINK_WAIT_S))
            else:
                log.info("postmortem.written", incident_id=draft.incident_id, version=draft.version)
                return

    def _status(self) -> Status:
        if self._intake is not None:
            ready = self._intake.assigned.is_set()
            return Status(
                role=self._role,
                ready=ready,
                waits_for="" if ready else "its partitions",
                stalled=self._intake.stalled(),
            )
        stalled = next((why for each in self._agents if (why := each.stalled())), "")
        waits_for = "" if self._recovered else "its partitions and their state"
        return Status(role=self._role, ready=self._recovered, waits_for=waits_for, stalled=stalled)

    def _report(self, status: Status) -> None:
        try:
            sys.stdout.buffer.write(status.line())
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            end(ExitCode.STOPPED)

    def _parent_spoke(self) -> None:
        """End at once when standard input ends: our parent is gone, and a successor may be running."""
        if not os.read(sys.stdin.fileno(), 4096):
            end(ExitCode.STOPPED)


def main() -> None:
    """Run the role that the command line names."""
    role, folder = sys.argv[1:]
    try:
        settings = Settings.from_environment(machine.environment())
        policy = read_policy(settings.policy_path())
        oncall = read_schedules(settings.oncall_path())
    except (InvalidSettingsError, PolicyError, OnCallError) as error:
        sys.stderr.write(f"{error.message}\n")
        sys.exit(ExitCode.MISCONFIGURED)
    log_output.set_up(settings.log_level)
    if role == "reason":
        tell_gaps(oncall, machine.now())
    if role == "intake":
        collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(RoleProcess(role, settings, policy, oncall).run(Path(folder)))


if __name__ == "__main__":
    main()
