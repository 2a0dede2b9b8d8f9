from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.flow.clock import Clock
from models.tick import Progress, Tick
from tests.unit.detectors.incidents.builders import at

LOGS, METRICS = "logs:0", "metrics:0"
PATHS = (LOGS, METRICS)


def a_clock(*ticks: dict[str, Progress]) -> Clock:
    clock = Clock()
    for paths in ticks:
        clock.observe(Tick(paths=paths))
    return clock


def complete(time: str, epoch: int = 1) -> Progress:
    return Progress(epoch=epoch, watermark=at(time))


def silent(time: str, epoch: int = 1) -> Progress:
    return Progress(epoch=epoch, idle_at=at(time))


def test_the_time_is_the_earliest_moment_up_to_which_all_paths_are_complete() -> None:
    assert a_clock({LOGS: complete("12:05"), METRICS: complete("12:03")}).time(PATHS) == at("12:03")


def test_a_path_that_has_never_reported_holds_the_time() -> None:
    assert a_clock({LOGS: complete("12:05")}).time(PATHS) is None


def test_a_path_that_has_neither_brought_anything_nor_rests_holds_the_time() -> None:
    assert a_clock({LOGS: complete("12:05"), METRICS: Progress(epoch=1)}).time(PATHS) is None


def test_a_silent_path_holds_the_time_only_until_it_is_seen_silent_again() -> None:
    clock = a_clock({LOGS: complete("12:05"), METRICS: silent("12:01")})
    assert clock.time(PATHS) == at("12:01")
    clock.observe(Tick(paths={METRICS: silent("12:06")}))
    assert clock.time(PATHS) == at("12:05")


def test_a_silent_path_does_not_drive_the_time_while_another_is_live() -> None:
    assert a_clock({LOGS: complete("12:05"), METRICS: silent("18:00")}).time(PATHS) == at("12:05")


def test_when_all_are_silent_the_time_is_the_earliest_at_which_one_was_seen_silent() -> None:
    clock = a_clock({LOGS: silent("12:07"), METRICS: silent("12:06")})
    assert clock.time(PATHS) == at("12:06")
    assert clock.all_idle(PATHS)


def test_a_path_that_wakes_is_as_far_as_it_says() -> None:
    clock = a_clock({LOGS: silent("12:07"), METRICS: silent("12:06")}, {LOGS: complete("12:02")})
    assert clock.time(PATHS) == at("12:02")
    assert not clock.all_idle(PATHS)


def test_completeness_never_shrinks_not_even_by_a_later_epoch() -> None:
    clock = a_clock({LOGS: complete("12:05", epoch=1)}, {LOGS: complete("12:02", epoch=2)})
    assert clock.time([LOGS]) == at("12:05")


def test_what_a_replaced_writer_says_is_ignored() -> None:
    clock = a_clock({LOGS: complete("12:05", epoch=2)}, {LOGS: complete("12:09", epoch=1)})
    assert clock.time([LOGS]) == at("12:05")
    clock.observe(Tick(paths={LOGS: silent("12:09", epoch=1)}))
    assert not clock.all_idle([LOGS])


def test_a_new_writer_that_knows_nothing_yet_keeps_what_the_last_one_said() -> None:
    assert a_clock({LOGS: complete("12:05")}, {LOGS: Progress(epoch=2)}).time([LOGS]) == at("12:05")


def test_paths_that_were_not_asked_for_do_not_matter() -> None:
    assert a_clock({LOGS: complete("12:05"), METRICS: complete("12:01")}).time([LOGS]) == at("12:05")


told = st.builds(
    Progress,
    epoch=st.integers(1, 3),
    watermark=st.none() | st.integers(0, 60).map(lambda minutes: at("12:00") + timedelta(minutes=minutes)),
)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(st.dictionaries(st.sampled_from(PATHS), told, max_size=2), max_size=12))
def test_while_no_path_rests_the_time_never_steps_back(ticks: list[dict[str, Progress]]) -> None:
    clock = Clock()
    shown: list[datetime] = []
    for paths in ticks:
        clock.observe(Tick(paths=paths))
        now = clock.time(PATHS)
        if now is not None:
            shown.append(now)
        else:
            assert not shown
    assert shown == sorted(shown)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(st.dictionaries(st.sampled_from(PATHS), told, max_size=2), max_size=8), st.data())
def test_a_tick_that_comes_twice_changes_nothing(
    ticks: list[dict[str, Progress]], data: st.DataObject
) -> None:
    once, twice = a_clock(*ticks), Clock()
    for paths in ticks:
        for _ in range(data.draw(st.integers(1, 2))):
            twice.observe(Tick(paths=paths))
    assert twice == once
