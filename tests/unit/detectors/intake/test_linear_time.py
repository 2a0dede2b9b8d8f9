"""Is the time that the intake's regular expressions take linear in the length of a text, whatever it says?

Shown twice: by their structure, for all texts (see `backtracking`), and by counting the steps of a matcher
over texts that were made to be hard (see `stepping`).
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detectors.intake
from detectors.intake import national_id, personal_number, secret
from tests.unit.detectors.intake.backtracking import (
    ALPHABET,
    Nodes,
    ambiguities,
    chars_of,
    inner,
    restarts,
    structure,
)
from tests.unit.detectors.intake.stepping import Stepping
from tests.unit.detectors.intake.test_redaction import ADVERSARIAL


def patterns_in(value: Any) -> Iterator[re.Pattern[str]]:
    """Give the compiled expressions in a value, tuple or table."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from patterns_in(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from patterns_in(each)


def patterns_of(module: Any) -> dict[str, re.Pattern[str]]:
    """Give the compiled expressions of a module by their names."""
    named = {name: list(patterns_in(value)) for name, value in vars(module).items()}
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}-{index}": pattern
        for name, found in named.items()
        for index, pattern in enumerate(found)
    }


INTAKE = {
    name: pattern
    for each in pkgutil.iter_modules(detectors.intake.__path__)
    for name, pattern in patterns_of(importlib.import_module(f"detectors.intake.{each.name}")).items()
}
REDACTION = {
    name: pattern
    for module in (secret, personal_number, national_id)
    for name, pattern in patterns_of(module).items()
}
"""Those that texts of any length are searched with; others look at a bounded line, or at its beginning."""

EXPLAINED = {
    "secret.ASSIGNMENT-0": [
        # A value in quotes. Where the next begins, its quote has no backslash before it, and ends this one.
        "POSSESSIVE_REPEAT, (1, MAXREPEAT, [(BRANCH",
        # A value in quotes with one to seven backslashes. Where the next with as many begins, it ends this
        # one; so at most seven run over the same text.
        "MIN_REPEAT, (1, MAXREPEAT, [(IN, [(CATEGORY",
    ],
    # As the first: behind a flag stands a space or a comma, and then the quote.
    "secret.FLAG-0": ["POSSESSIVE_REPEAT, (0, MAXREPEAT, [(BRANCH"],
}
"""Repeats that a search may run over again, as far as their structure tells, and why it does not."""


def test_the_expressions_of_the_intake_are_found() -> None:
    assert {"secret.VENDOR_TOKEN-0", "log_format._PAIR-0", "stack_frame._AT-0"} <= INTAKE.keys()
    assert len(INTAKE) > 40
    assert len([name for name in REDACTION if name.startswith("national_id.")]) > 13


@pytest.mark.parametrize(
    "slow",
    [
        "(a+)+b", "(a|a)*b", "a*a*b", r"(\w+\s?)*$", "(?:a?b?)*c", ".*=.*,.*x", "(x+x+)+y", r"\s*\n?\s*:",
        r"(?:\w+,?)+;", "a{0,256}a{0,256}b", "(?:ab?|a)*c", "(?=(a+)+b)x", "(?:ab?|b)*c", "(?:a|ab|b)*c",
        "(?:; ?[^;]+)*x", "a*?b?a*+c",
    ],
)  # fmt: skip
def test_an_expression_that_divides_a_text_in_many_ways_is_refused(slow: str) -> None:
    assert list(ambiguities(*structure(re.compile(slow)))) != []


@pytest.mark.parametrize(
    "fast", ["a+b+", r"\d+\.\d+", "(?:;[^;]+)*x", r'(?:[^"\\]|\\.)*+x', "(?>a+)b", r"(?:\w+,)+;"]
)
def test_an_expression_that_divides_a_text_in_one_way_is_not(fast: str) -> None:
    assert list(ambiguities(*structure(re.compile(fast)))) == []


@pytest.mark.parametrize("slow", ["[a-z]+@", "a.*b", "=.*;", r"\s+x", "[a-z]+:[a-z]+@"])
def test_an_expression_that_a_search_runs_over_again_is_refused(slow: str) -> None:
    assert list(restarts(re.compile(slow))) != []


