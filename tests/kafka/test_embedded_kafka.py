import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams import machine
from streams.broker import background_kafka
from streams.broker.background_kafka import BackgroundKafka
from streams.broker.embedded_kafka import EmbeddedKafka, EmbeddedKafkaError

pytestmark = pytest.mark.usefixtures("runnable_kafka")

TOPIC = "kept"
STARTER = """
import sys
from streams.broker.embedded_kafka import EmbeddedKafka
broker = EmbeddedKafka()
broker.start()
print(broker.pid, broker.folder, flush=True)
sys.stdin.read()
"""


def is_alive(pid: int) -> bool:
    try:
        # A process that has ended and that nobody waits for has an empty command line.
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int) -> None:
    deadline = machine.monotonic() + 10
    while is_alive(pid):
        assert machine.monotonic() < deadline, f"process {pid} still runs"
        machine.sleep(0.02)


async def write(broker: EmbeddedKafka, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers) as producer:
        await producer.send_and_wait(TOPIC, value)


async def read_all(broker: EmbeddedKafka) -> list[bytes]:
    partition = TopicPartition(TOPIC, 0)
    async with AIOKafkaConsumer(bootstrap_servers=broker.bootstrap_servers) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        values: list[bytes] = []
        while len(values) < end:
            values += [each.value for each in (await consumer.getmany(timeout_ms=500)).get(partition, [])]
        return values


async def create_topic(broker: EmbeddedKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
    try:
        await admin.start()
        answer = await admin.create_topics([NewTopic(TOPIC, 1, 1)])
        assert [code for _, code, *_ in answer.topic_errors] == [0]
    finally:
        await admin.close()


async def test_what_was_written_before_a_stop_or_a_kill_is_there_at_the_next_start(tmp_path: Path) -> None:
    broker = EmbeddedKafka(folder=tmp_path / "broker")
    try:
        broker.start()
        address = broker.bootstrap_servers
        await create_topic(broker)
        await write(broker, b"before the stop")
        broker.stop()
        broker.start()
        await write(broker, b"before the kill")
        broker.kill()
        broker.start()
        assert await read_all(broker) == [b"before the stop", b"before the kill"]
        assert broker.bootstrap_servers == address
    finally:
        broker.stop()


def test_a_temporary_folder_goes_at_the_stop() -> None:
    with EmbeddedKafka() as broker:
        folder = broker.folder
        assert folder is not None
        assert folder.exists()
    assert not folder.exists()
    assert broker.pid is None


def test_the_broker_dies_with_a_starter_that_is_killed() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    pid, folder = starter.stdout.readline().split()
    assert is_alive(int(pid))
    starter.kill()
    starter.communicate()
    wait_until_gone(int(pid))
    shutil.rmtree(folder)


def test_a_taken_port_is_told_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EmbeddedKafkaError, match=rf"port {port} cannot be used.*KAFKA_BOOTSTRAP_SERVERS"):
            EmbeddedKafka(port=port).start()


def test_a_broker_that_does_not_come_up_says_why_and_leaves_no_process() -> None:
    broker = EmbeddedKafka(overrides={"num.io.threads": "0"})
    with pytest.raises(EmbeddedKafkaError, match=r"num\.io\.threads"):
        broker.start()
    assert broker.pid is None
    assert broker.folder is None


@pytest.fixture
def remembered_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A background broker of the person who runs the tests must stay untouched."""
    monkeypatch.setattr(background_kafka, "cache_folder", lambda: tmp_path)
    yield
    if running := BackgroundKafka.running():
        running.stop()


@pytest.mark.usefixtures("remembered_elsewhere")
def test_a_background_broker_is_found_refused_a_second_time_and_stopped() -> None:
    started = BackgroundKafka.start(machine.free_port(), None)
    assert BackgroundKafka.running() == started
    with pytest.raises(EmbeddedKafkaError, match=f"already runs.*{started.bootstrap_servers}"):
        BackgroundKafka.start(machine.free_port(), None)
    started.stop()
    assert BackgroundKafka.running() is None
    assert not is_alive(started.pid)
    assert not Path(started.folder).exists()


@pytest.mark.usefixtures("remembered_elsewhere")
def test_a_background_broker_that_died_counts_as_not_running_and_the_next_start_clears_up() -> None:
    started = BackgroundKafka.start(machine.free_port(), None)
    os.kill(started.pid, signal.SIGKILL)
    wait_until_gone(started.pid)
    assert BackgroundKafka.running() is None
    BackgroundKafka.start(machine.free_port(), None)
    assert not Path(started.folder).exists()


def test_the_command_in_the_foreground_stops_in_order_on_sigterm() -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "streams.cli", "kafka", "start", "--port", str(machine.free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert command.stdout is not None
    assert "Kafka answers at" in command.stdout.readline()
    pid = int(Path(f"/proc/{command.pid}/task/{command.pid}/children").read_text().split()[0])
    command.terminate()
    _, errors = command.communicate(timeout=30)
    assert (command.returncode, errors) == (0, "")
    assert not is_alive(pid)
