"""Which service does a change belong to?"""

from collections.abc import Iterable

from detectors.incidents.wording import words
from models.event import Change

UNKNOWN_SERVICE = "unknown"

_FIELDS = ("service", "service.name", "service_name", "component", "app", "application", "deployment")
"""Attributes in which senders name the service where the field itself is empty."""


def of_change(change: Change, known: Iterable[str] = ()) -> str:
    """Give the service that a change belongs to, "unknown" where nothing tells.

    The field, else an attribute, else the one known service whose name stands in the change's name.

    Args:
        change: The change.
        known: Names of services that the catalog knows.
    """
    if change.service:
        return change.service
    for field in _FIELDS:
        value = change.attributes.get(field)
        if isinstance(value, str) and value.strip():
            return value.strip()
    said = " ".join(words(change.name or ""))
    named = [name for name in sorted(set(known)) if _stands_in(" ".join(words(name)), said)]
    return named[0] if len(named) == 1 else UNKNOWN_SERVICE


def _stands_in(name: str, text: str) -> bool:
    return bool(name) and f" {name} " in f" {text} "
