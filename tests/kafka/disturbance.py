"""What happens to workers in a bad week: kills, restarts, leaving and joining, at moments of chance."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from streams import machine
from streams.recording.publisher import publish
from streams.settings import Settings
from tests.kafka.harness import WorkerProcess, signal_to
from tests.kafka.said import publish_catalog, replayed, said
from tests.kafka.settling import settled

LONGEST_PAUSE_S = 4.0
"""Between two disturbances; a killed role is back at work after 2 to 3 s, so some hit it before."""

LONGEST_ABSENCE_S = 2.0
LONGEST_FREEZE_S = 9.0
"""Beyond the tests' session timeouts: who thaws then is a late writer whose partitions others have."""


class Crew:
    """Workers with a slot each, and what is done to them."""

    def __init__(self, settings: Settings, folder: Path, slots: int, seed: int) -> None:
        """Prepare; nothing is started yet."""
        self.workers = [WorkerProcess(settings, folder, slot=str(number)) for number in range(slots)]
        self.count = 0
        self._chance = random.Random(seed)
        self._started_at = machine.monotonic()
        print(f"\nseed {seed}, {slots} worker(s)", flush=True)

    async def disturb_while(self, doing: "asyncio.Future[object]") -> None:
        """Disturb the workers at moments of chance until something is done; at the end all run."""
        self._started_at = machine.monotonic()
        while not doing.done():
            await asyncio.wait([doing], timeout=self._chance.uniform(0.2, LONGEST_PAUSE_S))
            if not doing.done():
                await self._disturb()
        for worker in self.workers:
            worker.start()

    def log(self) -> str:
        """Give the end of what all have logged."""
        return "\n".join(worker.log() for worker in self.workers)

    def stop(self) -> None:
        """Leave nothing running."""
        for worker in self.workers:
            worker.kill_all()

    async def _disturb(self) -> None:
        out = [each for each in self.workers if not each.runs]
        if out and self._chance.random() < 0.5:
            self._tell(f"worker {out[0].slot} joins")
            out[0].start()
            return
        worker = self._chance.choice([each for each in self.workers if each.runs])
        ways: list[Callable[[WorkerProcess], Awaitable[None]]] = [
            self._kill_role, self._kill_role, self._kill_parent, self._cut_power, self._restart, self._freeze,
        ]  # fmt: skip
        if len(self.workers) - len(out) > 1:
            ways.append(self._leave)
        await self._chance.choice(ways)(worker)

    async def _kill_role(self, worker: WorkerProcess) -> None:
        roles = worker.roles()
        if roles:
            name = self._chance.choice(sorted(roles))
            self._tell(f"kill -9 of {name} of worker {worker.slot}")
            signal_to(roles[name], signal.SIGKILL)

    async def _freeze(self, worker: WorkerProcess) -> None:
        roles = worker.roles()
        if roles:
            name = self._chance.choice(sorted(roles))
            seconds = self._chance.uniform(0.5, LONGEST_FREEZE_S)
            self._tell(f"{name} of worker {worker.slot} is frozen for {seconds:.1f} s")
            signal_to(roles[name], signal.SIGSTOP)
            await asyncio.sleep(seconds)
            signal_to(roles[name], signal.SIGCONT)

    async def _kill_parent(self, worker: WorkerProcess) -> None:
        self._tell(f"kill -9 of the parent of worker {worker.slot}, started again at once")
        worker.send(signal.SIGKILL)
        worker.start()

    async def _cut_power(self, worker: WorkerProcess) -> None:
        pause = self._chance.uniform(0.0, LONGEST_ABSENCE_S)
        self._tell(f"kill -9 of all of worker {worker.slot}, started again after {pause:.1f} s")
        worker.kill_all()
        await asyncio.sleep(pause)
        worker.start()

    async def _restart(self, worker: WorkerProcess) -> None:
        self._tell(f"SIGTERM of worker {worker.slot}, started again")
        await self._stop(worker)
        worker.start()

    async def _leave(self, worker: WorkerProcess) -> None:
        self._tell(f"worker {worker.slot} leaves (SIGTERM)")
        await self._stop(worker)

    async def _stop(self, worker: WorkerProcess) -> None:
        worker.send(signal.SIGTERM)
        # One that has hardly begun has not yet said how it takes the signal.
        assert await worker.ended() in (0, -signal.SIGTERM), worker.log()

    def _tell(self, text: str) -> None:
        self.count += 1
        print(f"{machine.monotonic() - self._started_at:6.1f} s  {self.count:3}. {text}", flush=True)


async def run_disturbed(
    recording: Path, catalog: Path, settings: Settings, folder: Path, *, slots: int, speed: float, seed: int
) -> int:
    """Publish a recording to workers that are disturbed all the while; fail unless all is said as ever.

    Returns:
        How many disturbances there were.
    """
    expected = replayed(recording, catalog, settings)
    await publish_catalog(settings, catalog)
    crew = Crew(settings, folder, slots, seed)
    try:
        for worker in crew.workers:
            await worker.start().ready()
        publishing = asyncio.ensure_future(publish(settings, [recording], speed=speed))
        await crew.disturb_while(publishing)
        await publishing
        await settled(settings, crew.log)
        (await said(settings)).assert_equals(expected)
    finally:
        crew.stop()
    return crew.count
