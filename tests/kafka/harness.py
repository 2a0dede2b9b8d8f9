"""Workers as people run them, and how one sees from outside that they have said all there is to say."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, Self

import aiohttp
import orjson
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from detectors.flow.clock import Clock
from detectors.incidents.correlation import Correlator
from detectors.pipeline import symptom_stages
from detectors.topology import Catalog
from models.record import decode
from models.tick import Tick
from models.topic import INCIDENTS, INPUTS, OUTPUTS, POSTMORTEMS
from streams import backstage, catalog_topic, machine
from streams.settings import Settings
from streams.topic_reader import read_all, reader
from streams.topics import topic_name
from tests.kafka.outputs import line

HEADWATER = Path(sys.executable).with_name("headwater")
READY_WITHIN_S = 60.0
SETTLED_WITHIN_S = 120.0
GONE_WITHIN_S = 10.0
LOG_LINES_SHOWN = 60

STAGES = (*symptom_stages(Catalog), Correlator(Catalog))
"""What the role `reason` runs: symptoms first, as the correlator waits for them."""


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
        self._log = folder / f"worker-{slot}.log"
        self._environment = {
            **machine.environment(),
            **settings.environment(),
            "HEADWATER_POSTMORTEM_DIR": str(self.drafts),
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
            command = [str(HEADWATER), "worker", "--slot", self.slot, "--port", str(self.port)]
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(command, env=self._environment, stderr=log, stdout=log)
        return self

    def roles(self) -> dict[str, int]:
        """Give the process ids of its roles by name, those that run."""
        return {command[-1]: pid for pid, command in children(self.pid).items() if "streams.role" in command}

    async def ask(self, path: str) -> tuple[int, str]:
        """Ask its health server: status code and text; 0 and why where nobody answers."""
        try:
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
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
                kill(pid)
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


def kill(pid: int) -> None:
    """Kill -9; one that has gone already is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
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


class Said(NamedTuple):
    """What stands on the output topics."""

    lines: list[str]
    """All records, sorted, repetitions with the same content taken once."""
    incidents: dict[str, str]
    """The newest record of each incident on the compacted topic."""

    def missing(self, expected: "Said") -> list[str]:
        """Give what is expected and not there."""
        return sorted(set(expected.lines) - set(self.lines))

    def assert_equals(self, expected: "Said") -> None:
        """Fail with the first differences, if there are any."""
        missing, extra = self.missing(expected), expected.missing(self)
        told = "\n".join(_difference(*pair) for pair in zip_longest(missing[:4], extra[:4], fillvalue=""))
        assert not missing, f"{len(missing)} missing, {len(extra)} extra\n{told}"
        assert not extra, f"{len(extra)} extra\n{told}"
        assert self.incidents == expected.incidents


def _difference(missing: str, extra: str) -> str:
    """Show where two lines part."""
    same = len(os.path.commonprefix([missing, extra]))
    start = max(0, same - 200)
    return (
        f"{missing[:100]}\n  missing: …{missing[start : same + 300]}\n  extra:   …{extra[start : same + 300]}"
    )


async def said(settings: Settings) -> Said:
    """Read what stands on the output topics now."""
    lines, incidents = set(), {}
    async for record in read_all(settings, OUTPUTS):
        topic, key = record.topic.removeprefix(settings.topic_prefix), record.key.decode()
        written = line(topic, key, record.value)
        lines.add(written)
        if topic == INCIDENTS:
            incidents[key] = written
    return Said(sorted(lines), incidents)


def replayed(recording: Path, catalog: Path, settings: Settings) -> Said:
    """Run `headwater replay`, the measure of all that workers say."""
    done = subprocess.run(
        [str(HEADWATER), "replay", str(recording), "--catalog", str(catalog)],
        env={**machine.environment(), **settings.environment()}, capture_output=True, check=True,
    )  # fmt: skip
    lines, incidents = set(), {}
    for written in done.stdout.decode().splitlines():
        lines.add(written)
        record = orjson.loads(written)
        if record["topic"] == INCIDENTS:
            incidents[record["key"]] = written
    return Said(sorted(lines), incidents)


async def publish_catalog(settings: Settings, catalog: Path) -> None:
    """Publish a Backstage file before any worker starts."""
    await catalog_topic.publish(settings, backstage.read([catalog]))


async def settled(settings: Settings, complaint: Callable[[], str] = lambda: "") -> None:
    """Wait until nothing more can come of what has been published.

    The intake has committed all input; then each stage in turn has seen all its paths silent, after
    that, and has committed it. Only the machine's time goes on, and it is past every deadline.
    """
    deadline = machine.monotonic() + SETTLED_WITHIN_S
    admin = AIOKafkaAdminClient(**settings.connection())
    await admin.start()
    try:
        await _committed(settings, admin, "intake", INPUTS, deadline, complaint)
        for sources in ([each.source for each in STAGES[:-1]], [STAGES[-1].source]):
            silent_at = await _silent(settings, sources, deadline, complaint)
            await _passed(settings, admin, "reason", silent_at, deadline, complaint)
        await _committed(settings, admin, "sink", [POSTMORTEMS], deadline, complaint)
    finally:
        await admin.close()


async def _committed(
    settings: Settings,
    admin: Any,
    role: str,
    topics: Iterable[str],
    deadline: float,
    complaint: Callable[[], str],
) -> None:
    async with reader(settings, topics, from_end=True) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
    await _passed(settings, admin, role, ends, deadline, complaint)


async def _passed(
    settings: Settings,
    admin: Any,
    role: str,
    ends: dict[TopicPartition, int],
    deadline: float,
    complaint: Callable[[], str],
) -> None:
    """Wait until a role's group has committed these offsets."""
    behind: dict[TopicPartition, str] = {}

    async def passed() -> bool:
        committed = await admin.list_consumer_group_offsets(settings.group(role))
        behind.clear()
        for place, end in ends.items():
            offset = committed[place].offset if place in committed else -1
            if offset < end and end > 0:
                behind[place] = f"{offset} of {end}"
        return not behind

    await until(passed, deadline - machine.monotonic(), lambda: f"{role} is behind: {behind}\n{complaint()}")


async def _silent(
    settings: Settings, sources: Iterable[str], deadline: float, complaint: Callable[[], str]
) -> dict[TopicPartition, int]:
    """Wait until all paths into each partition have said that they are silent; give where each stands then."""
    paths = {topic_name(settings, each.source): each.paths(settings.partitions) for each in STAGES}
    async with reader(settings, sources) as consumer:
        clocks = {place: Clock() for place in consumer.assignment()}
        ends = await consumer.end_offsets(list(clocks))
        positions = dict.fromkeys(clocks, 0)

        async def silent() -> bool:
            for place, records in (await consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    if b'"tick"' in record.value[:20]:
                        clocks[place].observe(decode(Tick, record.value))
                    positions[place] = record.offset + 1
            return all(
                positions[place] >= ends[place] and clock.all_idle(paths[place.topic])
                for place, clock in clocks.items()
            )

        await until(
            silent,
            deadline - machine.monotonic(),
            lambda: (
                f"some paths never fell silent: { {str(p): c.progress for p, c in clocks.items()} }\n{complaint()}"
            ),
        )
        return positions
