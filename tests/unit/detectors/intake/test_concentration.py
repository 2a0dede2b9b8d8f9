import random
from collections import Counter
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.intake.concentration import (
    MOST_VALUES,
    Places,
    count_places,
    known_places,
    merge_places,
    places,
)
from detectors.intake.redaction import Redactor
from models.record import encode

REDACTOR = Redactor()
FEW = [f"tenant-{number}" for number in range(MOST_VALUES)]
MANY = [f"tenant-{number}" for number in range(400)]


def counted(*lines: dict[str, str]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for attributes in lines:
        count_places(counts, attributes, REDACTOR)
    return counts


def told(tenants: list[str]) -> Places:
    return places(counted(*({"tenant": each} for each in tenants)))


def cut(tenants: list[str], chance: random.Random) -> Places:
    """Give the lines in some order, cut into chunks that are merged in some order."""
    shuffled = chance.sample(tenants, len(tenants))
    ends = sorted(chance.choices(range(len(tenants) + 1), k=chance.randrange(12)))
    parts = [told(shuffled[a:b]) for a, b in zip([0, *ends], [*ends, len(tenants)], strict=True) if a < b]
    while len(parts) > 1:
        parts.append(merge_places(parts.pop(chance.randrange(len(parts))), parts.pop()))
    return parts[0]


def test_a_line_that_names_no_place_has_none() -> None:
    assert counted({}, {"thread": "main"}) == {}


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.sampled_from(FEW), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_few_values_are_counted_exactly_in_whatever_order_and_chunks_they_come(
    tenants: list[str], chance: random.Random
) -> None:
    assert cut(tenants, chance) == Places({"tenant": dict(sorted(Counter(tenants).items()))}, {})


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.lists(st.sampled_from(MANY), min_size=20, max_size=200),
    st.sampled_from([0.0, 0.3, 0.6, 0.74, 0.76, 0.9]),
    st.randoms(use_true_random=False),
)
def test_what_is_known_of_many_values_depends_on_the_lines_alone(
    tenants: list[str], share: float, chance: random.Random
) -> None:
    lines = tenants + ["acme"] * round(share / (1 - share) * len(tenants))
    whole, again = cut(lines, chance), cut(lines, chance)
    assert known_places(whole) == known_places(again)
    assert [each.ones for each in whole.crowds.values()] == [each.ones for each in again.crowds.values()]


@pytest.mark.parametrize("others", [9, 60, 400])
def test_a_value_that_prevails_among_many_is_always_found_and_one_that_does_not_never(others: int) -> None:
    chance = random.Random(f"prevails {others}")
    for number in range(40):
        lines = [f"tenant-{number}-{each % others}" for each in range(400)]
        found = known_places(cut(lines + [f"acme-{number}"] * 2_400, chance))
        ((value, count),) = found["tenant"].items()
        assert value == f"acme-{number}"
        assert count == pytest.approx(2_400, rel=0.05)
        assert known_places(cut(lines + [f"acme-{number}"] * 380, chance)) == {}


def test_a_value_that_comes_in_a_few_chunks_only_is_found_if_it_prevails_over_all() -> None:
    chunks = [told(MANY), told(MANY), told(["acme"] * 9_000 + MANY), told(MANY)]
    for order in (chunks, chunks[::-1]):
        ((value, _),) = known_places(reduce(merge_places, order))["tenant"].items()
        assert value == "acme"


def test_a_crowd_takes_bounded_room() -> None:
    crowd = reduce(merge_places, [told([f"{'x' * 30}{number}" for number in range(2_000)])] * 50)
    assert len(encode(crowd.crowds["tenant"])) < 1_000


def test_of_two_spellings_of_a_dimension_one_counts_in_whichever_order_they_come() -> None:
    sent = {"host": "node-1", "host.name": "node-2"}
    assert counted(sent) == counted(dict(reversed(sent.items()))) == {"host": {"node-2": 1}}


def test_a_secret_in_a_value_is_not_kept() -> None:
    assert "ada@example.org" not in str(counted({"tenant": "ada@example.org"}))
