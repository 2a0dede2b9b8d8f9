"""How is a worker, as orchestrators and Prometheus ask it over HTTP?"""

from collections.abc import Sequence
from pathlib import Path

import click
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from streams import machine
from streams.worker.status import Status

SILENT_AFTER_S = 15.0
"""A process tells its status several times a second; so long without a word, it hangs."""

_registry = CollectorRegistry()
RESTARTS = Counter(
    "headwater_restarts_total",
    "Restarts of a role's process, by exit code.",
    ["role", "exit_code"],
    registry=_registry,
)


class PortTakenError(click.ClickException):
    """The address for /live, /ready and /metrics cannot be listened on."""


class RoleHealth:
    """What is known of one role's process."""

    def __init__(self, role: str) -> None:
        """Know nothing yet."""
        self._role = role
        self._status = Status(role=role, waits_for="its process")
        self._told_at: float | None = None
        self.pid: int | None = None

    def started(self, pid: int, monotonic: float) -> None:
        """Note a new process."""
        self.pid = pid
        self._told_at = monotonic
        self._status = Status(role=self._role, waits_for="its process to start")

    def told(self, status: Status, monotonic: float) -> None:
        """Note what the process said."""
        self._status = status
        self._told_at = monotonic

    def ended(self, code: int) -> None:
        """Note that the process ended."""
        self.pid = None
        self._told_at = None
        self._status = Status(role=self._role, waits_for=f"a restart after exit code {code}")

    def restarted(self, code: int) -> None:
        """Count a restart."""
        RESTARTS.labels(self._role, code).inc()

    def waits_for(self, monotonic: float) -> str:
        """Say what keeps it from working; empty: nothing."""
        if self._status.ready and self.stuck(monotonic) == "":
            return ""
        return f"{self._role} waits for {self._status.waits_for or 'progress'}"

    def stuck(self, monotonic: float) -> str:
        """Say why it makes no progress although it should; empty: it does."""
        if self._told_at is not None and monotonic - self._told_at > SILENT_AFTER_S:
            return f"{self._role} (process {self.pid}) has said nothing for {monotonic - self._told_at:.0f} s"
        return f"{self._role}: {self._status.stalled}" if self._status.stalled else ""


class HealthServer:
    """Serves `/live`, `/ready` and `/metrics` for all roles of a worker."""

    def __init__(self, host: str, port: int, roles: Sequence[RoleHealth], metrics_folder: Path) -> None:
        """Prepare; nothing listens yet. Port 0 takes any free one."""
        self._host = host
        self.port = port or machine.free_port()
        self._roles = roles
        self._metrics_folder = metrics_folder
        app = web.Application()
        app.add_routes(
            [
                web.get("/live", self._live),
                web.get("/ready", self._ready),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        """Listen.

        Raises:
            PortTakenError: Somebody else listens there.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise PortTakenError(
                f"HEADWATER_PORT is {self.port}, where {self._host} does not let us listen "
                f"({error.strerror or error}); give another one, or 0 for any free one"
            ) from error

    async def stop(self) -> None:
        """Listen no longer."""
        await self._runner.cleanup()

    async def _live(self, _: web.Request) -> web.Response:
        """Answer 503 with the reason where a process should make progress and does not."""
        return _answer([each.stuck(machine.monotonic()) for each in self._roles])

    async def _ready(self, _: web.Request) -> web.Response:
        """Answer 503 with what is waited for until every role has its partitions and their state."""
        return _answer([each.waits_for(machine.monotonic()) for each in self._roles])

    async def _metrics(self, _: web.Request) -> web.Response:
        """Give the metrics of all processes, those that have ended included, and the restarts."""
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, path=str(self._metrics_folder))  # type: ignore[no-untyped-call]  # theirs
        body = generate_latest(registry) + generate_latest(_registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def _answer(complaints: list[str]) -> web.Response:
    told = [each for each in complaints if each]
    return web.Response(text="\n".join(told or ["ok"]) + "\n", status=503 if told else 200)
