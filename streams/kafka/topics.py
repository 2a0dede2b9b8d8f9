"""Which topics does the cluster lack or hold otherwise than they should be, and how is that mended?"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import click
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from streams import machine
from streams.kafka.topic_table import TOPICS, Direction, Topic, changelog_name, topic_name, topics_for
from streams.settings import Settings

__all__ = [
    "TOPICS",
    "Problem",
    "Topic",
    "TopicAdminError",
    "changelog_name",
    "check",
    "create",
    "topic_name",
    "topics_for",
]

# Longest wait for a cluster's controller; a healthy one takes a second for all topics.
ADMIN_TIMEOUT_MS = 30_000


class TopicAdminError(click.ClickException):
    """The cluster refused to create a topic or to tell of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing about one topic that is not as it should be."""

    topic: str
    what: str
    """What is wrong: what is, and what should be."""
    remedy: str
    """What a person can do about it."""

    def __str__(self) -> str:
        return f"{self.topic}: {self.what}; {self.remedy}"


async def create(settings: Settings) -> list[str]:
    """Create the topics that are missing and get their names; what exists is left as it is.

    Raises:
        TopicAdminError: The cluster refuses one, for example for lack of brokers or rights.
    """
    wanted = topics_for(settings)
    async with _admin(settings) as admin:
        existing = set(await admin.list_topics())
        missing = {name: topic for name, topic in wanted.items() if name not in existing}
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(
                    name,
                    topic.partitions(settings),
                    settings.replication_factor,
                    topic_configs=topic.config(settings),
                )
                for name, topic in missing.items()
            ],
            timeout_ms=ADMIN_TIMEOUT_MS,
        )
        created = _created(answer)
        await _wait_until_visible(admin, set(created))
    return created


async def check(settings: Settings) -> list[Problem]:
    """Compare the cluster's topics with what they should be; empty when all is well.

    Raises:
        TopicAdminError: The cluster does not tell a topic's configuration.
    """
    wanted = topics_for(settings)
    async with _admin(settings) as admin:
        described = await admin.describe_topics()
        counts = {each["topic"]: len(each["partitions"]) for each in described if each["topic"] in wanted}
        configs = await _configs(admin, sorted(counts))
    problems = []
    for name, topic in wanted.items():
        if name not in counts:
            problems.append(
                Problem(topic=name, what="does not exist", remedy="create it with `headwater topics create`")
            )
            continue
        problems += _partition_problems(name, topic, counts[name], settings)
        problems += _config_problems(name, topic, configs[name], settings)
    return problems


def _created(answer: Any) -> list[str]:
    created = []
    for name, code, *detail in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            created.append(name)
        elif error is not TopicAlreadyExistsError:
            # One that another process created in the meantime is as good as ours; `check` compares it.
            reason = (detail and detail[0]) or error.__name__
            raise TopicAdminError(
                f"topic {name} could not be created: {reason}; "
                "check HEADWATER_REPLICATION_FACTOR against the number of brokers, and the user's rights"
            )
    return created


async def _wait_until_visible(admin: Any, names: set[str]) -> None:
    """Wait for the brokers to learn from the controller, which answers first, what was created."""
    deadline = machine.monotonic() + ADMIN_TIMEOUT_MS / 1000
    while missing := names - set(await admin.list_topics()):
        if machine.monotonic() > deadline:
            raise TopicAdminError(
                f"topics {', '.join(sorted(missing))} were created but no broker tells of them after "
                f"{ADMIN_TIMEOUT_MS // 1000} s; see that all are up, then run `headwater topics check`"
            )
        await asyncio.sleep(0.02)


def _partition_problems(name: str, topic: Topic, count: int, settings: Settings) -> list[Problem]:
    wanted = topic.partitions(settings)
    if count == wanted:
        return []
    if topic.single_partition:
        remedy = "delete it, then run `headwater topics create` and publish the catalog again"
    else:
        # More partitions would send a key elsewhere than its state, so adding them is no remedy.
        remedy = (
            f"set HEADWATER_PARTITIONS={count} if all keyed topics have that many; else stop the workers, "
            "delete it and run `headwater topics create`"
        )
    return [Problem(topic=name, what=f"has {count} partitions, should have {wanted}", remedy=remedy)]


def _config_problems(name: str, topic: Topic, config: Mapping[str, str], settings: Settings) -> list[Problem]:
    wanted = topic.config(settings)
    problems = []
    exact = ("cleanup.policy", "message.timestamp.type")
    problems += [_config_problem(name, key, config, wanted) for key in exact if config[key] != wanted[key]]
    fewest = wanted.get("min.insync.replicas", "1")
    if int(config["min.insync.replicas"]) < int(fewest):
        problems.append(_config_problem(name, "min.insync.replicas", config, wanted))
    if int(config["max.message.bytes"]) < int(wanted["max.message.bytes"]):
        is_input = topic.direction is Direction.INPUT
        setting = "HEADWATER_MAX_INPUT_BYTES" if is_input else "HEADWATER_MAX_RECORD_BYTES"
        problems.append(_config_problem(name, "max.message.bytes", config, wanted, f", or lower {setting}"))
    return problems


def _config_problem(
    name: str, key: str, config: Mapping[str, str], wanted: Mapping[str, str], other_way: str = ""
) -> Problem:
    return Problem(
        topic=name,
        what=f"{key} is {config[key]}, should be {wanted[key]}",
        remedy=f"run kafka-configs.sh --alter --topic {name} --add-config {key}={wanted[key]}{other_way}",
    )


async def _configs(admin: Any, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    found: dict[str, dict[str, str]] = {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    for answer in await admin.describe_configs(resources):
        for code, message, _kind, name, entries in answer.resources:
            if code:
                raise TopicAdminError(
                    f"the cluster does not tell how topic {name} is configured: "
                    f"{message or for_code(code).__name__}; the user needs the right DescribeConfigs"
                )
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(**settings.connection(), request_timeout_ms=ADMIN_TIMEOUT_MS)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
