"""What do broken producers do to a worker? Nothing: each bad record is set aside, the good ones count."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from detectors.intake.reading import read
from models.chunk import LogPatterns, MetricBuckets, SpanBuckets
from models.dead_letter import DeadLetter
from models.record import Record, decode, encode
from models.topic import BULK, DIRECT, INPUTS, LOG_PATTERNS, LOGS, METRIC_BUCKETS, SIGNALS, SPAN_BUCKETS
from streams.dead_letters.letter import read_letters
from streams.kafka import topics
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import read_all
from streams.kafka.topic_table import Direction
from streams.settings import Settings
from tests.golden import SCENARIOS
from tests.kafka.harness import WorkerProcess
from tests.kafka.said import publish_catalog
from tests.kafka.settling import settled
from tests.malformed import good, malformed

BAD_RECORDS = 1000
"""Of each input topic."""

GOOD_RECORDS = 300
SEED = 1

Place = tuple[str, int, int]
"""Topic without prefix, partition, offset."""


class Sent(NamedTuple):
    """What has been put on the input topics."""

    bad: dict[Place, str]
    """The word that the detail of its dead letter must contain."""
    good: dict[str, list[bytes]]


async def send_mixed(settings: Settings, limit_bytes: int) -> Sent:
    """Send bad records to all input topics and partitions, with good ones between them."""
    sent = Sent({}, {topic: good(topic, GOOD_RECORDS, SEED) for topic in INPUTS})
    async with Outbox(settings, limit_bytes=limit_bytes) as outbox:
        for topic in INPUTS:
            bad = malformed(topic, BAD_RECORDS, SEED)
            words: list[tuple[str, asyncio.Future[Any]]] = []
            every_few = BAD_RECORDS // GOOD_RECORDS
            for number, (data, word) in enumerate(bad):
                partition = number // 7 % settings.partitions
                # Signals cannot be so large: that is said before anybody looks into the record.
                told = "bytes" if topic in DIRECT and len(data) > settings.max_record_bytes // 2 else word
                words.append((told, await outbox.send(topic, data, b"any", partition)))
                if number % every_few == 0 and number // every_few < GOOD_RECORDS:
                    await outbox.send(topic, sent.good[topic][number // every_few], None, partition)
            for word, delivery in words:
                at = await delivery
                sent.bad[topic, at.partition, at.offset] = word
    return sent


async def folded_counts(settings: Settings) -> dict[str, int]:
    """Count what the intake has folded; nothing was folded twice, as nobody was killed."""
    kinds: dict[str, type[Record]] = {
        LOG_PATTERNS: LogPatterns, METRIC_BUCKETS: MetricBuckets, SPAN_BUCKETS: SpanBuckets,
    }  # fmt: skip
    counts: Counter[str] = Counter()
    async for record in read_all(settings, kinds):
        topic = record.topic.removeprefix(settings.topic_prefix)
        if not record.value.startswith((b'{"kind":"tick"', b'{"kind":"change"')):
            folded = decode(kinds[topic], record.value)
            counts[topic] += sum(map(_count, _contents(folded)))
    return dict(counts)


def _contents(folded: Any) -> Iterator[Any]:
    for contents in folded.buckets.values():
        yield from contents.values()


def _count(content: Any) -> int:
    if hasattr(content, "count"):
        return int(content.count)
    return int(content.durations.count)


async def test_a_thousand_malformed_records_of_each_topic_are_set_aside_and_the_good_ones_count(
    settings: Settings, tmp_path: Path
) -> None:
    async with WorkerProcess(settings, tmp_path) as worker:
        roles = worker.roles()
        sent = await send_mixed(settings, settings.max_input_bytes)
        await settled(settings, worker.log)

        assert worker.roles() == roles, worker.log()
        assert await worker.ask("/live") == (200, "ok\n")

    assert len(sent.bad) == BAD_RECORDS * len(INPUTS)
    letters: dict[Place, list[DeadLetter]] = defaultdict(list)
    async for filed in read_letters(settings):
        letter = filed.letter
        letters[letter.topic, letter.partition, letter.offset].append(letter)
    assert letters.keys() == sent.bad.keys()
    unsaid = [
        (place, word, each.detail)
        for place, word in sent.bad.items()
        for each in letters[place]
        if word not in each.detail or each.stage != "intake"
    ]
    assert unsaid == []
    assert {place: len(each) for place, each in letters.items() if len(each) > 1} == {}

    redactor = settings.redactor()
    sent_on = (
        event for topic in DIRECT for data in sent.good[topic] for event in read(topic, data, redactor)
    )
    expected = {encode(event) for event in sent_on}  # type: ignore[type-var]
    assert len(expected) == GOOD_RECORDS * len(DIRECT)
    signals = {record.value async for record in read_all(settings, [SIGNALS])}
    assert expected - signals == set()
    folded = await folded_counts(settings)
    assert folded == dict.fromkeys((LOG_PATTERNS, METRIC_BUCKETS, SPAN_BUCKETS), GOOD_RECORDS)
    assert len(folded) == len(BULK)


def damaged(line: bytes) -> list[bytes]:
    """Break a line in ways that leave its text whole."""
    record = msgspec.json.decode(line)
    return [
        line[:-1],
        line + b"\xff\xfe",
        msgspec.json.encode({**record, "timestamp": "yesterday"}),
        msgspec.json.encode([{**record, "service": 5}, record]),
    ]


async def test_no_secret_of_any_line_good_or_broken_gets_beyond_the_input_topics(
    settings: Settings, tmp_path: Path
) -> None:
    scenario = SCENARIOS["checkout_outage"]
    secrets = [each.encode() for each in scenario.secrets]
    lines = [each.encode() for each in scenario.story().lines()]
    telling = [line for line in lines if any(secret in line for secret in secrets)]
    assert {secret for secret in secrets if any(secret in line for line in telling)} == set(secrets)

    await publish_catalog(settings, scenario.catalog)
    async with WorkerProcess(settings, tmp_path) as worker:
        async with Outbox(settings) as outbox:
            for number, line in enumerate(telling):
                for each in [line, *damaged(line)]:
                    key = b"token=" + secrets[number % len(secrets)]
                    await outbox.send(LOGS, each, key, number % settings.partitions)
            alert = {"kind": "alert", "service": "checkout-api", "name": "Leaky", "status": "firing"}
            for number, secret in enumerate(scenario.secrets):
                at = msgspec.json.decode(lines[0])["timestamp"] + number
                told = {
                    "summary": f"token: {secret}",
                    "labels": {"api_key": secret},
                    "odd": {"password": secret},
                }
                await outbox.send(
                    "alerts", msgspec.json.encode({**alert, "timestamp": at, **told}), b"checkout-api"
                )
        await settled(settings, worker.log)
        log = worker.log()

    beyond = topics.topics_for(settings, lambda topic: topic.direction is not Direction.INPUT)
    names = [name.removeprefix(settings.topic_prefix) for name in beyond]
    read_topics, leaks = Counter[str](), []
    async for record in read_all(settings, names):
        read_topics[record.topic.removeprefix(settings.topic_prefix)] += 1
        text = (record.value or b"") + (record.key or b"")
        leaks += [(record.topic, secret, text[:300]) for secret in secrets if secret in text]
    assert leaks == []
    assert read_topics["dead-letters"] == 4 * len(telling)
    told = {"signals", "log-patterns", "incident.triage", "incident.evidence", "incidents"}
    assert told <= read_topics.keys()
    assert {name for name in read_topics if name.endswith("-changelog")} >= {
        "headwater-reason-scopes-changelog", "headwater-reason-log-signatures-changelog",
    }  # fmt: skip
    assert not any(secret.decode() in log for secret in secrets)
