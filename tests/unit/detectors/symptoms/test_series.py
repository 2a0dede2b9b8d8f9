from detectors.symptoms.series import CALM_S, HISTORY, NEW_NORMAL_S, Series


def deviating(*starts: int) -> tuple[Series, list[int]]:
    series = Series()
    told = [start for start in starts if series.deviates(start, 1.0, tell_every_s=60)]
    return series, told


def test_the_newest_points_are_kept() -> None:
    series = Series()
    for number in range(HISTORY + 5):
        series.add(10 * number, float(number))
    assert (len(series.starts), series.starts[0], series.values[-1]) == (HISTORY, 50, float(HISTORY + 4))


def test_a_deviation_is_told_at_its_onset_and_then_every_so_often() -> None:
    series, told = deviating(*range(1000, 1140, 10))
    assert told == [1000, 1060, 1120]
    assert series.onset == 1000


def test_a_deviation_is_over_when_nothing_has_deviated_for_the_calm() -> None:
    series, _ = deviating(1000)
    assert not series.recovers(1000 + CALM_S - 10)
    assert series.onset == 1000
    assert series.recovers(1000 + CALM_S)
    assert series.onset is None


def test_a_deviation_that_comes_back_within_the_calm_is_the_same_one() -> None:
    series, _ = deviating(1000)
    series.recovers(1030)
    assert not series.deviates(1050, 9.0, tell_every_s=60)
    assert (series.onset, series.usual) == (1000, 1.0)


def test_a_deviation_that_nobody_looked_at_for_longer_than_the_calm_has_lapsed() -> None:
    series, _ = deviating(1000)
    series.lapses(1000 + CALM_S)
    assert series.onset == 1000
    series.lapses(1000 + CALM_S + 10)
    assert series.onset is None


def test_what_has_deviated_for_an_hour_is_usual() -> None:
    series, _ = deviating(1000)
    assert not series.is_new_normal(1000 + NEW_NORMAL_S - 10)
    assert series.is_new_normal(1000 + NEW_NORMAL_S)
    assert series.onset is None


def of_points(points: dict[int, float]) -> Series:
    series = Series()
    for start, value in points.items():
        series.add(start, value)
    return series


def test_windows_go_back_from_their_end_and_what_is_not_there_counts_as_nothing() -> None:
    series = of_points({1000: 1, 1050: 2, 1060: 4, 1110: 8, 1180: 32, 1240: 64})
    assert series.totals(1000, 1240, 60) == [32, 0, 12, 3]


def test_no_window_begins_before_the_series_is_known() -> None:
    assert of_points({1000: 1, 1050: 2}).totals(1010, 1100, 60) == [2]


def test_a_series_that_takes_over_another_has_the_points_of_both_and_stays_bounded() -> None:
    one, other = of_points({1000: 1, 1010: 2}), of_points({990: 4, 1010: 8})
    one.joins(other)
    assert (one.starts, one.values) == ([990, 1000, 1010], [4, 1, 10])
    long = of_points({10 * number: 1.0 for number in range(HISTORY)})
    long.joins(of_points({10 * HISTORY: 3.0}))
    assert (len(long.starts), long.starts[0], long.values[-1]) == (HISTORY, 10, 3.0)
