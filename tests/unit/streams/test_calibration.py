"""What the reliability table of `headwater bench causes` says, and what fitted steps promise."""

from hypothesis import given
from hypothesis import strategies as st

from streams.bench.calibration import (
    Outcome,
    brier,
    calibration_error,
    fit,
    isotonic,
    leave_one_set_out,
    lines,
    stated_by,
)

PAIRS = st.lists(st.tuples(st.floats(0, 12), st.booleans()), min_size=1, max_size=80)


@given(PAIRS)
def test_fitted_steps_rise_and_state_probabilities(pairs: list[tuple[float, bool]]) -> None:
    steps = fit(pairs)
    assert steps == tuple(sorted(steps))
    assert [share for _, share in steps] == sorted(share for _, share in steps)
    assert all(0 <= share <= 1 for _, share in steps)


@given(PAIRS)
def test_pools_are_no_worse_than_one_share_for_all_where_they_were_fitted(
    pairs: list[tuple[float, bool]],
) -> None:
    state = stated_by(tuple((each.least, each.share) for each in isotonic(pairs)))
    share = sum(right for _, right in pairs) / len(pairs)
    fitted = [(state(score), right) for score, right in pairs]
    assert brier(fitted) <= brier([(share, right) for _, right in pairs]) + 1e-9


@given(PAIRS)
def test_no_step_is_certain(pairs: list[tuple[float, bool]]) -> None:
    assert all(0 < share < 1 for _, share in fit(pairs))


@given(PAIRS, st.randoms())
def test_the_order_of_cases_has_no_influence_on_the_fit(pairs: list, random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    assert fit(shuffled) == fit(pairs)


def test_what_is_stated_as_it_comes_out_has_no_calibration_error() -> None:
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == 0
    assert calibration_error([(0.95, False)] * 4) == 0.95


def test_the_table_says_right_said_share_and_stated_for_each_step() -> None:
    outcomes = [Outcome("a", 4.6, 0.45, True), Outcome("a", 5.0, 0.45, False), Outcome("b", 9.5, 0.85, True)]
    text = list(lines(outcomes))
    assert text[1].split() == ["4.5", "to", "6.0", "1", "/", "2", "50%", "45%"]
    assert text[2].split() == ["9.0", "to", "10.5", "1", "/", "1", "100%", "85%"]
    assert "Brier score" in text[-1]


def test_each_set_is_judged_by_steps_that_were_fitted_without_it() -> None:
    right = [Outcome("good", 8.0, 0.75, True)] * 6
    wrong = [Outcome("bad", 8.0, 0.75, False)] * 6
    good, bad = list(leave_one_set_out(right + wrong))[1:3][::-1]
    assert good.split()[:4] == ["good", "6", "0.062", "0.766"]
    assert bad.split()[:4] == ["bad", "6", "0.562", "0.766"]


def test_without_cases_or_with_a_single_set_there_is_nothing_to_leave_out() -> None:
    assert list(lines([])) == []
    assert list(leave_one_set_out([Outcome("a", 1.0, 0.1, True)])) == []
