"""Who is on call by a calendar? iCalendar files (RFC 5545), as on-call products export them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from models.oncall import FIRST_LEVEL, Shift
from streams.oncall.oncall_file import OnCallError, OnCallFile, handle

_NAME = re.compile(r"(?P<team>.+?)(?:\.(?P<level>[1-9]))?\.ics", re.IGNORECASE)
_TRIED = timedelta(days=400)
"""From the first event on, so much is expanded at once to find mistakes: a yearly event comes once."""


def read(path: Path, text: str) -> OnCallFile:
    """Read a calendar: `TEAM.ics` is a team's first level, `TEAM.2.ics` its second.

    Each event is a shift. Its responder is the mailbox of the first ATTENDEE, without the domain, else
    the SUMMARY. An event without a zone, or of whole days, is in the calendar's zone, else in UTC.

    Raises:
        OnCallError: It is no calendar, or an event names no responder.
    """
    import icalendar  # together 50 ms and 10 MB, which only those pay who have calendars
    import recurring_ical_events

    name = _NAME.fullmatch(path.name)
    assert name is not None  # the caller asks for .ics files only
    team, level = name["team"], int(name["level"] or FIRST_LEVEL)
    try:
        calendar: Any = icalendar.Calendar.from_ical(text)
        for each in calendar.walk("VEVENT"):
            _check_rate(str(path), each)
        starts = [_utc(each["DTSTART"].dt) for each in calendar.walk("VEVENT")]
        query: Any = recurring_ical_events.of(calendar)
        for event in query.between(min(starts), min(starts) + _TRIED) if starts else ():
            _responder(str(path), event)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        told = f"{type(error).__name__}: {error}"
        raise OnCallError(f"{path} cannot be read as iCalendar ({told}); export it again") from error
    return OnCallFile(str(path), team, [level], partial(_expand, str(path), query, team, level))


def _check_rate(where: str, event: Any) -> None:
    """Refuse a duty that hands over within minutes: no rotation does, and it has no end of occurrences."""
    rules = event.get("RRULE") or []
    for rule in rules if isinstance(rules, list) else [rules]:
        often = {str(each).upper() for each in rule.get("FREQ", [])} & {"SECONDLY", "MINUTELY", "HOURLY"}
        if often:
            told = f"the event {str(event.get('SUMMARY') or event.get('UID') or '')[:60]!r}"
            raise OnCallError(
                f"{where}: {told} recurs {often.pop()}; a duty recurs DAILY, WEEKLY, MONTHLY or YEARLY"
            )


def _expand(where: str, query: Any, team: str, level: int, start: datetime, end: datetime) -> Iterator[Shift]:
    # A day more on both sides: the library compares events without a zone in the zone of what it is asked.
    for event in query.between(start - timedelta(days=1), end + timedelta(days=1)):
        begins, ends = _utc(event["DTSTART"].dt), _utc(event["DTEND"].dt)
        if begins < min(ends, end) and ends > start:
            yield Shift(
                team=team, handle=_responder(where, event), level=level, starts_at=begins, ends_at=ends
            )


def _responder(where: str, event: Any) -> str:
    attendees = event.get("ATTENDEE") or []
    first = attendees[0] if isinstance(attendees, list) and attendees else attendees
    mailbox = str(first or "").strip()
    if mailbox:
        address = re.sub(r"^mailto:", "", mailbox, flags=re.IGNORECASE)
        return handle(f"{where}, ATTENDEE", address.partition("@")[0])
    return handle(f"{where}, SUMMARY without ATTENDEE", str(event.get("SUMMARY", "")))


def _utc(moment: date | datetime) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
