"""How long does an alert take from its topic to the triage that tells of it, the worker being idle?"""

import math
from collections.abc import Sequence
from typing import IO, Any

import click

from models import topic
from models.catalog import CatalogEntry
from models.event import Alert, AlertStatus
from models.record import decode, encode
from models.triage import Triage
from streams import machine
from streams.bench.figure import Figure, at_most
from streams.catalog import catalog_topic
from streams.kafka import topics
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import reader
from streams.settings import Settings
from streams.worker.running import running_worker

POLL_MS = 100
"""Longest wait for a triage in one go (machine time)."""

WITHIN_S = 60.0
"""Longest wait for a triage beyond the lateness (machine time)."""

BEYOND_S = 1.0
"""What p99 may take beyond the lateness."""


async def rows(settings: Settings, alerts: int, worker_log: IO[bytes]) -> list[Figure]:
    """Send alerts, each of a scope of its own and after the triage of the one before, and time each triage.

    The time runs from just before the alert is handed to the producer until the triage has been
    read back from `incident.triage`; one alert before them, which is not counted, finds the paths cold.

    Args:
        settings: Where the broker is; the topics are created under its prefix.
        alerts: How many are timed, from 1.
        worker_log: Where the worker's processes write their log.

    Raises:
        click.ClickException: A triage does not come.
    """
    services = [f"service-{number:04}" for number in range(alerts + 1)]
    await topics.create(settings)
    entries = [CatalogEntry(service=each, owner="team-bench", scope=f"scope-{each}") for each in services]
    await catalog_topic.publish(settings, entries)
    async with (
        running_worker(settings, worker_log),
        Outbox(settings) as outbox,
        reader(settings, [topic.TRIAGE], from_end=True) as triages,
    ):
        took = [await _timed(outbox, triages, each, settings.lateness_s) for each in services]
    return _figures(sorted(took[1:]), settings.lateness_s)


async def _timed(outbox: Outbox, triages: Any, service: str, lateness_s: float) -> float:
    """Send one alert and give the seconds of machine time until its triage has been read."""
    sent_at = machine.monotonic()
    alert = Alert(
        timestamp=machine.now(), service=service, name="LatencyProbe", status=AlertStatus.FIRING,
        severity="critical", value=18.0, threshold=5.0, unit="%",
    )  # fmt: skip
    await (await outbox.send(topic.ALERTS, encode(alert), service.encode()))
    while (took := machine.monotonic() - sent_at) < lateness_s + WITHIN_S:
        for records in (await triages.getmany(timeout_ms=POLL_MS)).values():
            if any(decode(Triage, record.value).service == service for record in records):
                return machine.monotonic() - sent_at
    raise click.ClickException(f"no triage of {service} came within {took:.0f} s; see the worker's log")


def _figures(took: list[float], lateness_s: float) -> list[Figure]:
    p50, p99 = quantile(took, 0.5), quantile(took, 0.99)
    goal = lateness_s + BEYOND_S
    lateness = f"lateness {lateness_s:g} s"
    return [
        Figure(f"alert to triage, p50 of {len(took)} ({lateness})", round(p50, 3), "s"),
        at_most(f"alert to triage, p99 of {len(took)} ({lateness})", round(p99, 3), "s", goal),
        Figure("the longest", round(took[-1], 3), "s"),
    ]


def quantile(ascending: Sequence[float], share: float) -> float:
    """Give the smallest value that at least that share of the values does not exceed (nearest rank).

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.0
    """
    return ascending[max(math.ceil(share * len(ascending)), 1) - 1]
