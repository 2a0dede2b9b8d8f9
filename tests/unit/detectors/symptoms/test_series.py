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
