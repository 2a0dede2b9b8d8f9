"""What of a signal can relate it to others: where, since when, in which words, with which labels?"""

import re
from datetime import datetime
from typing import NamedTuple

from detectors.incidents.wording import cut
from models.event import Alert
from models.signal import Symptom, SymptomKind

CONFINING = ("region", "tenant")
"""Dimensions in which a fault is often confined: another value speaks against."""

_LABELS = {
    "region": ("region", "cloud.region", "cloud_region", "aws_region"),
    "tenant": ("tenant", "tenant_id", "customer", "customer_id"),
    "place": ("host", "node", "rack", "zone", "availability_zone"),
    "version": ("version", "service.version", "app_version"),
}
_DIMENSION = {name: dimension for dimension, names in _LABELS.items() for name in names}
_LOGGED = (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
_NUMBER = re.compile(r"[0-9]+")
_LONGEST = 120


class Trait(NamedTuple):
    """One signal, seen by what may relate it."""

    service: str
    at: datetime
    """When it began (event time)."""
    text: str
    """Without numbers and the name of its service."""
    labels: dict[str, str]
    """By dimension: region, tenant, place, version."""
    event_id: str


def of_signal(signal: Alert | Symptom) -> Trait:
    """Give what may relate an alert or a symptom to others."""
    if isinstance(signal, Alert):
        text = f"{signal.name} {signal.summary or ''}"
        named = {_DIMENSION.get(name, ""): value for name, value in signal.labels.items()}
        at = signal.timestamp
    else:
        # The name of a metric or an operation is the same wherever it is measured.
        text, at = signal.text if signal.symptom_kind in _LOGGED else "", signal.onset_at
        named = {signal.lift.dimension: signal.lift.value} if signal.lift else {}
    labels = {
        name: str(value) for name, value in named.items() if name in _LABELS and value not in (None, "")
    }
    return Trait(signal.service, at, _plain(text, signal.service), labels, signal.event_id)


def _plain(text: str, service: str) -> str:
    return cut(_NUMBER.sub(" ", text.replace(service, " ")).lower(), _LONGEST)
