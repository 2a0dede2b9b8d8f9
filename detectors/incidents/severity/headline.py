"""What is the one sentence that responders read first?"""

import re
from collections.abc import Sequence
from datetime import datetime

from detectors.incidents.policy import TELLING
from detectors.incidents.wording import clock, listed
from models.triage import Reason, Severity

_FAMILIES = (
    ("impact_alone", "dependency_alerting", "blast_radius", "impact_scope"),
    ("recent_change",),
)
"""After the harm one clause for the spread and one for the trigger, where there are any; the first of a
family says most."""
_LATER = {rule for family in _FAMILIES for rule in family}
_CONTEXT = ("tier", "compliance", "calendar", "burn_rate", "saturation", "metric")
"""What makes a harm worse, and is told after it."""
_HELD_BACK = ("announced_work", "experiment")
"""Why nobody is called, whatever is measured: told before the harm."""
_UNTOLD = ("confirmed",)
"""That it is real goes without saying where how bad it is is said."""

_TIME = re.compile(
    r"\b[\d,]+ (?:seconds?|minutes?|hours?|days?)(?: [\d,]+ minutes?)? ago\b|\b\d\d:\d\d(?::\d\d)? UTC\b"
)
_NUMBER = re.compile(r"(?<![\w.-])\d[\d,.]*(?![\w-])")


def write(severity: Severity, service: str, reasons: list[Reason], as_of: datetime) -> str:
    """Give the headline: severity, service, and at most three clauses, the most important first.

    Args:
        severity: How bad it is.
        service: The service that users see failing.
        reasons: The most important first; those without evidence are not used.
        as_of: The moment of the decision (event time).

    Raises:
        ValueError: No reason cites evidence: there is nothing to say.
    """
    clauses = [each.text for each in _chosen(reasons)]
    if not clauses:
        raise ValueError(f"no headline for {service}: none of the {len(reasons)} reasons cites evidence")
    because = listed(clauses)
    if not _NUMBER.search(_TIME.sub("", because)):
        pieces = len({each for reason in reasons for each in reason.evidence})
        because += f" (on {pieces} {'piece' if pieces == 1 else 'pieces'} of evidence)"
    if not _TIME.search(because):
        because += f", as of {clock(as_of)}"
    headline = f"{severity.name} for {service} because {because}"
    check(headline, reasons)
    return headline


def check_reason(reason: Reason) -> None:
    """Refuse a reason that says nothing one can check.

    Raises:
        ValueError: It has no number, no time since when it is so, or rests on no evidence.
    """
    lacks = [
        what
        for what, given in (
            ("evidence", bool(reason.evidence)),
            ("a number with its unit", reason.value is not None and reason.unit is not None),
            ("the time since when it is so", reason.since_at is not None),
        )
        if not given
    ]
    if lacks:
        raise ValueError(f"the reason {reason.text!r} ({reason.rule}) lacks {listed(lacks)}")


def check(headline: str, reasons: Sequence[Reason]) -> None:
    """Refuse a headline that says nothing one can check.

    Raises:
        ValueError: It gives no reason, no number, no time, or rests on no evidence.
    """
    _, found, because = headline.partition(" because ")
    problem = None
    if not found:
        problem = "it gives no reason (“… because …”)"
    elif not any(reason.evidence and reason.text in because for reason in reasons):
        problem = "none of its clauses is a reason that cites evidence"
    elif not _TIME.search(because):
        problem = "it names no time"
    elif not _NUMBER.search(_TIME.sub("", because)):
        problem = "it names no number"
    if problem:
        raise ValueError(f"the headline {headline!r} cannot be checked by its reader: {problem}")


def _chosen(reasons: list[Reason]) -> list[Reason]:
    usable = [each for each in reasons if each.evidence and each.rule not in _UNTOLD]
    first = [each for each in usable if each.rule not in _LATER]
    chosen = [each for each in first if each.rule in _HELD_BACK][:1]
    first = [each for each in first if each not in chosen]
    chosen += ([each for each in first if each.rule not in _CONTEXT] or first)[:1]
    for family in _FAMILIES:
        chosen += [each for rule in family for each in usable if each.rule == rule][:1]
    for reason in usable:
        if len(chosen) >= TELLING.headline_clauses:
            break
        if reason not in chosen:
            chosen.append(reason)
    return sorted(chosen[: TELLING.headline_clauses], key=_place)


def _place(reason: Reason) -> int:
    for place, family in enumerate(_FAMILIES, start=1):
        if reason.rule in family:
            return place
    return 0
