"""How urgent does the sender of an alert say it is?"""

from enum import IntEnum

from models.event import Alert


class Urgency(IntEnum):
    """The sender's word on one scale; the smaller, the more urgent."""

    EMERGENCY = 1
    CRITICAL = 2
    HIGH = 3
    UNKNOWN = 4
    """A word that is not on the list, or none: taken for high, and said so."""
    WARNING = 5
    INFORMATIONAL = 6


_WORDS: dict[Urgency, tuple[str, ...]] = {
    Urgency.EMERGENCY: ("emergency", "emerg", "disaster", "fatal", "p0", "p1", "sev0", "sev1", "sev-1", "s1"),
    Urgency.CRITICAL: ("critical", "crit", "page", "paging", "urgent"),
    Urgency.HIGH: ("high", "error", "err", "major", "severe", "p2", "sev2", "sev-2", "s2"),
    Urgency.WARNING: ("warning", "warn", "minor", "medium", "moderate", "average", "p3", "sev3", "s3"),
    Urgency.INFORMATIONAL: (
        "info", "information", "informational", "notice", "low", "debug", "p4", "p5", "sev4", "sev-4",
        "sev5", "sev-5", "s4", "none", "ok",
    ),
}  # fmt: skip

URGENCY_OF = {word: urgency for urgency, listed in _WORDS.items() for word in listed}
"""Every word that is mapped; a number alone is not, because senders count in both directions."""


def of_alert(alert: Alert) -> Urgency:
    """Give the urgency of an alert; a word that is not on the list is unknown, never guessed."""
    return URGENCY_OF.get((alert.severity or "").strip().lower(), Urgency.UNKNOWN)


def told(alert: Alert) -> str:
    """Say what the sender said, for a clause."""
    if of_alert(alert) is not Urgency.UNKNOWN:
        return f"sent as {(alert.severity or '').strip().lower()}"
    if not alert.severity or not alert.severity.strip():
        return "sent without a severity"
    return f"sent as “{alert.severity.strip()[:40]}”, which is not a severity we know"
