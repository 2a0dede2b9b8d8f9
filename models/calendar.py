"""When is it a busy time, or a market open? Periods of a policy file."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class PeriodKind(StrEnum):
    """What a period means for who is called and how soon."""

    PEAK = "peak"
    MARKET_HOURS = "market_hours"


class Day(StrEnum):
    """A day of the week, in the period's time zone."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time that returns on some days, or a stretch of dates."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    """How it is told, for example "the evening peak"."""
    kind: PeriodKind
    timezone: str = "UTC"
    """IANA name, for example Europe/Berlin."""
    days: list[Day] = msgspec.field(default_factory=lambda: list(Day))
    begins: str = msgspec.field(default="00:00", name="from")
    """Time of day, included."""
    ends: str = msgspec.field(default="24:00", name="to")
    """Time of day, not included; one before `from` is on the next day."""
    first_date: date | None = None
    last_date: date | None = None
    """Included."""
    closed_on: list[date] = []
    """Holidays, by the day on which the period would begin."""

    def __post_init__(self) -> None:
        """Refuse a time of day or a time zone that there is not."""
        for field, text in (("from", self.begins), ("to", self.ends)):
            if not _CLOCK.fullmatch(text):
                raise ValueError(f'Expected `{field}` as "HH:MM" in quotes, got {text!r}')
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"Expected `timezone` as an IANA name such as Europe/Berlin, got {self.timezone!r}"
            ) from None
        if self.begins == self.ends:
            raise ValueError(f"Expected `to` to differ from `from`, got {self.ends} for both")
        if not self.days:
            raise ValueError("Expected at least one day in `days`")
        if self.first_date and self.last_date and self.first_date > self.last_date:
            raise ValueError(f"Expected `first_date` not after `last_date`, got {self.first_date}")

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment (event time, UTC) lies in it; summer time follows the IANA rules."""
        local = moment.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)
        yesterday = local.date() - timedelta(days=1)
        return self._spans(local.date(), local) or self._spans(yesterday, local)

    def _spans(self, day: date, local: datetime) -> bool:
        midnight = datetime.combine(day, time())
        begins, ends = midnight + _length(self.begins), midnight + _length(self.ends)
        if ends <= begins:
            ends += timedelta(days=1)
        first, last = self.first_date or day, self.last_date or day
        is_open = list(Day)[day.weekday()] in self.days and day not in self.closed_on
        return is_open and first <= day <= last and begins <= local < ends


def _length(clock: str) -> timedelta:
    hours, _, minutes = clock.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
