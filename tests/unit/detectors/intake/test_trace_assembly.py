import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.intake.stack_trace import MOST_LINES
from detectors.intake.trace_assembly import Assembled, TraceAssembly
from tests.unit.detectors.intake.test_stack_trace import GO, JAVA, NET, NODE, PYTHON

TRACES = {
    "java": (JAVA.split("\n", 1)[1], "java.sql.SQLException←com.acme.Store.save"),
    "python": (PYTHON, "ValueError←pay.py:charge"),
    "go": (GO.rstrip("\n"), "runtime_error:index_out_of_range←main.load"),
    "node": (NODE, "TypeError←loadUser"),
    "net": (NET, "Acme.StoreException←Acme.Store.Save"),
}
each_language = pytest.mark.parametrize("language", TRACES)
pieces = st.sampled_from(
    [line for trace, _ in TRACES.values() for line in trace.split("\n")]
    + ["", "INFO ok", "  indented", "at noon", "Caused by: rain", "panic: no", "FooError: x"]
)


def assembled(lines: list[str]) -> list[Assembled]:
    assembly = TraceAssembly()
    given = [each for line in lines for each in assembly.feed(line)]
    return given + assembly.close()


@each_language
def test_a_trace_between_ordinary_lines_comes_back_as_one(language: str) -> None:
    trace, identity = TRACES[language]
    lines = ["INFO started", *trace.split("\n"), "2026-05-12 INFO done", *trace.split("\n")]
    told = [(len(each.lines), each.identity) for each in assembled(lines)]
    length = len(trace.split("\n"))
    assert told == [(1, None), (length, identity), (1, None), (length, identity)]


@pytest.mark.parametrize("first", TRACES)
@each_language
def test_traces_that_follow_each_other_stay_apart(first: str, language: str) -> None:
    lines = [*TRACES[first][0].split("\n"), *TRACES[language][0].split("\n")]
    assert [each.identity for each in assembled(lines)] == [TRACES[first][1], TRACES[language][1]]


@given(st.lists(pieces | st.text(max_size=12), max_size=40))
def test_every_line_comes_back_once_and_in_order(lines: list[str]) -> None:
    assert [line for each in assembled(lines) for line in each.lines] == lines


def test_lines_that_only_look_like_parts_of_a_trace_stand_alone() -> None:
    lines = [
        "at noon we go", "  at noon (sharp)", "Caused by: rain", "    indented", "ERROR FooException: none",
        "next", "panic: no dump", "main.main()", "Traceback (most recent call last):", "no frame",
    ]  # fmt: skip
    assert [(each.lines, each.identity) for each in assembled(lines)] == [([line], None) for line in lines]


def test_a_prefix_on_the_first_line_and_a_message_of_several_lines_belong_to_the_trace() -> None:
    lines = [
        "2026-05-12 13:00:00 ERROR c.a.Web - failed: com.acme.OrderException: these:",
        "- order 5",
        "\tat com.acme.Orders.place(Orders.java:40)",
    ]
    assert [(len(each.lines), each.identity) for each in assembled(lines)] == [
        (3, "com.acme.OrderException←com.acme.Orders.place")
    ]


def test_python_s_chained_errors_are_one_trace() -> None:
    for link in ("During handling of the above exception, another exception occurred:",
                 "The above exception was the direct cause of the following exception:"):  # fmt: skip
        chained = f"{PYTHON}\n\n{link}\n\n{PYTHON.replace('ValueError', 'KeyError')}".split("\n")
        given = assembled([*chained, "", "done"])
        assert [(len(each.lines), each.identity) for each in given] == [
            (len(chained), "ValueError←pay.py:charge"), (1, None), (1, None),
        ]  # fmt: skip


def test_a_line_is_held_only_while_it_may_belong_to_a_trace_and_never_more_than_the_bound() -> None:
    assembly = TraceAssembly()
    assert assembly.feed("INFO ok")
    assert assembly.held == 0
    assembly.feed("StackOverflowError: deep")
    held = [assembly.held]
    given: list[Assembled] = []
    for _ in range(3 * MOST_LINES):
        given += assembly.feed("\tat com.acme.Deep.down(Deep.java:1)")
        held.append(assembly.held)
    given += assembly.close()
    assert max(held) < MOST_LINES
    assert {each.identity for each in given} == {"StackOverflowError" + "←com.acme.Deep.down" * 3}
    assert [each.continues for each in given] == [False, True, True, True]


KEY_LINES = ["Hydr0" * 12 + "abcd", "Canary77" * 8, "xQ" * 10 + "=="]
KEYS = {
    "whole": [*KEY_LINES, "-----END RSA PRIVATE KEY-----"],
    "encrypted": [
        "Proc-Type: 4,ENCRYPTED",
        "DEK-Info: AES-128-CBC,0A",
        "",
        *KEY_LINES,
        "-----END RSA PRIVATE KEY-----",
    ],
    "of OpenPGP": ["Version: 2", "", *KEY_LINES, "=abcd", "-----END PGP PRIVATE KEY BLOCK-----"],
    "without an end": KEY_LINES,
}


@pytest.mark.parametrize("kind", KEYS)
def test_the_lines_of_a_private_key_belong_to_the_one_in_which_it_begins(kind: str) -> None:
    lines = ["loaded <private-key>", *KEYS[kind], "INFO started in 5 ms"]
    told = assembled(lines)
    assert [(each.lines[0], len(each.lines), each.identity) for each in told] == [
        (lines[0], len(lines) - 1, None), (lines[-1], 1, None),
    ]  # fmt: skip


def test_what_follows_a_private_key_that_is_complete_stands_alone() -> None:
    lines = ["loaded <private-key>", "done", "loaded <private-key>", "INFO started", "x" * 64]
    assert [each.lines for each in assembled(lines)] == [[each] for each in lines]
