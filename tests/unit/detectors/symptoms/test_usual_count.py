import pytest

from detectors.symptoms.deviation import count_score
from detectors.symptoms.pause import MOST, Pauses
from detectors.symptoms.usual_count import Stretch, usual_count, window_totals
from tests.unit.detectors.symptoms.test_bucket_counts import counted

COUNTS = {1000: 1, 1050: 2, 1060: 4, 1110: 8, 1180: 32, 1240: 64}


def test_windows_go_back_from_their_end_and_an_empty_one_counts_as_zero() -> None:
    assert window_totals(counted(COUNTS), Stretch(1000, 1240), 60, 9) == [32, 0, 12, 3]
    assert window_totals(counted(COUNTS), Stretch(1000, 1240), 60, 2) == [32, 0]


def test_no_window_begins_before_the_counts_are_known() -> None:
    assert window_totals(counted({1000: 1, 1050: 2}), Stretch(1010, 1100), 60, 9) == [2]


def test_the_time_in_which_a_service_paused_is_no_time() -> None:
    pauses = Pauses()
    night = 30_000
    points = dict.fromkeys(range(0, 120, 10), 1) | {night + start: 5 for start in range(0, 60, 10)}
    for start in points:
        pauses.hear(start, start + 10)
    assert window_totals(counted(points), Stretch(0, night + 60), 60, 9, pauses) == [30, 6, 6]


def test_what_was_before_the_oldest_pause_that_is_remembered_is_not_looked_at() -> None:
    pauses = Pauses()
    points = {1_000 * number: 1 for number in range(1, 3 * MOST)}
    for start in points:
        pauses.hear(start, start + 10)
    assert len(pauses.spans) == MOST
    assert len(window_totals(counted(points), Stretch(0, 96_000), 10, 999, pauses)) <= MOST + 100


def test_windows_that_overlap_what_is_left_out_are_not_given() -> None:
    without = [Stretch(1070, 1120), Stretch(2000, 2100)]
    assert window_totals(counted(COUNTS), Stretch(1000, 1240), 60, 9, without=without) == [32, 0, 3]


def test_the_more_windows_scatter_the_less_a_count_stands_out() -> None:
    calm, wild = usual_count([10, 11, 9, 10, 10, 10] * 4), usual_count([0, 30, 0, 2, 28, 0] * 4)
    assert calm.mean == wild.mean
    assert wild.dispersion > 3 * calm.dispersion
    assert count_score(50, calm.mean, calm.size) > 1.5 * count_score(50, wild.mean, wild.size)


def test_the_longer_nothing_was_counted_the_more_a_count_stands_out() -> None:
    scores = [count_score(10, *(usual_count([0] * windows).mean, 0.5)) for windows in (6, 20, 40)]
    assert scores == sorted(scores)
    assert usual_count([0] * 20).mean == pytest.approx(0.025)


def test_a_count_as_expected_scores_nothing_and_none_scores_below() -> None:
    assert count_score(10, 10.0, 4.0) == 0.0
    assert count_score(0, 10.0, 4.0) < 0.0 < count_score(20, 10.0, 4.0)
    assert count_score(10**9, 0.01, 0.5) < 1e6
