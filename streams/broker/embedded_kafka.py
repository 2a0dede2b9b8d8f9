"""A one-node Apache Kafka as a child process, for the demo and the tests."""

import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

from streams import machine
from streams.broker.kafka_jars import EmbeddedKafkaError, fetch, java
from streams.broker.kafka_node import (
    LOG_LINES_SHOWN,
    broker_answers,
    log_tail,
    refuse_taken_port,
    server_properties,
)

__all__ = ["EmbeddedKafka", "EmbeddedKafkaError"]

# Usually 3 to 4 s; a busy machine with two cores has taken 20 s.
READY_TIMEOUT_S = 60.0
# A broker with a clean log folder stops in a second; data is safe in the page cache when it is killed.
STOP_TIMEOUT_S = 15.0
# Any constant will do for one node; a constant keeps a folder usable by the next start.
CLUSTER_ID = "aGVhZHdhdGVyLWthZmthMQ"
# C1 only and the serial collector: half the start time and memory of the defaults, ample for a test.
JAVA_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
LOG_OPTIONS = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)
PR_SET_PDEATHSIG = 1


class EmbeddedKafka:
    """A broker on the loopback interface that lives as long as the process that started it.

    Without a folder its data is temporary: deleted by `stop`, kept by `kill`. With one, the data is
    there at the next start. A port, once chosen, stays the same over restarts.
    """

    def __init__(
        self,
        port: int | None = None,
        folder: Path | None = None,
        overrides: Mapping[str, str] = MappingProxyType({}),
        *,
        outlives_starter: bool = False,
    ) -> None:
        """Prepare a broker without starting it.

        Args:
            port: TCP port; None for any free one.
            folder: Where data and `kafka.log` are kept; None for a temporary folder.
            overrides: Broker settings that replace or add to ours.
            outlives_starter: Whether it goes on when the process that started it ends.
        """
        self._port = port
        self._named_folder = folder
        self._folder = folder
        self._overrides = overrides
        self._outlives_starter = outlives_starter
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect: `host:port`, valid once started."""
        if self._port is None:
            raise EmbeddedKafkaError("the embedded broker has no address yet: call start() first")
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """The Java process, None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def folder(self) -> Path | None:
        """Where data and log are; None before the first start and after a temporary one is deleted."""
        return self._folder

    def start(self) -> None:
        """Start the broker and return when it answers and takes new topics; harmless when it runs.

        Call it from a thread that lives as long as the broker should: Linux ties the two.

        Raises:
            EmbeddedKafkaError: Java or Maven is missing, the port is taken, or Kafka does not come up.
        """
        if self.pid is not None:
            return
        runtime, jars = java(), fetch()
        self._port = self._port or machine.free_port()
        refuse_taken_port(self._port)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="headwater-kafka-"))
        folder = self._folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        properties = folder / "server.properties"
        properties.write_text(server_properties(folder, self._port, self._overrides), encoding="utf-8")
        command = [runtime, *JAVA_OPTIONS, *LOG_OPTIONS, "-cp", f"{jars}/*"]
        if not self._outlives_starter:
            atexit.register(self.stop)
        try:
            self._format(command, folder, properties)
            self._launch([*command, "kafka.Kafka", str(properties)], folder)
            self._wait_until_ready(folder)
        except BaseException:
            self.stop()
            raise

    def wait(self) -> int:
        """Block until the broker ends by itself, and get its exit code."""
        return self._process.wait() if self._process else 0

    def stop(self) -> None:
        """End the broker in order and delete a temporary folder; harmless when it does not run."""
        atexit.unregister(self.stop)
        self._end(signal.SIGTERM)
        if self._named_folder is None and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def kill(self) -> None:
        """End the broker at once, as a crash would; its data stays for the next start."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _format(self, command: list[str], folder: Path, properties: Path) -> None:
        if (folder / "data" / "meta.properties").exists():
            return
        storage_tool = [*command, "kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID]
        done = subprocess.run(
            [*storage_tool, "--config", str(properties)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise EmbeddedKafkaError(
                f"Kafka could not prepare {folder / 'data'}: see below, or give another folder\n"
                + "\n".join((done.stdout + done.stderr).strip().splitlines()[-LOG_LINES_SHOWN:])
            )

    def _launch(self, command: list[str], folder: Path) -> None:
        with (folder / "kafka.log").open("ab") as log:
            # A session of its own: Ctrl-C reaches the starter alone, which then stops the broker in order.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                preexec_fn=None if self._outlives_starter else _die_with_starter(),  # noqa: PLW1509 - takes no lock
            )

    def _wait_until_ready(self, folder: Path) -> None:
        assert self._process is not None
        assert self._port is not None
        deadline = machine.monotonic() + READY_TIMEOUT_S
        while machine.monotonic() < deadline:
            code = self._process.poll()
            if code is not None:
                raise EmbeddedKafkaError(f"Kafka ended with code {code} while starting; {log_tail(folder)}")
            if broker_answers(self._port):
                return
            machine.sleep(0.05)
        raise EmbeddedKafkaError(f"Kafka was not ready within {READY_TIMEOUT_S:g} s; {log_tail(folder)}")


def _die_with_starter() -> Callable[[], None] | None:
    """Let the kernel kill the child when its starter dies, by kill -9 too; atexit cannot do that."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    starter = os.getpid()

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # The starter may have died before the line above took hold.
        if os.getppid() != starter:
            os._exit(1)

    return in_child
