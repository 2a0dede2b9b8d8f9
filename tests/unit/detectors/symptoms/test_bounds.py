"""How much a service may have in one bucket."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.flow.ledger import merge_into
from detectors.intake.folding import MOST_NAMES, Fold, merge_patterns, smallest
from models import topic
from models.chunk import Chunk, LogPatterns, PatternCount
from models.event import LogRecord
from models.record import encode
from tests.unit.detectors.incidents.builders import at

WORDS = ["".join(chr(97 + number // 26**place % 26) for place in range(4)) for number in range(3_000)]


def a_line(word: str) -> LogRecord:
    return LogRecord(
        timestamp=at("12:00"), service="checkout-api", body=f"{word} happened " + "at length " * 30
    )


def folded(words: list[str]) -> dict[str, PatternCount]:
    fold = Fold()
    for word in words:
        fold.add(a_line(word))
    (sent,) = fold.records(topic.LOGS, Chunk(source="logs:0", epoch=1, first=0, end=1))
    assert isinstance(sent.value, LogPatterns)
    (contents,) = sent.value.buckets.values()
    return contents


@settings(deadline=None, max_examples=10, derandomize=True)
@given(st.lists(st.integers(0, len(WORDS)), max_size=4))
def test_what_is_kept_of_a_bucket_does_not_depend_on_where_chunks_end(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(WORDS)]
    total: dict[int, dict[str, PatternCount]] = {}
    for first, end in pairwise(ends):
        if first < end:
            merge_into(total, {0: smallest(folded(WORDS[first:end]))}, merge_patterns)
    assert smallest(total[0]).keys() == smallest(folded(WORDS)).keys()


def test_a_storm_of_distinct_lines_folds_into_a_record_that_kafka_takes() -> None:
    assert len(encode(folded(WORDS))) < 1_000_000
    assert len(smallest(folded(WORDS))) == MOST_NAMES
