"""The broker that goes on in the background: where it is remembered, and whether it still runs."""

import os
import shutil
import signal
from pathlib import Path
from typing import Self

import msgspec

from streams import machine
from streams.broker.embedded_kafka import EmbeddedKafka
from streams.broker.kafka_jars import EmbeddedKafkaError, cache_folder

STOP_TIMEOUT_S = 15.0


class BackgroundKafka(msgspec.Struct, frozen=True, kw_only=True):
    """One broker that outlives the command that started it; at most one per checkout or user."""

    pid: int
    port: int
    folder: str
    temporary: bool
    """Whether its data goes when it is stopped."""

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect: `host:port`."""
        return f"127.0.0.1:{self.port}"

    @classmethod
    def running(cls) -> Self | None:
        """Find the broker that runs; None where there is none, for example after a restart of the machine."""
        found = cls._remembered()
        return found if found and _runs(found) else None

    @classmethod
    def start(cls, port: int, folder: Path | None) -> Self:
        """Start it, and return when it answers.

        Raises:
            EmbeddedKafkaError: One runs already, or it does not come up.
        """
        if running := cls.running():
            raise EmbeddedKafkaError(
                f"a broker already runs in the background at {running.bootstrap_servers} "
                f"(process {running.pid}): use it, or stop it with `headwater kafka stop`"
            )
        if (dead := cls._remembered()) and dead.temporary:
            shutil.rmtree(dead.folder, ignore_errors=True)
        broker = EmbeddedKafka(port=port, folder=folder, outlives_starter=True)
        broker.start()
        assert broker.pid is not None
        assert broker.folder is not None
        started = cls(
            pid=broker.pid, port=port, folder=str(broker.folder.resolve()), temporary=folder is None
        )
        draft = _state_file().with_suffix(f".{started.pid}")
        draft.write_bytes(msgspec.json.encode(started))
        draft.replace(_state_file())
        return started

    def stop(self) -> None:
        """End it in order, delete its data if temporary, and forget it."""
        os.kill(self.pid, signal.SIGTERM)
        deadline = machine.monotonic() + STOP_TIMEOUT_S
        while _runs(self):
            if machine.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            machine.sleep(0.05)
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
        _state_file().unlink(missing_ok=True)

    @classmethod
    def _remembered(cls) -> Self | None:
        try:
            return msgspec.json.decode(_state_file().read_bytes(), type=cls)
        except (FileNotFoundError, msgspec.DecodeError):
            return None


def _state_file() -> Path:
    return cache_folder() / "background.json"


def _runs(broker: BackgroundKafka) -> bool:
    # A dead process's number may belong to another by now, and a zombie's command line is empty.
    command_line = Path(f"/proc/{broker.pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            return broker.folder.encode() in command_line.read_bytes()
        except OSError:
            return False
    try:
        os.kill(broker.pid, 0)
    except OSError:
        return False
    return True