@pytest.mark.parametrize("fast", ["=[^=]*;", r"\b\w+@", "a.*", "sk-[a-z-]{20,}", r"(?<!\w)\w+:"])
def test_an_expression_that_a_search_runs_over_once_is_not(fast: str) -> None:
    assert list(restarts(re.compile(fast))) == []


@pytest.mark.parametrize("name", INTAKE)
def test_no_expression_of_the_intake_divides_a_text_in_a_number_of_ways_that_grows(name: str) -> None:
    assert list(ambiguities(*structure(INTAKE[name]))) == []


@pytest.mark.parametrize("name", REDACTION)
def test_no_expression_of_the_redaction_is_run_over_again_but_where_it_is_explained(name: str) -> None:
    told = list(dict.fromkeys(restarts(REDACTION[name])))
    explained = EXPLAINED.get(name, [])
    assert len(told) == len(explained)
    assert all(begin in each for each, begin in zip(told, explained, strict=True))


@pytest.mark.parametrize("name", [*REDACTION])
def test_no_expression_of_the_redaction_asks_for_one_digit_and_not_for_another(name: str) -> None:
    """Lines that differ in digits alone are judged together where `depends_on_digits` says that they may."""

    def odd(nodes: Nodes, flags: int) -> Iterator[Any]:
        for node in nodes:
            digits = (chars_of(node, flags) or frozenset()) & set("0123456789")
            if digits and len(digits) < 10:
                yield node
            for body, inner_flags in inner(node, flags):
                yield from odd(body, inner_flags)

    # The numbers of cards are asked once their form is there; a scheme stands where a value goes anyway.
    if name not in ("personal_number._CARD_NUMBER-0", "secret.ASSIGNMENT-0"):
        assert list(odd(*structure(REDACTION[name]))) == []


SIZE = 150
"""Characters; the second text is twice as long."""

PUMPED = [
    *ADVERSARIAL, "password=\\\\\"", "password='", 'password="\\', '--password "', '--password "\\',
    "cookie=a; ", "token=[", "token={", "4111-", "1 ", "12", "A1", "ab", "a.", "-", "\\",
    '"', " ", "eyJaaaaaa.aaaaaa.",
]  # fmt: skip


def steps(name: str, piece: str, tail: str, size: int) -> int:
    return Stepping(REDACTION[name], (piece * (size // len(piece) + 1))[:size] + tail).search().steps


@pytest.mark.parametrize("name", REDACTION)
def test_twice_the_text_takes_about_twice_the_steps(name: str) -> None:
    for piece in PUMPED:
        once, twice = steps(name, piece, "", SIZE), steps(name, piece, "", 2 * SIZE)
        assert twice < 2.6 * once + 500, piece


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.lists(st.sampled_from(PUMPED), min_size=1, max_size=3).map("".join),
    st.sampled_from(["", "!", '"', "@"]),
)
def test_pieces_together_take_no_more(piece: str, tail: str) -> None:
    for name in ("secret.ASSIGNMENT-0", "secret.FLAG-0", "secret.COOKIE-0", "secret.PRIVATE_KEY-0"):
        once, twice = steps(name, piece, tail, 2 * SIZE), steps(name, piece, tail, 4 * SIZE)
        assert twice < 2.6 * once + 500


def test_the_steps_of_a_slow_expression_are_seen_to_grow() -> None:
    def counted(pattern: str, size: int) -> int:
        return Stepping(re.compile(pattern), "a" * size).search().steps

    assert counted("a*a*b", 80) > 7 * counted("a*a*b", 40)
    assert counted("a+b", 400) > 3.5 * counted("a+b", 200)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    st.text(alphabet=st.sampled_from(ALPHABET), max_size=3),
    st.sampled_from(PUMPED),
    st.sampled_from(sorted(REDACTION)),
)
def test_the_matcher_that_counts_matches_what_python_s_own_does(around: str, piece: str, name: str) -> None:
    text = around + piece * 3 + around
    found = REDACTION[name].match(text)
    stepping = Stepping(REDACTION[name], text)
    assert stepping._first(stepping._nodes, stepping._flags, 0) == (None if found is None else found.end())
