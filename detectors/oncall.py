"""Who is on call for a team at a moment, and where does its schedule leave nobody?"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from models.oncall import Shift

Expansion = Callable[[datetime, datetime], Iterable[Shift]]
"""Gives every shift that overlaps a stretch, whole; the same for the same stretch, whenever it is asked."""

_MONTHS_KEPT = 24
"""Months whose shifts are remembered: incidents of a day lie in one, a replayed year in twelve."""


class Stretch(NamedTuple):
    """A stretch of a schedule that a person should look at (event time)."""

    team: str
    level: int
    starts: datetime
    ends: datetime
    handles: tuple[str, ...]
    """Who is on call at once; empty: nobody is."""


def _nobody(_: datetime, __: datetime) -> Iterable[Shift]:
    return ()


class OnCallSchedule:
    """What the schedules say for any moment of event time; it knows no today and no horizon.

    Shifts are asked for month by month of event time, so that a replay of last year's incident, or of
    next year's exercise, sees what a worker of that day saw with the same files.
    """

    def __init__(
        self,
        expand: Expansion = _nobody,
        levels: Mapping[str, Sequence[int]] | None = None,
        version: str = "",
    ) -> None:
        """Keep how shifts are found, which levels each team has, and by what the files can be told apart."""
        self._expand = expand
        self._levels = {team: tuple(sorted(set(each))) for team, each in sorted((levels or {}).items())}
        self._months: OrderedDict[datetime, list[Shift]] = OrderedDict()
        self.version = version
        """A hash of the schedules' content; empty: there are none."""

    @property
    def teams(self) -> list[str]:
        """Name the teams that have a schedule, in alphabetical order."""
        return list(self._levels)

    @property
    def is_known(self) -> bool:
        """Tell whether there is any schedule at all."""
        return bool(self._levels)

    def levels(self, team: str) -> tuple[int, ...]:
        """Give the levels that a team's schedule has, the one told first at the front."""
        return self._levels.get(team, ())

    def on_call(self, team: str, moment: datetime) -> list[Shift]:
        """Give the shifts of a team that hold at a moment, by level, then by handle."""
        return [each for each in self._of_month(moment) if each.team == team and _holds(each, moment)]

    def shifts_of(self, handle: str, moment: datetime) -> list[Shift]:
        """Give the shifts of a responder, of any team, that hold at a moment."""
        return [each for each in self._of_month(moment) if each.handle == handle and _holds(each, moment)]

    def knows(self, handle: str, moment: datetime) -> bool:
        """Tell whether a responder has a shift, of any team, in the month of a moment."""
        return any(each.handle == handle for each in self._of_month(moment))

    def next_change(self, team: str, level: int, moment: datetime) -> datetime | None:
        """Give when a shift of a team, up to a level, begins or ends next; None: none in a month."""
        this = _first_of_month(moment)
        shifts = (*self._of_month(this), *self._of_month(_next_month(this)))
        theirs = (each for each in shifts if each.team == team and each.level <= level)
        edges = (edge for each in theirs for edge in (each.starts_at, each.ends_at))
        return min((each for each in edges if each > moment), default=None)

    def between(self, team: str, level: int, start: datetime, end: datetime) -> list[Shift]:
        """Give the shifts of a team and level that overlap a stretch, by their beginning."""
        found = {
            each
            for month in _months(start, end)
            for each in self._of_month(month)
            if (each.team, each.level) == (team, level) and each.starts_at < end and each.ends_at > start
        }
        return sorted(found, key=lambda each: (each.starts_at, each.ends_at, each.handle))

    def _of_month(self, moment: datetime) -> list[Shift]:
        first = _first_of_month(moment)
        if first not in self._months:
            shifts = set(self._expand(first, _next_month(first)))
            self._months[first] = sorted(shifts, key=_order)
            while len(self._months) > _MONTHS_KEPT:
                self._months.popitem(last=False)
        return self._months[first]


NO_SCHEDULE = OnCallSchedule()
"""What is known where no schedule was given: nothing."""


def gaps(schedule: OnCallSchedule, start: datetime, end: datetime) -> list[Stretch]:
    """Give the stretches in which a team's level has nobody on call, by time, then by team."""
    found = []
    for team in schedule.teams:
        for level in schedule.levels(team):
            covered = start
            for shift in schedule.between(team, level, start, end):
                if shift.starts_at > covered:
                    found.append(Stretch(team, level, covered, shift.starts_at, ()))
                covered = max(covered, shift.ends_at)
            if covered < end:
                found.append(Stretch(team, level, covered, end, ()))
    return sorted(found, key=lambda each: (each.starts, each.team, each.level))


def overlaps(schedule: OnCallSchedule, start: datetime, end: datetime) -> list[Stretch]:
    """Give the stretches in which a team's level has several responders on call at once."""
    found = []
    for team in schedule.teams:
        for level in schedule.levels(team):
            shifts = schedule.between(team, level, start, end)
            edges = sorted({start, end, *_edges(shifts, start, end)})
            for begins, ends in pairwise(edges):
                handles = sorted({each.handle for each in shifts if _holds(each, begins)})
                if len(handles) > 1:
                    found.append(Stretch(team, level, begins, ends, tuple(handles)))
    return sorted(found, key=lambda each: (each.starts, each.team, each.level))


def _edges(shifts: Iterable[Shift], start: datetime, end: datetime) -> Iterator[datetime]:
    for shift in shifts:
        yield from (each for each in (shift.starts_at, shift.ends_at) if start < each < end)


def _holds(shift: Shift, moment: datetime) -> bool:
    return shift.starts_at <= moment < shift.ends_at


def _order(shift: Shift) -> tuple[str, int, str, datetime]:
    return shift.team, shift.level, shift.handle, shift.starts_at


def _months(start: datetime, end: datetime) -> Iterator[datetime]:
    month = _first_of_month(start)
    while month < end:
        yield month
        month = _next_month(month)


def _first_of_month(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
