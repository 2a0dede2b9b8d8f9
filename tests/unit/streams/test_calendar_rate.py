"""A calendar that hands over each second is refused with its event, not expanded for ever."""

from pathlib import Path

import pytest

from streams.oncall import calendar_file
from streams.oncall.calendar_file import OnCallError

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//team//duty//EN
BEGIN:VEVENT
UID:duty-1
DTSTAMP:20260512T000000Z
DTSTART:20260512T000000Z
DTEND:20260512T000001Z
RRULE:FREQ=SECONDLY
SUMMARY:on-call-a
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_a_duty_that_recurs_each_second_is_refused() -> None:
    with pytest.raises(OnCallError, match=r"team-a.ics: the event 'on-call-a' recurs SECONDLY"):
        calendar_file.read(Path("team-a.ics"), CALENDAR)
