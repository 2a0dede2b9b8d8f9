import asyncio
import dataclasses

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError

from streams import machine
from streams.broker.embedded_kafka import EmbeddedKafka
from streams.kafka import topics
from streams.settings import Settings


async def test_created_topics_have_no_problems_and_are_created_once(settings: Settings) -> None:
    assert await topics.check(settings) == []
    assert await topics.create(settings) == []


async def test_missing_topics_are_told_with_the_command_that_creates_them(kafka: EmbeddedKafka) -> None:
    settings = Settings(bootstrap_servers=kafka.bootstrap_servers, topic_prefix="nobody-made-these-")
    problems = await topics.check(settings)
    assert {each.topic for each in problems} == set(topics.topics_for(settings))
    assert all("headwater topics create" in str(each) for each in problems)


async def test_another_partition_count_is_told_for_each_keyed_topic(settings: Settings) -> None:
    problems = await topics.check(dataclasses.replace(settings, partitions=3))
    catalog = topics.topic_name(settings, "catalog")
    assert {each.topic for each in problems} == set(topics.topics_for(settings)) - {catalog}
    assert all("has 2 partitions, should have 3" in str(each) for each in problems)
    assert all("HEADWATER_PARTITIONS=2" in str(each) for each in problems)


async def test_a_wrong_policy_a_small_message_size_and_foreign_times_are_told(
    settings: Settings,
) -> None:
    incidents = topics.topic_name(settings, "incidents")
    admin = AIOKafkaAdminClient(**settings.connection())
    try:
        await admin.start()
        wrong = {"cleanup.policy": "delete", "max.message.bytes": "1000"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, incidents, wrong)])
    finally:
        await admin.close()
    # The controller answers before the broker knows; the test's time limit ends the wait.
    while not (told := [str(each) for each in await topics.check(settings)]):
        await asyncio.sleep(0.02)
    # What is not named goes back to the cluster's default, the producers' own times among it.
    assert len(told) == 3
    assert "cleanup.policy is delete, should be compact" in told[0]
    assert "message.timestamp.type is CreateTime, should be LogAppendTime" in told[1]
    assert "max.message.bytes is 1000" in told[2]


async def test_creating_fails_with_advice_where_the_cluster_has_too_few_brokers(kafka: EmbeddedKafka) -> None:
    settings = Settings(
        bootstrap_servers=kafka.bootstrap_servers, topic_prefix="three-copies-", replication_factor=3
    )
    with pytest.raises(topics.TopicAdminError, match="HEADWATER_REPLICATION_FACTOR"):
        await topics.create(settings)


async def test_a_topic_that_exists_is_left_as_it_is(kafka: EmbeddedKafka) -> None:
    settings = Settings(bootstrap_servers=kafka.bootstrap_servers, topic_prefix="half-there-", partitions=2)
    admin = AIOKafkaAdminClient(**settings.connection())
    try:
        await admin.start()
        await admin.create_topics([NewTopic("half-there-alerts", 1, 1)])
    finally:
        await admin.close()
    assert "half-there-alerts" not in await topics.create(settings)
    [problem] = [each for each in await topics.check(settings) if "partitions" in each.what]
    assert problem.topic == "half-there-alerts"


@pytest.mark.parametrize(("name", "limit"), [("logs", "max_input_bytes"), ("signals", "max_record_bytes")])
async def test_the_largest_allowed_record_fits(settings: Settings, name: str, limit: str) -> None:
    topic = topics.topic_name(settings, name)
    largest = getattr(settings, limit)
    async with AIOKafkaProducer(**settings.connection(), max_request_size=largest + 1024) as producer:
        sent = await producer.send_and_wait(topic, b"x" * largest)
    async with AIOKafkaConsumer(
        topic,
        **settings.connection(),
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=settings.max_input_bytes,
    ) as consumer:
        received = await consumer.getone()
    assert (received.offset, len(received.value)) == (sent.offset, largest)


async def test_a_record_of_an_old_event_is_stamped_with_the_brokers_time(settings: Settings) -> None:
    topic = topics.topic_name(settings, "logs")
    before_ms = machine.now().timestamp() * 1000
    async with AIOKafkaProducer(**settings.connection()) as producer:
        await producer.send_and_wait(topic, b"{}", timestamp_ms=1)
    async with AIOKafkaConsumer(topic, **settings.connection(), auto_offset_reset="earliest") as consumer:
        received = await consumer.getone()
    assert received.timestamp >= before_ms - 1


async def test_an_unreachable_broker_is_the_error_that_the_command_line_explains() -> None:
    settings = Settings(bootstrap_servers=f"127.0.0.1:{machine.free_port()}")
    with pytest.raises(KafkaConnectionError):
        await topics.check(settings)
