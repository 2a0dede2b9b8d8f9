"""Whatever a miner remembers, it gives what the clusters would give."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.mining import pattern
from detectors.mining.miner import SignatureMiner
from detectors.mining.pattern import ZEROS, key_of, masked, pattern_of
from detectors.mining.signature import SignatureClusters, assign

STATEMENTS = (
    "handing the parcel {number} over to courier {word} today",
    "handing the parcel {number} over to {word} {word} today",
    "worker accepted job {word} from queue in {number} ms after {number} tries",
    "user {word} {number} logged in at 12:30:01 from {address}, with {word}",
    "sizes {number}, {word} {number}, {number} of {word}",
    'field="{word} {number}" of {word} was written...',
    "at {address} of {word} ({address})",
    "the crate {word} took {number} {word} ({number} KB) on its way to the shop",
    "a clerk saw it on {word} Jan {number} 12:30:01 in the shop",
)
WORDS = ("ms", "Mon", "Jan", "failed", "started", "KB", "ok", "parcel", "courier", "today", "of")
words = st.sampled_from(WORDS) | st.text("abcdeglmnorst", min_size=4, max_size=9)
numbers = st.sampled_from(("1", "23", "456"))
addresses = st.integers(0, 2**48).map(hex) | st.just("0x0000")


def filled(statement: str, values: st.DataObject) -> str:
    kinds = {"word": words, "number": numbers, "address": addresses}
    return re.sub(r"\{(\w+)\}", lambda found: values.draw(kinds[found[1]]), statement)


@settings(deadline=None, max_examples=80, derandomize=True)
@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=2), st.data())
def test_the_memory_of_a_miner_gives_what_the_clusters_give(
    statements: list[str], values: st.DataObject
) -> None:
    told = [filled(statement, values) for _ in range(25) for statement in statements]
    clusters, miner = SignatureClusters(), SignatureMiner("shop")
    expected = [assign(clusters, "shop", pattern_of(line)[1]) for line in told]
    assert [miner.add(line) for line in told] == expected
    assert miner.clusters == clusters
    assert SignatureMiner("shop").add_many(told) == expected


@settings(deadline=None, max_examples=500, derandomize=True)
@given(
    st.lists(
        st.sampled_from((" 0x", "0x", "0", "1", "a", "E", "f", "g", ",", ").", " ", "\n", "-")), max_size=12
    )
)
def test_the_address_that_stands_for_all_is_masked_as_each_of_them(pieces: list[str]) -> None:
    line = "".join(pieces)
    pattern.forget()
    assert masked(key_of(line)) == masked(line.encode().translate(ZEROS))
