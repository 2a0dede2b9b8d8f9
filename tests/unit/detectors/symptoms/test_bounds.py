"""How much a service may have in one bucket."""

from datetime import timedelta
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.flow.ledger import merge_into
from detectors.intake.bucket import MOST_NAMES, smallest
from detectors.intake.folding import Fold
from detectors.intake.pattern_tally import merge_patterns
from detectors.intake.redaction import Redactor
from detectors.symptoms.log_signature import LogSignatures
from detectors.topology import Catalog
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
    fold = Fold(Redactor())
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


def test_a_bucket_of_fewer_names_is_kept_whole() -> None:
    assert len(folded(WORDS[:MOST_NAMES])) == MOST_NAMES


def test_the_same_is_kept_of_a_bucket_whichever_partitions_told_of_it() -> None:
    chunk = Chunk(source="logs:0", epoch=1, first=0, end=1)
    kept = []
    for sources in (["logs:0"], ["logs:0", "logs:1", "logs:2"]):
        stage = LogSignatures(Catalog)
        state = stage.start("checkout-api")
        for number in range(6):
            source = sources[number % len(sources)]
            told = {0: folded(WORDS[number * 500 : (number + 1) * 500])}
            part = msgspec.structs.replace(chunk, source=source, first=number, end=number + 1)
            stage.fold(state, LogPatterns(service="checkout-api", chunk=part, buckets=told))
            assert len(msgspec.json.encode(state)) < 250_000
        kept.append(state.ledger.take(0, merge_patterns))
        assert stage.counts(state).left_out > 0
    assert kept[0] == kept[1]
    assert kept[0].keys() == folded(WORDS).keys()


def test_one_array_that_spans_many_buckets_folds_into_a_record_that_kafka_takes() -> None:
    fold = Fold(Redactor())
    for number, word in enumerate(WORDS):
        line = a_line(word + ' "' * 200)
        fold.add(msgspec.structs.replace(line, timestamp=at("12:00") + timedelta(seconds=number // 10 * 10)))
    (sent,) = fold.records(topic.LOGS, Chunk(source="logs:0", epoch=1, first=0, end=1))
    assert isinstance(sent.value, LogPatterns)
    assert 500_000 < len(encode(sent.value)) < 1_000_000
    last = at("12:00") + timedelta(seconds=(len(WORDS) - 1) // 10 * 10)
    assert max(sent.value.buckets) == int(last.timestamp()), "the newest are kept"


def test_a_storm_of_distinct_lines_folds_into_a_record_that_kafka_takes() -> None:
    assert len(encode(folded(WORDS))) < 1_000_000
    assert len(smallest(folded(WORDS))) == MOST_NAMES
