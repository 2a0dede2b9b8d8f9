"""Which schedules are in a folder, and is anybody missing from them soon?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from detectors.oncall import NO_SCHEDULE, OnCallSchedule, gaps
from models.event_time import rfc3339
from models.oncall import Shift
from models.record import content_id
from streams.oncall import calendar_file, rotation_file
from streams.oncall.oncall_file import OnCallError
from streams.process.metrics import ONCALL_GAP_SECONDS

LOOK_AHEAD = timedelta(days=14)
"""Two weekly turns: long enough to find somebody."""

_log = structlog.get_logger()
_READERS = {".yaml": rotation_file.read, ".yml": rotation_file.read, ".ics": calendar_file.read}


def read(folder: Path | None) -> OnCallSchedule:
    """Read the rotation files (`.yaml`, `.yml`) and calendars (`.ics`) of a folder; None: know nothing.

    Several files may speak for one team; their shifts add up.

    Raises:
        OnCallError: The folder has no such file, or one of them cannot be used.
    """
    if folder is None:
        return NO_SCHEDULE
    try:
        paths = sorted(each for each in folder.iterdir() if each.suffix.lower() in _READERS)
        texts = {each.name: each.read_text(encoding="utf-8") for each in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise OnCallError(
            f"{folder} cannot be read: {error}; name a folder of .yaml and .ics files in HEADWATER_ONCALL or "
            "--oncall"
        ) from error
    if not paths:
        raise OnCallError(f"{folder}: no .yaml or .ics file is in it; name the folder of the schedules")
    files = [_READERS[each.suffix.lower()](each, texts[each.name]) for each in paths]
    levels: dict[str, list[int]] = {}
    for file in files:
        levels.setdefault(file.team, []).extend(file.levels)

    def expand(start: datetime, end: datetime) -> Iterator[Shift]:
        for file in files:
            yield from file.expand(start, end)

    return OnCallSchedule(expand, levels, content_id("oncall", *sorted(texts.items())))


def tell_gaps(schedule: OnCallSchedule, now: datetime) -> None:
    """Log each stretch within two weeks in which nobody is on call, and set the metric.

    Args:
        schedule: What was read.
        now: The machine's time.
    """
    missing: dict[tuple[str, int], float] = {
        (team, level): 0.0 for team in schedule.teams for level in schedule.levels(team)
    }
    for gap in gaps(schedule, now, now + LOOK_AHEAD):
        missing[gap.team, gap.level] += (gap.ends - gap.starts).total_seconds()
        _log.warning(
            "oncall.gap_found", team=gap.team, level=gap.level, starts_at=rfc3339(gap.starts),
            ends_at=rfc3339(gap.ends),
        )  # fmt: skip
    for (team, level), seconds in missing.items():
        ONCALL_GAP_SECONDS.labels(team, str(level)).set(seconds)
