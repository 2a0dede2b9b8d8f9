import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.flow.sketch import ACCURACY, median, merge_sketches, quantile, sketch_of
from models.chunk import Sketch

finite = st.floats(allow_nan=False, allow_infinity=False)
usual = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-9)


def sketch(values: list[float]) -> Sketch:
    whole = sketch_of(values[0])
    for value in values[1:]:
        whole = merge_sketches(whole, sketch_of(value))
    return whole


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(usual, min_size=1, max_size=40), st.floats(0, 1))
def test_a_quantile_is_within_the_accuracy_of_the_value_at_its_rank(
    values: list[float], share: float
) -> None:
    exact = sorted(values)[int(share * (len(values) - 1))]
    assert quantile(sketch(values), share) == pytest.approx(exact, rel=1.01 * ACCURACY, abs=1e-12)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(finite, min_size=1, max_size=20), st.data())
def test_values_merge_to_the_same_in_any_order_and_grouping(values: list[float], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(values))
    cut = data.draw(st.integers(1, len(values)))
    parts = [sketch(part) for part in (shuffled[:cut], shuffled[cut:]) if part]
    whole = parts[0] if len(parts) == 1 else merge_sketches(*parts)
    assert whole == sketch(values)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(finite)
def test_one_value_is_its_own_median(value: float) -> None:
    assert median(sketch_of(value)) == value


@pytest.mark.parametrize("value", [sys.float_info.max, -sys.float_info.max, 5e-324, -5e-324, 0.0])
def test_the_largest_and_smallest_floats_have_quantiles(value: float) -> None:
    # Senders use the largest float for "no limit".
    whole = sketch([value, value, 1.0])
    assert quantile(whole, 0.0) == pytest.approx(min(value, 1.0), rel=1.01 * ACCURACY, abs=1e-300)
    assert quantile(whole, 1.0) == pytest.approx(max(value, 1.0), rel=1.01 * ACCURACY, abs=1e-300)


def test_many_different_values_take_few_bins() -> None:
    assert len(sketch([1.0 + number / 10 for number in range(2_000)]).bins) < 150
