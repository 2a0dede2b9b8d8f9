"""Is a service under announced work, whose alerts are held back, or under a freeze of changes?"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from detectors.incidents.policy import LIFECYCLE
from models.event import Change, ChangeKind
from models.event_time import to_event_time

_BEGUN = {"started", "start", "begun", "in_progress", "in progress", "active", "running"}
"""States that announce work which goes on; any other, or none, says that it is over."""

_YES = {"true", "yes", "1", "on"}


class Window(NamedTuple):
    """From when until when work was announced (event time), and by which change."""

    begins: datetime
    ends: datetime
    by: Change


def window_of(changes: Iterable[Change], service: str, at: datetime) -> Window | None:
    """Give the window that holds back an alert of a service at a moment; None: there is none.

    Of several the one that ends last. A change without a service covers every service. Work that was
    announced as begun ends with a later change that says so, else at its attribute `ends_at`, else
    after `LIFECYCLE.maintenance`: what was never ended must not silence a service for ever.
    """
    announced = [
        each for each in changes if each.change_kind is ChangeKind.MAINTENANCE and not is_freeze(each)
    ]
    open_ones = [each for each in _windows(announced, service) if each.begins <= at < each.ends]
    return max(open_ones, key=lambda each: (each.ends, each.by.event_id), default=None)


def freeze_of(changes: Iterable[Change], change: Change) -> Window | None:
    """Give the freeze that a change falls into; None: there is none, or the change is itself announced work.

    A freeze is announced as maintenance with the attribute `freeze` set, or with "freeze" in its name or
    in its attribute `type`. It holds back no alert: a change made all the same is said to be one.
    """
    if change.change_kind in (ChangeKind.MAINTENANCE, ChangeKind.COMMIT):
        return None
    at = change.timestamp
    announced = [each for each in changes if each.change_kind is ChangeKind.MAINTENANCE and is_freeze(each)]
    open_ones = [each for each in _windows(announced, change.service) if each.begins <= at < each.ends]
    return max(open_ones, key=lambda each: (each.ends, each.by.event_id), default=None)


def is_freeze(change: Change) -> bool:
    """Tell whether announced work is a freeze of changes."""
    said = str(change.attributes.get("freeze", "")).strip().lower()
    words = f"{change.name or ''} {change.attributes.get('type', '')}".lower()
    return said in _YES or "freeze" in words


def _windows(announced: list[Change], service: str | None) -> Iterator[Window]:
    for change in announced:
        if change.service not in (None, service):
            continue
        begins = change.started_at or change.timestamp
        if not is_begun(change):
            yield Window(begins, change.timestamp, change)
            continue
        ended = [
            each.timestamp
            for each in announced
            if not is_begun(each) and each.timestamp >= begins
            and (each.service, each.name) == (change.service, change.name)
        ]  # fmt: skip
        yield Window(begins, min([_planned_end(change, begins), *ended]), change)


def _planned_end(change: Change, begins: datetime) -> datetime:
    longest = begins + LIFECYCLE.maintenance
    try:
        planned = _moment(change.attributes.get("ends_at"))
    except ValueError:
        return longest
    return min(planned, begins + LIFECYCLE.longest_maintenance)


def _moment(sent: object) -> datetime:
    """Read a time as those of events are written: with its offset, or in seconds since 1970."""
    if isinstance(sent, int | float) and not isinstance(sent, bool):
        return to_event_time(float(sent), "ends_at")
    moment = datetime.fromisoformat(str(sent))
    if moment.tzinfo is None:
        raise ValueError(f"{sent} has no offset")
    return to_event_time(moment, "ends_at")


def is_begun(change: Change) -> bool:
    """Tell whether a change announces work that goes on, and not that it is over."""
    return (change.state or "").strip().lower() in _BEGUN
