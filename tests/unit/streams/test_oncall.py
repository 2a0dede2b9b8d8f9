"""Who is on call, from rotation files and calendars, for any moment of event time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from detectors.oncall import OnCallSchedule, gaps, overlaps
from streams.commands.oncall import command
from streams.commands.worker import command as worker
from streams.oncall.directory import read, tell_gaps
from streams.oncall.oncall_file import OnCallError
from streams.process.metrics import ONCALL_GAP_SECONDS

WEEKLY = """
team: team-checkout
rotations:
  - starts: 2026-01-05
    time_zone: Europe/Berlin
    handoff: 10:00
    length: 1 week
    members: [ada, "@bo.2", cy]
"""

NAIVE = "2026-01-06T12:00:00"

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:20260302T090000
DTEND;TZID=Europe/Berlin:20260302T170000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
EXDATE;TZID=Europe/Berlin:20260310T090000
SUMMARY:On call - somebody
ATTENDEE:mailto:dee@example.test
END:VEVENT
END:VCALENDAR
"""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def folder_of(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / name.replace("__", ".").replace("_", "-")
        path.write_text(text.replace("\n", "\r\n") if path.suffix == ".ics" else text)
    return tmp_path


def handles(schedule: OnCallSchedule, team: str, moment: str) -> list[str]:
    return [each.handle for each in schedule.on_call(team, utc(moment))]


@pytest.fixture
def weekly(tmp_path: Path) -> OnCallSchedule:
    return read(folder_of(tmp_path, team_checkout__yaml=WEEKLY))


def test_members_take_turns_from_handoff_to_handoff(weekly: OnCallSchedule) -> None:
    assert handles(weekly, "team-checkout", "2026-01-05T08:59:59") == []
    assert handles(weekly, "team-checkout", "2026-01-05T09:00:00") == ["ada"]
    assert handles(weekly, "team-checkout", "2026-01-12T08:59:59") == ["ada"]
    assert handles(weekly, "team-checkout", "2026-01-12T09:00:00") == ["bo.2"]
    assert handles(weekly, "team-checkout", "2026-01-26T09:00:00") == ["ada"]
    assert handles(weekly, "team-payments", "2026-01-05T09:00:00") == []


def test_a_handoff_keeps_its_local_time_when_clocks_change(weekly: OnCallSchedule) -> None:
    # In summer 10:00 in Berlin is 08:00 UTC.
    before, after = (handles(weekly, "team-checkout", f"2026-06-01T{at}") for at in ("07:59:59", "08:00:00"))
    assert before != after


def test_years_ahead_and_years_back_are_known_too(weekly: OnCallSchedule) -> None:
    assert handles(weekly, "team-checkout", "2041-05-01T12:00:00") != []
    # What was asked before has no influence: 28 other months lie between.
    asked = [
        handles(weekly, "team-checkout", f"{2026 + n // 12}-{n % 12 + 1:02}-20T12:00:00") for n in range(40)
    ]
    again = [
        handles(weekly, "team-checkout", f"{2026 + n // 12}-{n % 12 + 1:02}-20T12:00:00") for n in range(40)
    ]
    assert asked == again


def test_an_override_stands_in_for_the_turn_it_covers(tmp_path: Path) -> None:
    override = """overrides:
  - {handle: eve, starts_at: 2026-01-06T12:00:00+01:00, ends_at: "2026-01-06T18:00:00+01:00"}
"""
    schedule = read(folder_of(tmp_path, a__yaml=WEEKLY + override))
    assert handles(schedule, "team-checkout", "2026-01-06T10:59:00") == ["ada"]
    assert handles(schedule, "team-checkout", "2026-01-06T11:00:00") == ["eve"]
    assert handles(schedule, "team-checkout", "2026-01-06T17:00:00") == ["ada"]
    assert overlaps(schedule, utc("2026-01-05T09:00:00"), utc("2026-02-05T09:00:00")) == []


def test_a_calendar_gives_recurring_shifts_with_their_exceptions_in_local_time(tmp_path: Path) -> None:
    schedule = read(folder_of(tmp_path, team_ops__ics=CALENDAR))
    assert handles(schedule, "team-ops", "2026-03-09T08:00:00") == ["dee"]
    assert handles(schedule, "team-ops", "2026-03-10T08:00:00") == []
    assert handles(schedule, "team-ops", "2026-03-08T10:00:00") == []
    # From the end of March on, nine in Berlin is seven UTC.
    assert handles(schedule, "team-ops", "2026-04-01T07:00:00") == ["dee"]
    assert handles(schedule, "team-ops", "2026-04-01T15:00:00") == []
    assert handles(schedule, "team-ops", "2035-06-01T07:00:00") == ["dee"]


def test_the_second_level_stands_in_a_calendar_of_its_own(tmp_path: Path) -> None:
    schedule = read(folder_of(tmp_path, team_ops__ics=CALENDAR, team_ops__2__ics=CALENDAR))
    assert schedule.levels("team-ops") == (1, 2)
    assert [each.level for each in schedule.on_call("team-ops", utc("2026-03-09T08:00:00"))] == [1, 2]


def test_gaps_are_found_before_they_matter(tmp_path: Path) -> None:
    ended = WEEKLY.replace("length:", "until: 2026-02-02\n    length:")
    schedule = read(folder_of(tmp_path, a__yaml=ended))
    start = utc("2026-01-26T00:00:00")
    (gap,) = gaps(schedule, start, start + timedelta(days=14))
    assert (gap.team, gap.starts, gap.ends) == (
        "team-checkout", utc("2026-02-02T09:00:00"), utc("2026-02-09T00:00:00"),
    )  # fmt: skip
    tell_gaps(schedule, start)
    told = ONCALL_GAP_SECONDS.labels("team-checkout", "1")._value.get()
    assert told == (gap.ends - gap.starts).total_seconds()


def test_other_files_make_another_version(tmp_path: Path) -> None:
    one = read(folder_of(tmp_path, a__yaml=WEEKLY)).version
    assert read(tmp_path).version == one
    assert read(folder_of(tmp_path, a__yaml=WEEKLY.replace("cy", "di"))).version != one


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (WEEKLY.replace("Europe/Berlin", "Europe/Nowhere"), "time_zone"),
        (WEEKLY.replace("1 week", "a week"), "length"),
        (WEEKLY.replace("10:00", "25:00"), "handoff"),
        (WEEKLY.replace("ada", "Ada Lovelace"), "handle"),
        (WEEKLY.replace("ada", "ada@example.test"), "handle"),
        (WEEKLY.replace("members: [ada, \"@bo.2\", cy]", "members: []"), "members"),
        (WEEKLY.replace("team:", "teams:"), "team"),
        (WEEKLY.replace("2026-01-05", "5 January"), "starts"),
        (f"{WEEKLY}overrides: [{{handle: a, starts_at: {NAIVE}, ends_at: {NAIVE}Z}}]", "offset"),
        ("team: [", "YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_file_and_field(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(OnCallError) as refused:
        read(folder_of(tmp_path, a__yaml=text))
    assert named in refused.value.message
    assert "a.yaml" in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "no calendar",
        CALENDAR.replace("ATTENDEE:mailto:dee@example.test\n", ""),
        CALENDAR.replace("FREQ=WEEKLY", "FREQ=SOMETIMES"),
    ],
)
def test_a_calendar_that_names_no_responder_or_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(OnCallError, match=r"team-ops\.ics"):
        read(folder_of(tmp_path, team_ops__ics=text))


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(OnCallError, match=r"no \.yaml or \.ics file"):
        read(tmp_path)


