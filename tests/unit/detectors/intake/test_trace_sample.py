"""Which traces are kept does not depend on where chunks are cut, and it is bounded."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from detectors.flow.ledger import merge_into
from detectors.intake.trace_sample import (
    MOST_MARKS,
    MOST_TOGETHER,
    TraceSampler,
    in_default_scope,
    merge_traces,
    smallest_traces,
)
from models.chunk import SpanMark, TracePart
from models.record import encode

START = int(datetime(2026, 6, 23, 12, tzinfo=UTC).timestamp())
Sent = tuple[str, str, str]
"""Trace, span, and the line that it wrote; no line: the span itself."""

sent_lists = st.lists(
    st.tuples(
        st.integers(0, 150).map(lambda number: f"trace{number}"),
        st.integers(0, 40).map(lambda number: f"span{number}"),
        st.sampled_from(["", "cart loaded", "order placed", "card refused"]),
    ),
    max_size=400,
)


def sampled(events: list[Sent]) -> dict[str, TracePart]:
    sampler = TraceSampler(in_default_scope)
    for trace_id, span_id, line in events:
        if line:
            sampler.bucket("shop", START + 1).add_line(trace_id, span_id, "shop", line)
        else:
            sampler.bucket("shop", START).add_span(
                trace_id, span_id, SpanMark("", "shop", "GET /", START * 1_000, 5.0)
            )
    return sampler.contents().get("default", {}).get(START, {})


@given(events=sent_lists, cuts=st.lists(st.integers(0, 400), max_size=5))
def test_however_chunks_are_cut_the_same_traces_are_kept(events: list[Sent], cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(events)]
    total: dict[int, dict[str, TracePart]] = {}
    for since, until in pairwise(edges):
        merge_into(total, {START: sampled(events[since:until])}, merge_traces)
    assert smallest_traces(total.get(START, {})) == sampled(events)


@given(events=sent_lists, order=st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(events: list[Sent], order: object) -> None:
    mixed = [*events, *events[::2]]
    order.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert sampled(mixed) == sampled(events)


def test_a_storm_of_traces_stays_within_the_bound_and_is_counted() -> None:
    sampler = TraceSampler(in_default_scope)
    for number in range(30_000):
        mark = SpanMark("", "shop", "GET /", START * 1_000, 5.0)
        sampler.bucket("shop", START).add_span(f"trace{number // 20}", f"span{number}", mark)
    kept = sampler.contents()["default"][START]
    assert sum(len(each.spans) for each in kept.values()) <= MOST_TOGETHER
    assert sampler.left_out("default") > 20_000


def test_one_endless_trace_keeps_a_bounded_part() -> None:
    sampler = TraceSampler(in_default_scope)
    for number in range(5_000):
        mark = SpanMark("", "shop", "GET /", START * 1_000, 5.0)
        sampler.bucket("shop", START).add_span("trace", f"span{number}", mark)
        sampler.bucket("shop", START).add_line("trace", f"span{number}", "shop", "cart loaded")
    (part,) = sampler.contents()["default"][START].values()
    assert len(part.spans) == len(part.lines) == MOST_MARKS


def test_what_a_sender_puts_into_an_id_goes_no_further() -> None:
    sampler, secret = TraceSampler(in_default_scope), "AKIAIOSFODNN7EXAMPLE"
    sampler.bucket("shop", START).add_line(secret, secret, "shop", "cart loaded")
    sampler.bucket("shop", START).add_span(
        secret, secret, SpanMark(secret, "shop", "GET /", START * 1_000, 5.0)
    )
    assert secret not in encode(sampler.contents()["default"][START]).decode()
