"""Numbers, times and people as they are written."""

import doctest
from datetime import timedelta

import pytest

from detectors.incidents import wording
from detectors.incidents.cause import score as cause_score
from tests.unit.detectors.incidents.builders import at


@pytest.mark.parametrize("module", [wording, cause_score])
def test_the_examples_in_the_docstrings_are_true(module) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_a_moment_after_the_decision_is_never_told_as_past() -> None:
    assert "ago" not in wording.ago(at("12:05"), at("12:00"))


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.61, None, "0.61"),
        (2_500_000, "bytes", "2.5 MB"),
        (90, "ms", "90 ms"),
        (12, "lines", "12 lines"),
        (1, "lines", "1 line"),
    ],
)
def test_a_value_keeps_the_unit_that_was_sent(value: float, unit: str | None, written: str) -> None:
    assert wording.quantity(value, unit) == written


def test_a_cut_text_shows_that_it_was_cut() -> None:
    assert wording.cut("x" * 200).endswith("…")
    assert len(wording.cut("x" * 200)) == wording.QUOTE_LIMIT


def test_a_length_of_time_is_not_rounded_up() -> None:
    assert wording.span(timedelta(minutes=59, seconds=59)) == "59 minutes"