def test_the_command_lists_gaps_and_overlaps_and_ends_with_1(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, team_ops__ics=CALENDAR, a__yaml=WEEKLY, b__yaml=WEEKLY.replace("ada", "eve"))
    start = ["--from", "2026-03-09T00:00:00Z", "--days", "1"]
    found = CliRunner().invoke(command, ["check", str(folder), *start])
    assert found.exit_code == 1
    lines = found.stdout.splitlines()
    assert "team-ops level 1: nobody is on call from 2026-03-09 00:00:00 to 2026-03-09 08:00:00 UTC" in lines
    assert any("team-checkout level 1: ada and cy" in each or "are on call at once" in each for each in lines)


def test_the_command_ends_with_0_where_somebody_always_is(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a__yaml=WEEKLY)
    found = CliRunner().invoke(command, ["check", str(folder), "--from", "2026-03-09T00:00:00Z"])
    assert (found.exit_code, found.stdout) == (0, "")


def test_a_worker_does_not_start_on_schedules_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path, a__yaml=WEEKLY.replace("ada", "Ada Lovelace"))
    monkeypatch.setenv("HEADWATER_ONCALL", str(tmp_path))
    started = CliRunner().invoke(worker, [])
    assert started.exit_code == 2
    assert "'Ada Lovelace' is no handle" in started.output


def test_a_folder_that_is_not_there_is_told_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(OnCallError, match="HEADWATER_ONCALL"):
        read(tmp_path / "missing")
