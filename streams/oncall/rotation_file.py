"""Who takes turns on call? Rotation files in YAML: members, handoff in local time, overrides."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from models.oncall import FIRST_LEVEL, Shift
from streams.oncall.oncall_file import OnCallError, OnCallFile, handle

_LENGTH = re.compile(r"(?P<count>[1-9]\d?) (?P<unit>hour|day|week)s?")
_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")
_EDGE = timedelta(days=1)
"""A local day is at most so far from a UTC day."""


class _Rotation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    starts: date
    time_zone: str
    members: list[str]
    handoff: str = "09:00"
    length: str = "1 week"
    until: date | None = None
    level: int = FIRST_LEVEL


class _Override(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    handle: str
    starts_at: datetime
    ends_at: datetime
    level: int = FIRST_LEVEL


class _File(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    team: str
    rotations: list[_Rotation]
    overrides: list[_Override] = []


class Rotation(NamedTuple):
    """Members who take turns, each for as long, handing over at the same local time."""

    team: str
    level: int
    starts: datetime
    """The first handoff, in local time without a zone."""
    zone: ZoneInfo
    length: timedelta
    members: tuple[str, ...]
    until: datetime | None
    """When nobody follows any more, in local time; None: it goes on."""

    def shifts(self, start: datetime, end: datetime) -> Iterator[Shift]:
        """Give the turns that overlap a stretch; a handoff keeps its local time when clocks change."""
        first = max(
            0, (start.astimezone(self.zone).replace(tzinfo=None) - _EDGE - self.starts) // self.length
        )
        turn = first
        while True:
            begins, ends = self.starts + turn * self.length, self.starts + (turn + 1) * self.length
            if self.until is not None:
                ends = min(ends, self.until)
            if begins >= ends or self._moment(begins) >= end:
                return
            starts_at, ends_at = self._moment(begins), self._moment(ends)
            if ends_at > max(start, starts_at):
                yield Shift(
                    team=self.team,
                    handle=self.members[turn % len(self.members)],
                    level=self.level,
                    starts_at=starts_at,
                    ends_at=ends_at,
                )
            turn += 1

    def _moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def read(path: Path, text: str) -> OnCallFile:
    """Read a rotation file.

    Raises:
        OnCallError: It is not YAML, or a field is missing, unknown or wrong.
    """
    try:
        # A loader that makes nothing but text: YAML would read the handoff 10:00 as the number 600.
        document = yaml.load(text, Loader=yaml.BaseLoader)
        found = msgspec.convert(document, _File, strict=False)
    except (yaml.YAMLError, RecursionError) as error:
        raise OnCallError(f"{path} is not YAML: {' '.join(str(error).split())}; mend the file") from error
    except msgspec.ValidationError as error:
        raise OnCallError(f"{path}: {error}; see the README for what a rotation file says") from error
    rotations = [
        _rotation(f"{path}, rotation {n}", found.team, each) for n, each in enumerate(found.rotations, 1)
    ]
    overrides = [
        _override(f"{path}, override {n}", found.team, each) for n, each in enumerate(found.overrides, 1)
    ]
    if not rotations:
        raise OnCallError(f"{path}: rotations is empty; write at least one")
    levels = [*(each.level for each in rotations), *(each.level for each in overrides)]
    return OnCallFile(str(path), found.team, levels, partial(_expand, rotations, overrides))


def _expand(
    rotations: Iterable[Rotation], overrides: list[Shift], start: datetime, end: datetime
) -> Iterator[Shift]:
    inside = [each for each in overrides if each.starts_at < end and each.ends_at > start]
    yield from inside
    for rotation in rotations:
        for shift in rotation.shifts(start, end):
            yield from _without(shift, [each for each in overrides if each.level == shift.level])


def _without(shift: Shift, overrides: list[Shift]) -> Iterator[Shift]:
    """Give what is left of a turn where others stand in for it."""
    begins = shift.starts_at
    for each in sorted(overrides, key=lambda one: one.starts_at):
        if each.starts_at >= shift.ends_at or each.ends_at <= begins:
            continue
        if each.starts_at > begins:
            yield msgspec.structs.replace(shift, starts_at=begins, ends_at=each.starts_at)
        begins = each.ends_at
    if begins < shift.ends_at:
        yield msgspec.structs.replace(shift, starts_at=begins)


def _rotation(where: str, team: str, told: _Rotation) -> Rotation:
    length, clock = _LENGTH.fullmatch(told.length.strip()), _CLOCK.fullmatch(told.handoff.strip())
    if length is None:
        raise OnCallError(f'{where}: length is {told.length!r}; write "12 hours", "1 day" or "2 weeks"')
    if clock is None:
        raise OnCallError(f'{where}: handoff is {told.handoff!r}; write a time of day such as "09:00"')
    if not told.members:
        raise OnCallError(f"{where}: members is empty; write at least one handle")
    at = time(int(clock["hour"]), int(clock["minute"]))
    return Rotation(
        team=team,
        level=_level(where, told.level),
        starts=datetime.combine(told.starts, at),
        zone=_zone(where, told.time_zone),
        length=timedelta(**{f"{length['unit']}s": int(length["count"])}),
        members=tuple(handle(f"{where}, members", each) for each in told.members),
        until=None if told.until is None else datetime.combine(told.until, at),
    )


def _override(where: str, team: str, told: _Override) -> Shift:
    if told.starts_at.tzinfo is None or told.ends_at.tzinfo is None:
        raise OnCallError(f"{where}: a time has no offset; write it as 2026-06-23T09:00:00+02:00")
    if told.starts_at >= told.ends_at:
        raise OnCallError(f"{where}: ends_at is not after starts_at; exchange them")
    return Shift(
        team=team, handle=handle(where, told.handle), level=_level(where, told.level),
        starts_at=told.starts_at.astimezone(UTC), ends_at=told.ends_at.astimezone(UTC),
    )  # fmt: skip


def _level(where: str, level: int) -> int:
    if not 1 <= level <= 9:
        raise OnCallError(f"{where}: level is {level}; write a number from 1, which is told first, to 9")
    return level


def _zone(where: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise OnCallError(
            f"{where}: time_zone is {name!r}; write an IANA name such as Europe/Berlin"
        ) from error
