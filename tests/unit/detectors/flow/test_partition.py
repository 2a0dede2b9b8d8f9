from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from detectors.flow.partition import Kept, Partition, Position, tick_of
from detectors.flow.stage import Counts
from models.record import InvalidRecordError, Record, encode
from models.tick import Progress, Tick
from models.topic import Outgoing
from tests.unit.detectors.incidents.builders import at

RETENTION = timedelta(hours=1)


class Said(Record, tag="said", tag_field="kind", frozen=True, kw_only=True):
    word: str
    minute: int


class Heard(msgspec.Struct):
    words: list[str] = []
    until: datetime | None = None


class Echo:
    """Gives each word back once its minute has passed, together with all that were heard before."""

    table = "heard"
    source = "words"
    ticks_to: str | None = "signals"
    record_type: Any = Said | Tick
    state_type = Heard

    def paths(self, partitions: int) -> tuple[str, ...]:
        return tuple(f"mouths:{number}" for number in range(partitions))

    def start(self, key: str) -> Heard:
        return Heard()

    def fold(self, state: Heard, record: Said) -> Iterable[Outgoing]:
        state.words.append(record.word)
        state.until = at("12:00") + timedelta(minutes=record.minute)
        return ()

    def due_at(self, state: Heard) -> datetime | None:
        if state.until is None:
            return None
        return state.until if state.words[-1] != "." else state.until + RETENTION

    def advance(self, state: Heard, now: datetime) -> Iterable[Outgoing]:
        if state.until is not None and state.until < now and state.words[-1] != ".":
            yield Outgoing(topic="echoes", key="k", value=Said(word=" ".join(state.words), minute=0))
            state.words.append(".")

    def counts(self, state: Heard) -> Counts:
        return Counts()

    def is_spent(self, state: Heard, now: datetime) -> bool:
        return state.until is not None and state.until + RETENTION < now


def a_partition(
    position: Position | None = None, kept: dict[str, Kept[Heard]] | None = None
) -> Partition[Heard]:
    return Partition(Echo(), 0, ("mouths:0",), position or Position(epoch=1), kept)


def a_tick(minute: int) -> Tick:
    moment = at("12:00") + timedelta(minutes=minute)
    return Tick(paths={"mouths:0": Progress(epoch=1, watermark=moment)})


def words(sent: Iterable[Outgoing]) -> list[Any]:
    return [each.value.word for each in sent if isinstance(each.value, Said)]


def test_a_record_changes_its_own_key_and_a_tick_all_keys() -> None:
    partition = a_partition()
    partition.take(0, "a", Said(word="hi", minute=1))
    partition.take(1, "b", Said(word="ho", minute=2))
    assert words(partition.take(2, "", a_tick(5))) == ["hi", "ho"]


def test_a_record_that_a_state_includes_is_skipped_for_that_state_only() -> None:
    kept = {"a": Kept(7, Heard(["hi"], at("12:01")))}
    partition = a_partition(Position(next_offset=3, epoch=1), kept)
    partition.take(3, "a", Said(word="again", minute=1))
    partition.take(4, "b", Said(word="ho", minute=1))
    assert words(partition.take(5, "", a_tick(5))) == ["ho"]
    assert words(partition.take(8, "", a_tick(6))) == ["hi"]


def test_the_position_moves_past_a_record_that_cannot_be_read() -> None:
    partition = a_partition()
    with pytest.raises(InvalidRecordError):
        partition.apply(4, "a", b'{"kind":"said"}')
    assert partition.position.next_offset == 5
    assert partition.kept == {}


def test_a_record_is_read_from_its_bytes() -> None:
    partition = a_partition()
    partition.apply(0, "a", encode(Said(word="hi", minute=1)))
    assert words(partition.apply(1, "", encode(a_tick(5)))) == ["hi"]


def test_nothing_is_decided_before_every_path_has_reported() -> None:
    partition = Partition(Echo(), 0, ("mouths:0", "mouths:1"), Position(epoch=1))
    partition.take(0, "a", Said(word="hi", minute=1))
    assert partition.take(1, "", a_tick(5)) == []
    assert partition.time() is None
    assert partition.progress() is None
    assert tick_of([partition]) is None


def test_those_who_wait_are_told_how_far_it_is_under_its_epoch() -> None:
    partition = a_partition(Position(epoch=4))
    partition.take(0, "", a_tick(5))
    told = tick_of([partition])
    assert told == Tick(paths={"words:0": Progress(epoch=4, watermark=at("12:05"))})


def test_those_who_wait_are_told_when_all_paths_are_silent() -> None:
    partition = a_partition()
    partition.take(0, "", Tick(paths={"mouths:0": Progress(epoch=1, idle_at=at("12:09"))}))
    assert partition.progress() == Progress(epoch=1, idle_at=at("12:09"))


def test_only_keys_that_changed_are_to_be_written() -> None:
    partition = a_partition()
    partition.take(0, "a", Said(word="hi", minute=1))
    partition.written()
    partition.take(1, "b", Said(word="ho", minute=9))
    assert partition.changed == {"b"}
    partition.take(2, "", a_tick(5))
    assert partition.changed == {"a", "b"}


def test_a_state_that_is_spent_is_forgotten_once_the_position_is_past_it() -> None:
    partition = a_partition()
    partition.take(0, "a", Said(word="hi", minute=1))
    partition.take(1, "", a_tick(5))
    partition.take(2, "", a_tick(120))
    assert partition.kept["a"].state == Heard()
    partition.written()
    assert partition.kept == {}
    assert partition.changed == {"a"}


def test_a_crash_while_a_spent_state_is_written_does_not_revive_its_records() -> None:
    records: list[tuple[str, Any]] = [
        ("a", Said(word="one", minute=1)), ("", a_tick(2)),
        ("a", Said(word="two", minute=3)), ("", a_tick(4)), ("", a_tick(120)),
    ]  # fmt: skip
    partition = a_partition()
    sent = [each for offset, record in enumerate(records) for each in partition.take(offset, *record)]
    # The state was written, the position, from before "two", was not.
    again = a_partition(Position(next_offset=2, epoch=1), partition.kept)
    for offset, record in enumerate(records[2:], start=2):
        sent += again.take(offset, *record)
    assert set(words(sent)) == {"one", "one . two"}


def test_a_spent_key_that_is_used_again_stays() -> None:
    partition = a_partition()
    partition.take(0, "a", Said(word="hi", minute=1))
    partition.take(1, "", a_tick(5))
    partition.take(2, "", a_tick(120))
    partition.take(3, "a", Said(word="back", minute=130))
    partition.written()
    assert partition.kept["a"].state.words == ["back"]
    assert words(partition.take(4, "", a_tick(140))) == ["back"]


def test_a_key_that_was_spent_before_a_restart_is_forgotten_after_it() -> None:
    partition = a_partition(Position(next_offset=5, epoch=1), {"a": Kept(4, Heard())})
    partition.written()
    assert partition.kept == {}
    assert partition.changed == {"a"}
