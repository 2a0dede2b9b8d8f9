"""Has a value deviated like that before, at this time of the day or a short while ago?"""

import msgspec

RECENT_S = 10_800
"""What comes each quarter of an hour, or each hour, came at least twice within three hours."""

DAYS = 15
"""A job of each week came twice within fifteen days."""

EARLY_S = 900
"""Jobs start up to a quarter of an hour earlier or later than on other days."""

MOST = 3
"""Deviations remembered, of the last hours and of each hour of the day: the second largest of three is
led astray neither by one incident nor by one calm day."""

MOST_HOURS = 8
"""Hours of the day that are remembered: what deviates in more has no hour of its own. Some 0.5 kB in all."""

_DAY_S = 86_400
_HOUR_S = 3_600


class Habit(msgspec.Struct):
    """The latest deviations of one value, and those of earlier days by hour of the day (UTC)."""

    latest: list[tuple[int, int]] = []
    """When each began (epoch seconds) and how large it became, the earliest first."""
    hours: dict[int, list[tuple[int, int]]] = {}
    """Day (since the epoch) and largest deviation in that hour of it."""

    def note(self, began: int, at: int, size: int) -> None:
        """Remember how large the deviation that began then is at this moment; it never becomes smaller."""
        before = self.latest[-1][1] if self.latest and self.latest[-1][0] == began else None
        if before is None:
            self.latest = [*self.latest, (began, size)][-MOST:]
        else:
            self.latest[-1] = began, max(before, size)
        day, hour = at // _DAY_S, at % _DAY_S // _HOUR_S
        days = dict(self.hours.get(hour, ()))
        days[day] = max(size, days.get(day, 0))
        self.hours[hour] = sorted(days.items())[-MOST:]
        if len(self.hours) > MOST_HOURS:
            del self.hours[min(self.hours, key=lambda each: (self.hours[each][-1][0], each))]

    def usual(self, began: int, at: int) -> int:
        """Give how large a deviation has to be expected at this moment; 0: none.

        What came once was an event; what came on two days about this time, or twice within the last
        hours, is a habit: the second largest of those.

        Args:
            began: When the deviation that is looked at began: it does not excuse itself (epoch seconds).
            at: The moment (epoch seconds).
        """
        recent = [size for start, size in self.latest if at - RECENT_S <= start < began]
        today, days = began // _DAY_S, dict[int, int]()
        for hour in {(at - EARLY_S) % _DAY_S // _HOUR_S, (at + EARLY_S) % _DAY_S // _HOUR_S}:
            for day, size in self.hours.get(hour, ()):
                if today - DAYS <= day < today:
                    days[day] = max(size, days.get(day, 0))
        return max(_second(recent), _second([*days.values()]))


def _second(sizes: list[int]) -> int:
    return sorted(sizes)[-2] if len(sizes) > 1 else 0
