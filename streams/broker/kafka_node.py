"""What a one-node broker is told, and how one sees that it works."""

import contextlib
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from streams import machine
from streams.broker.kafka_jars import EmbeddedKafkaError

LOG_LINES_SHOWN = 25


def broker_answers(port: int) -> bool:
    """Tell whether a broker on the loopback interface answers and has joined its cluster.

    An open port is not enough: until the controller has let the broker in, new topics are refused.
    """
    # Metadata request, version 1, for no topics: api key, version, correlation id, null client id, 0 topics.
    request = struct.pack(">hhihi", 3, 1, 7, -1, 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2.0) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                header = answer.read(12)
    except OSError:
        return False
    if len(header) < 12:
        return False
    _size, correlation_id, brokers = struct.unpack(">iii", header)
    return bool(correlation_id == 7 and brokers > 0)


def server_properties(folder: Path, port: int, overrides: Mapping[str, str]) -> str:
    """Write the broker's `server.properties`; what is in `overrides` replaces or adds to ours."""
    controller_port = machine.free_port()
    while controller_port == port:
        controller_port = machine.free_port()
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(folder / "data"),
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "2",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # Tests want a dead worker noticed soon; Kafka's own lowest is 6 s.
        "group.min.session.timeout.ms": "1000",
        # After a kill the controller waits this long before it lets the broker in again; 9 s by default.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        # Input topics accept 16 MiB; their own limit says so, this lets the broker copy and read them.
        "message.max.bytes": str(17 * 1024 * 1024),
        "replica.fetch.max.bytes": str(17 * 1024 * 1024),
    }
    return "".join(f"{name}={value}\n" for name, value in {**settings, **overrides}.items())


def refuse_taken_port(port: int) -> None:
    """Raise EmbeddedKafkaError, with advice, if something already listens on the port."""
    with socket.socket() as probe:
        # As Kafka itself does: a port whose last connections are still winding down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EmbeddedKafkaError(
                f"port {port} cannot be used ({error.strerror}): another broker may run there; choose one "
                "with --port, or use that broker by setting KAFKA_BOOTSTRAP_SERVERS"
            ) from None


def log_tail(folder: Path) -> str:
    """Phrase the end of the broker's log for an error message."""
    log = folder / "kafka.log"
    lines: list[str] = []
    with contextlib.suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    return f"the last lines of {log} say why:\n" + ("\n".join(lines) or "(nothing was written)")
