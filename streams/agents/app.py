"""Which Faust app runs a role, and which agents are in it?"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import faust
from faust.types import StreamT
from mode.utils.queues import ThrowableQueue

from detectors.archive import Archive
from detectors.flow.stage import Stage
from detectors.incidents.correlation import Correlator
from detectors.oncall import OnCallSchedule
from detectors.symptoms.log_signature import LogSignatures
from detectors.symptoms.metric_shift import MetricShifts
from detectors.symptoms.span_shift import SpanShifts
from detectors.symptoms.trace_shift import TraceShifts
from detectors.topology import Catalog
from models.policy import Policy
from models.topic import Outgoing
from streams.agents.keyed_agent import KeyedAgent
from streams.kafka.outbox import OVERHEAD_BYTES, Outbox
from streams.kafka.topics import topic_name
from streams.process.exit_code import ExitCode
from streams.process.slot import member_name
from streams.settings import Settings

FETCH_BYTES = 4 * 1024 * 1024
"""Per partition and fetch; some thousand folded records."""


class HeadwaterApp(faust.App):  # type: ignore[misc]  # Faust has no types that mypy reads
    """A Faust app whose queues keep what they hold when the flow resumes.

    At the end of recovery Faust lets events in, seeks, and then clears the queues: what had
    already been let in would be gone.
    """

    logger = logging.getLogger("faust.app")
    """Faust logs under the module of the subclass, which would make its chatter look like ours."""

    def FlowControlQueue(  # noqa: N802  # Faust's name
        self, maxsize: int | None = None, *, clear_on_resume: bool = False
    ) -> ThrowableQueue:
        """Give a queue that is never cleared on resume."""
        return ThrowableQueue(maxsize=maxsize, flow_control=self.flow_control, clear_on_resume=False)


class QuietWorker(faust.Worker):  # type: ignore[misc]  # Faust has no types that mypy reads
    """Runs an app, prints nothing, and leaves signals to the process, which ends between batches."""

    def __init__(self, app: HeadwaterApp) -> None:
        """Run that app."""
        super().__init__(app, quiet=True, override_logging=False, redirect_stdouts=False)
        self.spinner = None

    def install_signal_handlers(self) -> None:
        """Install none: Faust's would tear the app down around the batch in hand."""


def app_for(settings: Settings, role: str, data_folder: Path) -> HeadwaterApp:
    """Make the app of a role; its consumer group, static membership and limits come from the settings."""
    return HeadwaterApp(
        settings.group(role),
        broker=settings.broker_urls(),
        broker_credentials=settings.faust_credentials(),
        store="memory://",
        datadir=str(data_folder),
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        topic_partitions=settings.partitions,
        topic_replication_factor=settings.replication_factor,
        consumer_group_instance_id=member_name(settings),
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 4,
        broker_rebalance_timeout=settings.session_timeout_s,
        broker_request_timeout=max(40.0, settings.session_timeout_s + 1.0),
        producer_linger=0.005,
        producer_acks=-1,
        producer_max_request_size=settings.max_input_bytes + OVERHEAD_BYTES,
        stream_wait_empty=False,
    )


Deliver = Callable[[Sequence[Outgoing]], Awaitable[None]]


def reasoning_agents(
    app: HeadwaterApp,
    settings: Settings,
    catalog: Callable[[], Catalog],
    policy: Policy,
    oncall: OnCallSchedule,
    outbox: Outbox,
    end: Callable[[ExitCode], NoReturn],
) -> list[KeyedAgent]:
    """Give the app the agents that turn folded telemetry into symptoms, and signals into incidents."""

    def keyed(stage: Stage[Any]) -> KeyedAgent:
        return _keyed(app, stage, settings, outbox, outbox.deliver, end)

    signatures, metrics = keyed(LogSignatures(catalog)), keyed(MetricShifts(catalog))
    spans, traces = keyed(SpanShifts(catalog)), keyed(TraceShifts(catalog))
    scopes = keyed(Correlator(catalog, policy, oncall))

    @app.agent(_source(app, settings, LogSignatures.source), name="cluster_log_signatures")  # type: ignore[untyped-decorator]  # Faust's
    async def cluster_log_signatures(stream: StreamT[Any]) -> None:
        """Patterns of a service in; symptoms of new, surging and vanished signatures out."""
        await signatures.run(stream)

    @app.agent(_source(app, settings, MetricShifts.source), name="judge_metrics")  # type: ignore[untyped-decorator]  # Faust's
    async def judge_metrics(stream: StreamT[Any]) -> None:
        """Metric buckets of a service in; symptoms of shifted metrics out."""
        await metrics.run(stream)

    @app.agent(_source(app, settings, SpanShifts.source), name="judge_spans")  # type: ignore[untyped-decorator]  # Faust's
    async def judge_spans(stream: StreamT[Any]) -> None:
        """Span buckets of a service in; symptoms of failing and slow operations out."""
        await spans.run(stream)

    @app.agent(_source(app, settings, TraceShifts.source), name="judge_traces")  # type: ignore[untyped-decorator]  # Faust's
    async def judge_traces(stream: StreamT[Any]) -> None:
        """Sampled traces of a scope in; symptoms of broken flows and widened gaps out."""
        await traces.run(stream)

    @app.agent(_source(app, settings, Correlator.source), name="correlate_signals")  # type: ignore[untyped-decorator]  # Faust's
    async def correlate_signals(stream: StreamT[Any]) -> None:
        """Signals of a scope in; everything about its incidents out."""
        await scopes.run(stream)

    return [signatures, metrics, spans, traces, scopes]


def sink_agents(
    app: HeadwaterApp,
    settings: Settings,
    outbox: Outbox,
    deliver: Deliver,
    end: Callable[[ExitCode], NoReturn],
) -> list[KeyedAgent]:
    """Give the app the agent that writes postmortem drafts to the sinks."""
    drafts = _keyed(app, Archive(), settings, outbox, deliver, end)

    @app.agent(_source(app, settings, Archive.source), name="write_postmortems")  # type: ignore[untyped-decorator]  # Faust's
    async def write_postmortems(stream: StreamT[Any]) -> None:
        """Postmortem drafts in; documents in every sink out."""
        await drafts.run(stream)

    return [drafts]


def _keyed(
    app: HeadwaterApp,
    stage: Stage[Any],
    settings: Settings,
    outbox: Outbox,
    deliver: Deliver,
    end: Callable[[ExitCode], NoReturn],
) -> KeyedAgent:
    table = app.Table(
        stage.table,
        partitions=settings.partitions,
        key_type=bytes,
        value_type=bytes,
    )
    return KeyedAgent(app, table, stage, settings, outbox, deliver, end)


def _source(app: HeadwaterApp, settings: Settings, source: str) -> Any:
    """Declare a topic whose offsets Faust neither tracks nor commits; see `KeyedAgent`."""
    return app.topic(
        topic_name(settings, source),
        partitions=settings.partitions,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        acks=False,
    )
