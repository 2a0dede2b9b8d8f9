from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from detectors.symptoms.log_signature import LogSignatures
from models.chunk import PatternCount
from models.event import Change, ChangeKind
from models.signal import Difference, SignatureDifference, Symptom, SymptomKind
from tests.unit.detectors.symptoms.watching import CATALOG, SERVICE, START, Watch, lines, second

USUAL = {
    "p": lines(40),
    "w": lines(6, "warn", "cache miss for item"),
    "h": lines(5, "info", "heartbeat sent"),
}
FINISHED = 600
"""Seconds after the start of the watch."""


def a_change(finished: float = FINISHED, **fields: Any) -> Change:
    fields = {"event_id": "change-1", "change_kind": ChangeKind.DEPLOY, "version": "v42"} | fields
    return Change(timestamp=datetime.fromtimestamp(START + finished, UTC), service=SERVICE, **fields)


def a_watch(change: Change | None = None) -> Watch:
    watch = Watch(LogSignatures(lambda: CATALOG))
    watch.sees_all([USUAL] * (FINISHED // 10 - 1))
    watch.stage.fold(watch.state, change or a_change())
    watch.sees(USUAL)
    return watch


def comparisons(watch: Watch) -> list[Symptom]:
    return [each for each in watch.symptoms if each.symptom_kind is SymptomKind.DEPLOY_COMPARISON]


def differences(symptom: Symptom) -> dict[str, SignatureDifference]:
    assert symptom.comparison is not None
    return {each.template: each for each in symptom.comparison.differences}


def test_after_a_deploy_it_is_said_what_is_new_gone_and_up_two_and_five_minutes_later() -> None:
    watch = a_watch()
    broken = {
        "p": lines(40),
        "w": lines(60, "warn", "cache miss for item"),
        "e": lines(3, "error", "refused"),
    }
    watch.sees_all([broken] * 60)
    told = comparisons(watch)
    assert [(second(each), each.window_s) for each in told] == [(720, 120.0), (900, 300.0)]
    found = differences(told[0])
    assert {name: each.difference for name, each in found.items()} == {
        "cache miss for item": Difference.UP,
        "refused": Difference.NEW,
        "heartbeat sent": Difference.GONE,
    }
    assert (found["heartbeat sent"].before, found["heartbeat sent"].after) == (60, 0)
    assert told[0].comparison is not None
    assert (told[0].comparison.change_id, told[0].comparison.version) == ("change-1", "v42")
    assert told[0].statistic == "two-sample Poisson score"


def test_a_deploy_after_which_all_goes_on_as_before_is_told_of_once_as_one_without_a_difference() -> None:
    watch = a_watch()
    watch.sees_all([USUAL] * 60)
    (told,) = comparisons(watch)
    assert (second(told), told.text, told.value) == (900, "no difference", 0.0)
    assert differences(told) == {}


def test_a_deploy_into_growing_traffic_changes_nothing_but_the_traffic() -> None:
    watch = a_watch()
    more = {name: lines(4 * each.count, each.severity, each.template) for name, each in USUAL.items()}
    watch.sees_all([more] * 60)
    assert [differences(each) for each in comparisons(watch)] == [{}]


def test_a_deploy_of_a_service_with_hardly_any_traffic_is_not_told_of() -> None:
    few = {"p": lines(1)}
    watch = Watch(LogSignatures(lambda: CATALOG))
    watch.sees_all([few] * 59)
    watch.stage.fold(watch.state, a_change())
    watch.sees_all([few] * 61)
    assert comparisons(watch) == []


def of_versions(severity: str, template: str, **counts: int) -> PatternCount:
    versions = {name.replace("_", "."): count for name, count in counts.items() if count}
    return msgspec.structs.replace(
        lines(sum(counts.values()), severity, template), concentration={"version": versions}
    )


def test_what_a_new_version_says_beside_the_old_one_is_scaled_by_its_own_traffic() -> None:
    watch = a_watch(a_change(version="42"))
    canary = {
        "p": of_versions("info", USUAL["p"].template, v41=36, v42=4),
        "h": of_versions("info", USUAL["h"].template, v41=5, v42=0),
        "e": of_versions("error", "refused", v41=0, v42=2),
    }
    watch.sees_all([canary] * 60)
    *_, told = comparisons(watch)
    assert told.comparison is not None
    assert told.comparison.by_version
    assert told.comparison.lines_after == 30 * 4
    (new,) = told.comparison.differences
    assert (new.template, new.difference, new.before, new.after) == ("refused", Difference.NEW, 0, 60)


def test_what_hits_both_versions_is_not_the_doing_of_the_new_one() -> None:
    watch = a_watch(a_change(version="v42"))
    outage = {
        "p": of_versions("info", USUAL["p"].template, v41=20, v42=20),
        "h": of_versions("info", USUAL["h"].template, v41=3, v42=2),
        "w": of_versions("warn", USUAL["w"].template, v41=3, v42=3),
        "e": of_versions("error", "payments do not answer", v41=10, v42=10),
    }
    watch.sees_all([outage] * 60)
    assert [differences(each) for each in comparisons(watch)] == [{}]


def test_a_storm_of_errors_after_a_deploy_does_not_make_all_else_look_gone() -> None:
    watch = a_watch()
    watch.sees_all([{**USUAL, "e": lines(4_000, "error", "refused")}] * 60)
    assert comparisons(watch)
    for each in comparisons(watch):
        assert {name: found.difference for name, found in differences(each).items()} == {
            "refused": Difference.NEW
        }


def test_what_was_said_while_the_deploy_was_under_way_is_neither_before_nor_after() -> None:
    started = datetime.fromtimestamp(START + FINISHED - 60, UTC)
    watch = Watch(LogSignatures(lambda: CATALOG))
    watch.sees_all([USUAL] * 54)
    watch.stage.fold(watch.state, a_change(started_at=started))
    watch.sees_all([{"r": lines(200, "info", "shutting down the worker")}] * 6)
    watch.sees_all([USUAL] * 60)
    assert [differences(each) for each in comparisons(watch)] == [{}]


def test_a_change_that_comes_twice_is_compared_once() -> None:
    watch = a_watch()
    watch.stage.fold(watch.state, a_change())
    watch.sees_all([{"p": lines(40)}] * 60)
    watch.stage.fold(watch.state, a_change())
    watch.sees_all([{"p": lines(40)}] * 60)
    assert len(comparisons(watch)) == 2
    assert watch.state.history.changes == []


@pytest.mark.parametrize("every", [1, 7, 90])
def test_a_comparison_is_the_same_however_seldom_the_time_is_told(every: int) -> None:
    watch = a_watch()
    buckets = {START + FINISHED + 10 * number: {"p": lines(40)} for number in range(60)}
    watch.hears(buckets)
    for number in range(0, 91, every):
        watch.passes(START + FINISHED + 10 * number)
    watch.passes(START + FINISHED + 900)
    told = comparisons(watch)
    assert [second(each) for each in told] == [720, 900]
    assert [each.value for each in told] == [2.0, 2.0]


def test_a_deploy_of_a_service_that_was_hardly_known_before_is_not_judged() -> None:
    watch = Watch(LogSignatures(lambda: CATALOG))
    watch.sees_all([USUAL] * 6)
    watch.stage.fold(watch.state, a_change(60))
    watch.sees_all([{"p": lines(40)}] * 60)
    assert comparisons(watch) == []


def test_changes_that_wait_are_bounded_and_what_was_dropped_is_counted() -> None:
    watch = a_watch()
    for number in range(40):
        watch.stage.fold(
            watch.state, a_change(event_id=f"flag-{number}", change_kind=ChangeKind.FEATURE_FLAG)
        )
    assert len(watch.state.history.changes) == 8
    assert watch.stage.counts(watch.state).left_out == 33
