"""Workers as people run them: started, asked, disturbed and ended from outside."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

import aiohttp

from streams import machine
from streams.settings import Settings

HEADWATER = Path(sys.executable).with_name("headwater")
READY_WITHIN_S = 60.0
GONE_WITHIN_S = 10.0
LOG_LINES_SHOWN = 60


class WorkerProcess:
    """`headwater worker` in a process of its own, with its roles' processes below it."""

    def __init__(self, settings: Settings, folder: Path, *, slot: str = "0") -> None:
        """Prepare; nothing is started yet.

        Args:
            settings: Where the topics are.
            folder: For its log and its postmortem drafts.
            slot: Its static membership name.
        """
        self.slot = slot
        self.port = machine.free_port()
        self.drafts = folder / "postmortems"
        self.scratch = folder / f"scratch-{slot}"
        self._log = folder / f"worker-{slot}.log"
        self._environment = {
            **machine.environment(),
            **settings.environment(),
            "HEADWATER_POSTMORTEM_DIR": str(self.drafts),
            "TMPDIR": str(self.scratch),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the parent."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the parent runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Start it; harmless when it runs."""
        if not self.runs:
            self.scratch.mkdir(exist_ok=True)
            command = [str(HEADWATER), "worker", "--slot", self.slot, "--port", str(self.port)]
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(command, env=self._environment, stderr=log, stdout=log)
        return self

    def roles(self) -> dict[str, int]:
        """Give the process ids of its roles by name, those that run."""
        started = children(self.pid).items()
        return {
            command[command.index("streams.worker.role") + 1]: pid
            for pid, command in started
            if "streams.worker.role" in command
        }

    async def ask(self, path: str) -> tuple[int, str]:
        """Ask its health server: status code and text; 0 and why where nobody answers."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
            ):
                return answer.status, await answer.text()
        except aiohttp.ClientError as error:
            return 0, str(error)

    async def ready(self) -> Self:
        """Wait until all its roles have their partitions."""

        async def is_ready() -> bool:
            assert self.runs, f"the worker has ended\n{self.log()}"
            return (await self.ask("/ready"))[0] == 200

        await until(is_ready, READY_WITHIN_S, lambda: f"worker {self.slot} is not ready\n{self.log()}")
        return self

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the parent and wait for its end if it is killed."""
        if self.runs:
            assert self._process is not None
            self._process.send_signal(number)
            if number is signal.SIGKILL:
                self._process.wait()

    async def ended(self, within_s: float = 30.0) -> int:
        """Wait until the parent has ended; give its exit code."""
        assert self._process is not None
        process = self._process
        await until(lambda: process.poll() is not None, within_s, lambda: f"it still runs\n{self.log()}")
        return process.wait()

    def kill_all(self) -> None:
        """Kill the parent and its roles at once, as a power cut does."""
        if self.runs:
            pids = [self.pid, *self.roles().values()]
            for pid in pids:
                signal_to(pid, signal.SIGKILL)
            assert self._process is not None
            self._process.wait()

    def log(self) -> str:
        """Give the end of what it has logged."""
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-LOG_LINES_SHOWN:])

    async def __aenter__(self) -> Self:
        """Start it and wait until it is ready."""
        return await self.start().ready()

    async def __aexit__(self, *_: object) -> None:
        """Leave nothing of it running."""
        self.kill_all()


def signal_to(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process; one that has gone already is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def children(parent: int) -> dict[int, list[str]]:
    """Give the command lines of the processes that a process has started and that run."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                # After the last parenthesis, for a name may hold one: state, then parent.
                state, ppid = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                command = (folder / "cmdline").read_bytes().decode().split("\0")[:-1]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(ppid) == parent and state != "Z" and command:
                found[int(folder.name)] = command
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and that nobody waits for does not."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(pids: Iterable[int], within_s: float = GONE_WITHIN_S) -> None:
    """Wait until none of these processes runs."""
    waited_for = list(pids)
    await until(lambda: not any(map(is_alive, waited_for)), within_s, lambda: f"{waited_for}: some still run")


async def until(
    condition: Callable[[], Any], within_s: float, complaint: Callable[[], str] = lambda: "too late"
) -> None:
    """Wait until a condition holds, a coroutine function or a plain one.

    Raises:
        AssertionError: It does not hold in time; with the complaint.
    """
    deadline = machine.monotonic() + within_s
    while True:
        held = condition()
        if asyncio.iscoroutine(held):
            held = await held
        if held:
            return
        assert machine.monotonic() < deadline, f"after {within_s:g} s: {complaint()}"
        await asyncio.sleep(0.1)
