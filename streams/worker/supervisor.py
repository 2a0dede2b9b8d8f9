"""How are the roles of a worker kept running? The parent process: it starts, watches, restarts, reports."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec
import structlog
from prometheus_client import multiprocess

from streams import machine
from streams.process.exit_code import ExitCode
from streams.process.slot import held
from streams.settings import Settings
from streams.worker.health import HealthServer, RoleHealth
from streams.worker.restarts import Restarts
from streams.worker.status import Status

STOP_WITHIN_S = 20.0
"""Longest wait for a process to finish what it has in hand; then it is killed, which loses nothing."""

log = structlog.get_logger()


class Role:
    """One role's process and its restarts."""

    def __init__(
        self, name: str, environment: Mapping[str, str], metrics_folder: Path, log_file: IO[bytes] | None
    ) -> None:
        """Prepare; nothing is started yet."""
        self.health = RoleHealth(name)
        self._name = name
        self._environment = environment
        self._metrics_folder = metrics_folder
        self._log_file = log_file
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> ExitCode:
        """Run the role until it is stopped; give why it ended for good."""
        restarts = Restarts()
        while not self._stopping.is_set():
            started = machine.monotonic()
            code = await self._run_once()
            if self._stopping.is_set() or code == ExitCode.STOPPED:
                return ExitCode.STOPPED
            if code == ExitCode.MISCONFIGURED:
                return ExitCode.MISCONFIGURED
            self.health.restarted(code)
            pause = restarts.pause_s(code, machine.monotonic() - started)
            if pause is None:
                detail = "it keeps dying soon after its start; its last lines above say why"
                log.error(
                    "role.given_up",
                    role=self._name,
                    exit_code=code,
                    restarts=restarts.failures,
                    detail=detail,
                )
                return ExitCode.FAILED
            log.warning("role.ended", role=self._name, exit_code=code, restarted_in_s=pause)
            await self._pause(pause)
        return ExitCode.STOPPED

    async def stop(self) -> None:
        """Ask the process to finish what it has in hand; kill it if it does not."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        try:
            process.terminate()
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            process.kill()
        except ProcessLookupError:
            return

    @property
    def pid(self) -> int | None:
        """The process id of the running process, for tests and for people."""
        return self._process.pid if self._process is not None else None

    async def _run_once(self) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "streams.worker.role", self._name, str(self._metrics_folder / self._name),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=self._log_file,
            env=dict(self._environment),
        )  # fmt: skip
        self._process = process
        if self._stopping.is_set():
            # `stop` came while it was being started and saw no process; it has nothing in hand yet.
            process.kill()
        self.health.started(process.pid, machine.monotonic())
        assert process.stdout is not None  # asked for above
        async for line in process.stdout:
            try:
                self.health.told(msgspec.json.decode(line, type=Status), machine.monotonic())
            except msgspec.MsgspecError:
                sys.stderr.buffer.write(line)
        code = await process.wait()
        multiprocess.mark_process_dead(process.pid, str(self._metrics_folder))  # type: ignore[no-untyped-call]  # theirs
        self.health.ended(code)
        return code

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


class Worker:
    """Some roles on this machine, each in a process of its own."""

    def __init__(self, roles: Sequence[str], settings: Settings, log_file: IO[bytes] | None = None) -> None:
        """Prepare; nothing is started yet.

        Args:
            roles: Which roles to run.
            settings: For all of them.
            log_file: Where their processes write their log; None: standard error.
        """
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="headwater-metrics-"))
        environment = {**machine.environment(), **settings.environment()}
        environment["PROMETHEUS_MULTIPROC_DIR"] = str(self._folder)
        self.roles = {name: Role(name, environment, self._folder, log_file) for name in roles}
        self._health = HealthServer(
            settings.host, settings.port, [role.health for role in self.roles.values()], self._folder
        )

    async def run(self) -> ExitCode:
        """Run until SIGTERM or SIGINT, or until a role cannot go on; give the exit code."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            return await self.run_until(stop)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def run_until(self, stop: asyncio.Event) -> ExitCode:
        """Run until the event is set, or until a role cannot go on; give the exit code.

        Raises:
            SlotTakenError: Another worker on this machine has the slot.
        """
        with held(self._settings):
            return await self._run_until(stop)

    async def _run_until(self, stop: asyncio.Event) -> ExitCode:
        await self._health.start()
        log.info("worker.started", roles=list(self.roles), pid=os.getpid(), port=self._health.port)
        stopped = asyncio.ensure_future(stop.wait())
        running = [asyncio.ensure_future(role.run()) for role in self.roles.values()]
        try:
            await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*(role.stop() for role in self.roles.values()))
            codes = await asyncio.gather(*running)
        finally:
            stopped.cancel()
            await self._health.stop()
            shutil.rmtree(self._folder, ignore_errors=True)
        worst = max(codes, default=ExitCode.STOPPED)
        log.info("worker.stopped", exit_code=int(worst))
        return worst

    def ready(self) -> bool:
        """Tell whether every role has its partitions and their state."""
        return all(role.health.waits_for(machine.monotonic()) == "" for role in self.roles.values())
