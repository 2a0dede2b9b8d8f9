import random
from functools import reduce

from detectors.intake.concentration import MOST_VALUES, concentration_of, merge_concentrations
from detectors.intake.redaction import Redactor


def test_a_line_that_names_no_place_has_none() -> None:
    assert concentration_of({}, Redactor()) == concentration_of({"thread": "main"}, Redactor()) == {}


def test_counts_are_exact_and_do_not_depend_on_order_or_cuts() -> None:
    chance = random.Random("cuts")
    values = [f"tenant-{number}" for number in range(40) for _ in range(number % 7 + 1)]
    expected = None
    for _ in range(5):
        chance.shuffle(values)
        cut = chance.randrange(1, len(values))
        parts = [
            reduce(merge_concentrations, [concentration_of({"tenant": each}, Redactor()) for each in part])
            for part in (values[:cut], values[cut:])
        ]
        whole = merge_concentrations(*parts)
        assert all(count == values.count(value) for value, count in whole["tenant"].items())
        assert len(whole["tenant"]) == MOST_VALUES
        assert expected in (None, whole)
        expected = whole


def test_of_two_spellings_of_a_dimension_one_counts_in_whichever_order_they_come() -> None:
    sent = {"host": "node-1", "host.name": "node-2"}
    assert concentration_of(sent, Redactor()) == concentration_of(dict(reversed(sent.items())), Redactor())


def test_a_secret_in_a_value_is_not_kept() -> None:
    assert "ada@example.org" not in str(concentration_of({"tenant": "ada@example.org"}, Redactor()))
