from datetime import UTC, datetime, timedelta

from detectors.intake.folding import Fold
from detectors.intake.redaction import Redactor
from models.tick import Heartbeat
from streams.intake.chunk import IntakeChunk
from streams.intake.path import Claim, IntakePath, claim_of
from streams.kafka.lag import Lag

NOON = datetime(2026, 6, 23, 12, 0, tzinfo=UTC)
LATENESS = timedelta(seconds=10)


def a_path(**choices: object) -> IntakePath:
    facts = {"epoch": 7, "next_offset": 3, "quiet_since": 100.0, **choices}
    return IntakePath(name="alerts:0", source="alerts", lag=Lag(15.0), **facts)  # type: ignore[arg-type]


def test_a_path_that_has_brought_nothing_says_nothing_until_it_is_silent() -> None:
    path = a_path()
    assert path.progress(NOON, LATENESS) is None
    assert not path.rests(104.0, idle_after_s=5.0)
    assert path.rests(105.0, idle_after_s=5.0)
    path.idle = True
    told = path.progress(NOON, LATENESS)
    assert told is not None
    assert (told.epoch, told.idle_at, told.watermark) == (7, NOON - LATENESS, None)


def test_completeness_never_goes_back() -> None:
    path = a_path()
    path.reach(NOON, LATENESS)
    path.reach(NOON - timedelta(hours=1), LATENESS)
    told = path.progress(NOON, LATENESS)
    assert told is not None
    assert told.watermark == NOON - LATENESS


def test_a_promise_keeps_a_path_from_resting_and_its_end_lets_it_rest_at_once() -> None:
    path = a_path()
    path.hear(Heartbeat(timestamp=NOON, next_within_s=60.0), 100.0)
    assert not path.rests(159.0, idle_after_s=5.0)
    assert path.rests(160.0, idle_after_s=5.0)
    path.hear(Heartbeat(timestamp=NOON), 101.0)
    assert path.rests(101.0, idle_after_s=5.0)


def test_a_settled_chunk_moves_the_offset_and_the_time_and_begins_the_silence_anew() -> None:
    path = a_path()
    path.settle(IntakeChunk("alerts", 3, 9, Fold(Redactor()), newest=NOON), LATENESS, 130.0)
    assert (path.next_offset, path.quiet_since, path.watermark) == (9, 130.0, NOON - LATENESS)


def test_a_claim_is_read_as_it_was_committed_and_a_stranger_s_counts_as_none() -> None:
    path = a_path(promised_until=110.0)
    assert claim_of(path.claim(109.0)) == Claim(epoch=7, promised=True)
    assert claim_of(path.claim(111.0)) == Claim(epoch=7, promised=False)
    for foreign in ("", "committed by hand", "[1]", '{"epoch": "x"}'):
        assert claim_of(foreign) == Claim(epoch=0, promised=False)
