"""Every topic: what it carries, by which key, how it is cut and how long it is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from models import topic as names
from streams.settings import Settings

# A record travels in a batch with a header, timestamps and lengths around it; some 100 bytes.
BATCH_OVERHEAD_BYTES = 1024
# From three replicas on one may be away while two still acknowledge.
ENOUGH_REPLICAS = 3


class Direction(StrEnum):
    """Who writes a topic and who reads it."""

    INPUT = "input"
    INTERNAL = "internal"
    OUTPUT = "output"
    CHANGELOG = "changelog"


class Cleanup(StrEnum):
    """What Kafka does with old records: delete them by age, or keep the newest of each key."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic as it should be, apart from an installation's prefix and counts."""

    name: str
    meaning: str
    key: str
    direction: Direction
    cleanup: Cleanup
    retention_days: int | None = None
    """Days, by the broker's clock, after which records go; None: as long as the key lives."""
    single_partition: bool = False
    """Whether it has one partition, whatever the settings say."""
    role: str = ""
    """For a changelog: the role whose Faust app owns the table."""

    def partitions(self, settings: Settings) -> int:
        """Count its partitions in an installation."""
        return 1 if self.single_partition else settings.partitions

    def config(self, settings: Settings) -> dict[str, str]:
        """Get the topic settings that Kafka should hold for it."""
        config = {
            "cleanup.policy": self.cleanup.value,
            "max.message.bytes": str(self.max_bytes(settings) + BATCH_OVERHEAD_BYTES),
            # The broker's clock: a recording of last year would else be too old to be kept a minute.
            "message.timestamp.type": "LogAppendTime",
        }
        if settings.replication_factor >= ENOUGH_REPLICAS:
            # Acknowledged by all in-sync replicas must mean by more than the leader alone.
            config["min.insync.replicas"] = "2"
        if self.retention_days is not None:
            config["retention.ms"] = str(self.retention_days * 24 * 60 * 60 * 1000)
        if self.cleanup is Cleanup.COMPACT:
            # Only closed segments are compacted and a starting worker reads them all: keep them short.
            config["segment.bytes"] = str(32 * 1024 * 1024)
            config["min.cleanable.dirty.ratio"] = "0.1"
        return config

    def max_bytes(self, settings: Settings) -> int:
        """Get the size of the largest record, key and value together, that it must take."""
        # A scope's state in a storm is larger than any record that others read.
        large = (Direction.INPUT, Direction.CHANGELOG)
        return settings.max_input_bytes if self.direction in large else settings.max_record_bytes


def topic_name(settings: Settings, name: str) -> str:
    """Name a topic of `TOPICS` as this installation's cluster knows it."""
    return settings.topic_prefix + name


def changelog_name(settings: Settings, role: str, table: str) -> str:
    """Name the changelog of a Faust table as Faust itself does."""
    return f"{settings.group(role)}-{table}-changelog"


def full_name(settings: Settings, topic: Topic) -> str:
    """Name a topic or changelog as this installation's cluster knows it."""
    if topic.direction is Direction.CHANGELOG:
        return changelog_name(settings, topic.role, topic.name)
    return topic_name(settings, topic.name)


def _input(name: str, meaning: str, key: str = "any; the service is a good one") -> Topic:
    return Topic(
        name=name,
        meaning=meaning,
        key=key,
        direction=Direction.INPUT,
        cleanup=Cleanup.DELETE,
        retention_days=7,
    )


def _internal(name: str, meaning: str, key: str) -> Topic:
    return Topic(
        name=name,
        meaning=meaning,
        key=key,
        direction=Direction.INTERNAL,
        cleanup=Cleanup.DELETE,
        retention_days=7,
    )


def _output(name: str, meaning: str, key: str = "incident id", retention_days: int = 90) -> Topic:
    return Topic(
        name=name,
        meaning=meaning,
        key=key,
        direction=Direction.OUTPUT,
        cleanup=Cleanup.DELETE,
        retention_days=retention_days,
    )


def _changelog(name: str, meaning: str, key: str, role: str) -> Topic:
    return Topic(
        name=name,
        meaning=meaning,
        key=key,
        direction=Direction.CHANGELOG,
        cleanup=Cleanup.COMPACT,
        role=role,
    )


TOPICS: tuple[Topic, ...] = (
    _input(names.ALERTS, "Alerts that fire or resolve."),
    _input(names.DEPLOYS, "Changes: deploys, rollbacks, configuration, feature flags, maintenance."),
    _input(names.LOGS, "Log records, one, an array or an OTLP batch each."),
    _input(names.METRICS, "Metric points."),
    _input(names.SPANS, "Spans of traces."),
    _input(names.FEEDBACK, "What responders say of an incident: acknowledged, mitigated, cause confirmed."),
    Topic(
        name=names.CATALOG,
        meaning="The service catalog: owners, systems, dependencies.",
        key="entity reference",
        direction=Direction.INPUT,
        cleanup=Cleanup.COMPACT,
        single_partition=True,
    ),
    _internal(names.LOG_PATTERNS, "Log records folded into counts per pattern and bucket.", "service"),
    _internal(names.METRIC_BUCKETS, "Metric points folded into statistics per bucket.", "service"),
    _internal(names.SPAN_BUCKETS, "Spans folded into statistics per edge and bucket.", "service"),
    _internal(names.TRACE_SAMPLES, "Some traces of each bucket, with their spans and lines.", "scope"),
    _internal(
        names.SIGNALS, "Alerts, changes, symptoms, feedback and ticks in one order per scope.", "scope"
    ),
    Topic(
        name=names.INCIDENTS,
        meaning="The newest state of each incident.",
        key="incident id",
        direction=Direction.OUTPUT,
        cleanup=Cleanup.COMPACT,
    ),
    _output(names.TRIAGE, "How bad an incident is and why, whose it is, what to do next."),
    _output(names.ROUTING, "Whose an incident is, who else can act, and who should be told now."),
    _output(names.CAUSES, "Ranked cause candidates with what supports and contradicts each."),
    _output(names.EVIDENCE, "Each piece of evidence, under the id that everything else cites."),
    _output(names.TIMELINE, "What happened when, fact and inference told apart."),
    _output(names.POSTMORTEMS, "Postmortem drafts of incidents that are over."),
    _output(names.LOG_SIGNATURES, "Which log signatures turned out to be one statement.", key="service"),
    _output(
        names.DEAD_LETTERS,
        "Records that could not be read, with where they were and why.",
        key="source topic and partition",
        retention_days=30,
    ),
    _changelog("log-signatures", "State: clusters of patterns and their baselines.", "service", "reason"),
    _changelog("metric-shifts", "State: baselines of metrics.", "service", "reason"),
    _changelog("span-shifts", "State: baselines of edges.", "service", "reason"),
    _changelog("trace-shifts", "State: how requests go through the services.", "scope", "reason"),
    _changelog("scopes", "State: recent signals and open incidents.", "scope", "reason"),
    _changelog("drafts", "State: what is known of each incident for its postmortem.", "incident id", "sink"),
)


def topics_for(settings: Settings, keep: Callable[[Topic], bool] = lambda _: True) -> dict[str, Topic]:
    """Get the topics by the names that this installation's cluster knows them by."""
    return {full_name(settings, each): each for each in TOPICS if keep(each)}
