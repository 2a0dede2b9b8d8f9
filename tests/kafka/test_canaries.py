"""Does a made-up secret of each kind, wherever it is put, get any further than the input topics?"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from detectors.intake.national_id import NATIONAL_IDS
from models.topic import ALERTS, DEPLOYS, FEEDBACK, LOGS, METRICS, POSTMORTEMS, SPANS
from streams.broker.embedded_kafka import EmbeddedKafka
from streams.kafka import topics
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import read_all
from streams.kafka.topic_table import Direction
from streams.settings import Settings
from tests.kafka.harness import WorkerProcess
from tests.kafka.settling import settled
from tests.unit.detectors.intake.test_national_id import IDS
from tests.unit.detectors.intake.test_redaction import SECRETS
from tests.unit.detectors.intake.test_trace_assembly import KEY_LINES

BEGAN = 1782207720.0
KEY = "not-to-be-told-to-anybody-" + "9f3c"
PERSON = "jane.canary" + "@example.org"

CANARIES = {
    **SECRETS,
    **{kind: (f"the case of {value}, closed", value) for kind, value in IDS.items()},
    "person": (f"mail to {PERSON} bounced", PERSON),
}
"""By kind: a line, and the part of it that must be gone."""


class Sent(NamedTuple):
    topic: str
    value: bytes
    key: bytes


def records() -> Iterator[Sent]:
    """Put each canary into every place where an event holds text, into keys, and into broken records."""
    for number, (line, _) in enumerate(CANARIES.values()):
        at, key = BEGAN + number / 10, f"id {line}".encode()

        def event(topic: str, key: bytes = key, at: float = at, **fields: Any) -> Sent:
            return Sent(topic, msgspec.json.encode({"timestamp": at, "service": "shop", **fields}), key)

        yield event(LOGS, body=line, severity="ERROR", attributes={"tenant": line, "host": line})
        yield event(LOGS, body=msgspec.json.encode({"level": "error", "message": line, "who": line}).decode())
        yield event(LOGS, body=f"com.acme.LeakError: {line}", severity="ERROR")
        yield event(LOGS, body="\tat com.acme.Leak.open(Leak.java:7)", severity="ERROR")
        whole = f"com.acme.WholeError: {line}\n\tat com.acme.Leak.open(Leak.java:7)"
        yield event(LOGS, body=whole, attributes={"exception.message": line})
        yield event(
            ALERTS, kind="alert", name="Leaky", status="firing", severity="critical", summary=line,
            labels={"note": line, "nested": [{"deep": line}]}, odd=line, url=f"https://x.test/?q={line}",
        )  # fmt: skip
        yield event(
            DEPLOYS, kind="change", change_kind="config", version=f"4.{number}", summary=line, author=line,
            attributes={"diff": f"-old\n+{line}\n", "files_changed": [line]},
        )  # fmt: skip
        yield event(METRICS, name=f"queue {line}"[:500], value=1.0, attributes={"queue": line})
        yield event(
            SPANS, name=f"GET {line}"[:500], duration_ms=5.0, status="error", peer_service=line[:500],
            attributes={"http.url": line},
        )  # fmt: skip
        yield event(FEEDBACK, kind="feedback", action="note", text=line, actor=line)
        yield event(LOGS, service=7, body=line)
        yield Sent(ALERTS, event(ALERTS, summary=line).value[:-1], key)
    key_lines = ["-----BEGIN RSA PRIVATE KEY-----", *KEY_LINES, "-----END RSA PRIVATE KEY-----", "started"]
    for number, line in enumerate(key_lines):
        told = {"timestamp": BEGAN + 30 + number / 1000, "service": "vault", "body": line, "severity": "INFO"}
        yield Sent(LOGS, msgspec.json.encode(told), b"vault")
    resolved = {"timestamp": BEGAN + 60, "service": "shop", "kind": "feedback", "action": "resolve"}
    yield Sent(FEEDBACK, msgspec.json.encode(resolved), b"shop")


def contents(folder: Path) -> dict[Path, bytes]:
    """Read all that a worker has written: its log, its drafts, and whatever else."""
    return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


async def test_no_canary_gets_into_any_topic_changelog_dead_letter_draft_file_or_log(
    kafka: EmbeddedKafka, settings_for: Callable[..., Awaitable[Settings]], tmp_path: Path
) -> None:
    settings = await settings_for(kafka, pseudonym_key=KEY, national_ids=tuple(NATIONAL_IDS))
    secrets = {kind: secret.encode() for kind, (_, secret) in CANARIES.items()} | {"key": KEY.encode()}
    secrets |= {f"line {number} of a key": line.encode() for number, line in enumerate(KEY_LINES)}
    async with WorkerProcess(settings, tmp_path) as worker:
        async with Outbox(settings) as outbox:
            for number, sent in enumerate(records()):
                # What one service prints in a row is on one partition.
                partition = 0 if sent.key == b"vault" else number % settings.partitions
                await outbox.send(sent.topic, sent.value, sent.key, partition)
        await settled(settings, worker.log)
        assert worker.roles(), worker.log()

    beyond = topics.topics_for(settings, lambda topic: topic.direction is not Direction.INPUT)
    names = [name.removeprefix(settings.topic_prefix) for name in beyond]
    found, read_topics, told = [], Counter[str](), b""
    async for record in read_all(settings, names):
        read_topics[record.topic.removeprefix(settings.topic_prefix)] += 1
        text = (record.value or b"") + b"\n" + (record.key or b"")
        found += [(record.topic, kind, text[:400]) for kind, secret in secrets.items() if secret in text]
        told += text
    files = contents(tmp_path)
    for file, text in files.items():
        found += [(file.name, kind, b"") for kind, secret in secrets.items() if secret in text]
    assert found == []

    changelogs = {f"headwater-reason-{each}-changelog" for each in ("scopes", "log-signatures")}
    expected = {"signals", "log-patterns", "metric-buckets", "span-buckets", "dead-letters"}
    assert expected | changelogs | {POSTMORTEMS} <= read_topics.keys()
    assert any(worker.drafts in each.parents for each in files)
    for kind in ("email", "card", "iban", *NATIONAL_IDS):
        assert f"<{kind}:".encode() in told, f"no pseudonym tells of the {kind}"
