import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.mining import pattern
from detectors.mining.pattern import TEMPLATE_LIMIT, frame_of, key_of, keys_of, pattern_of
from detectors.mining.recall import Memo

lines = st.text(alphabet=st.sampled_from("ab fx0123456789.:-T/=[]ÄZ\t"), max_size=80)


def with_other_digits(line: str, shift: int) -> str:
    return re.sub("[0-9]", lambda digit: str((int(digit[0]) * 7 + shift) % 10), line)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(lines, st.integers(1, 9))
def test_lines_that_differ_in_digits_alone_share_a_pattern(line: str, shift: int) -> None:
    assert pattern_of(with_other_digits(line, shift)) == pattern_of(line)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(lines, st.lists(lines, max_size=5))
def test_the_pattern_follows_from_the_line_and_not_from_what_was_seen_before(
    line: str, others: list[str]
) -> None:
    for other in others:
        pattern_of(other)
    remembered = pattern_of(line)
    for memory in (pattern._words, pattern._patterns):
        memory.forget()
    assert pattern_of(line) == remembered


def test_the_pattern_stays_the_same_when_the_memory_has_overflown(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memo(pattern._pattern_of_masked, 3)
    monkeypatch.setattr(pattern, "_patterns", memory)
    texts = [f"{letter} took 5 ms" for letter in "abcdefgh"] * 3
    first = [pattern_of(text) for text in texts]
    assert len(memory) <= 6
    assert [pattern_of(text) for text in texts] == first


@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.lists(st.one_of(lines, st.text(alphabet="a0\n\r ", max_size=5)), max_size=5))
def test_the_keys_of_many_lines_are_those_of_each(many: list[str]) -> None:
    if many:
        assert keys_of(many) == [key_of(line) for line in many]


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("order 7 took 5 ms", "order <n> took <n> ms"),
        ("order 123456 took 12.5 ms", "order <n> took <n> ms"),
        ("id 123e4567-e89b-12d3-a456-426614174000 gone", "id <uuid> gone"),
        ("from 10.0.12.7:5432 to 192.168.1.1", "from <ip> to <ip>"),
        ("at 2026-06-23T09:42:00.123Z and 2026-06-23 09:42:00,5+02:00", "at <time> and <time>"),
        ("commit 9c41e07bb2f1c4a5 at 0xdeadbeef and 0x1F", "commit <hex> at <hex> and <hex>"),
        ("delta -3.5e-7 of +12", "delta <n> of <n>"),
        ("took 5ms on node7", "took <n>ms on node<n>"),
        ("values 1, 2, 3, 4 and 5", "values <n>… and <n>"),
        ("  many\t spaces  here ", "many spaces here"),
        ("décor façade are words", "décor façade are words"),
    ],
)
def test_what_varies_is_masked_by_what_it_is(line: str, template: str) -> None:
    assert pattern_of(line)[1] == template


def test_words_that_look_like_hex_are_kept() -> None:
    assert pattern_of("the facade of a defaced cafe")[1] == "the facade of a defaced cafe"


def test_lists_of_different_length_share_a_pattern() -> None:
    assert pattern_of("sizes: 1, 2, 3") == pattern_of("sizes: 4, 5, 6, 7, 8, 9")


def test_lines_that_differ_in_a_word_have_different_patterns() -> None:
    assert pattern_of("order 5 placed")[0] != pattern_of("order 5 refused")[0]


def test_a_long_template_is_cut_and_says_so() -> None:
    _, template = pattern_of("word " * 1_000)
    assert len(template) == TEMPLATE_LIMIT
    assert template.endswith("…")


words = st.one_of(
    st.sampled_from(
        ["order", "of", "0x", "facade", "deadbeef", "0e0000", "000000", "\0", "[0a0a0a0a]", "x=0a0a0a"]
    ),
    st.text("0eEaF9", min_size=4, max_size=9),
)


@settings(deadline=None, max_examples=500, derandomize=True)
@given(st.lists(words, max_size=5), st.lists(words, max_size=5))
def test_lines_of_one_frame_have_one_pattern(one: list[str], other: list[str]) -> None:
    if frame_of(key_of(" ".join(one))) == frame_of(key_of(" ".join(other))):
        assert pattern_of(" ".join(one)) == pattern_of(" ".join(other))


def test_ids_that_are_new_in_each_line_leave_one_frame() -> None:
    one, other = key_of("order of 1a2b3c4d5e took 7 ms"), key_of("order of 9f0e1d2c3b took 7 ms")
    assert one != other
    assert frame_of(one) == frame_of(other)
    assert frame_of(key_of("a facade of 000000 took 0e0000")) == key_of("a facade of 000000 took 0e0000")
