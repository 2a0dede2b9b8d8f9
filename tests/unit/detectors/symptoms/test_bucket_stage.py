import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from detectors.flow.partition import Partition, Position
from detectors.symptoms.bucket_stage import RETENTION
from detectors.symptoms.log_signature import LogSignatures
from models.chunk import Chunk, LogPatterns, PatternCount
from models.record import encode
from models.tick import Progress, Tick
from tests.unit.detectors.symptoms.watching import CATALOG, SERVICE, START, Watch, lines

STAGE = LogSignatures(lambda: CATALOG)
ERROR = {"e": lines(1, "error", "refused")}
Step = tuple[str, LogPatterns | Tick]


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


def a_watch() -> Watch:
    watch = Watch(STAGE)
    watch.sees_all([{"p": lines(3)}] * 20)
    return watch


def test_a_bucket_is_judged_when_the_clock_has_passed_its_end_and_not_before() -> None:
    watch = a_watch()
    watch.hears({START + 200: ERROR})
    assert list(STAGE.advance(watch.state, moment(210))) == []
    assert STAGE.due_at(watch.state) == moment(210)
    (sent,) = STAGE.advance(watch.state, moment(210) + timedelta(microseconds=1))
    assert sent.value.timestamp == moment(210)


def test_what_comes_for_a_judged_bucket_is_counted_as_late_and_changes_nothing() -> None:
    watch = a_watch()
    watch.hears({START + 10: ERROR, START + 200: ERROR})
    assert STAGE.counts(watch.state).late == 1
    assert [each.timestamp for each in watch.passes(START + 300)] == [moment(210)]


def test_a_silent_service_is_forgotten_after_the_retention() -> None:
    watch = a_watch()
    watch.passes(START + 300)  # by then it has been judged whether the service is missed
    assert STAGE.due_at(watch.state) == moment(200) + RETENTION
    assert not STAGE.is_spent(watch.state, moment(200) + RETENTION)
    assert STAGE.is_spent(watch.state, moment(201) + RETENTION)


@pytest.mark.parametrize("ticks_within", [True, False])
def test_a_service_that_comes_back_after_the_retention_is_learned_anew_whenever_ticks_came(
    ticks_within: bool,
) -> None:
    partition = Partition(STAGE, 0, ("logs:0",), Position(epoch=1))
    gap = int(RETENTION.total_seconds())
    buckets: dict[int, Mapping[str, PatternCount]] = {
        second: {"p": lines(3)} for second in [*range(0, 200, 10), *range(gap + 200, gap + 400, 10)]
    }
    buckets[gap + 250] = ERROR
    sent = []
    offset = 0
    for second, contents in sorted(buckets.items()):
        steps: list[Step] = [(SERVICE, _chunk("logs:0", offset, {START + second: dict(contents)}))]
        if ticks_within or second == gap + 390:
            steps.append(("", _tick("logs:0", second + 15)))
        if ticks_within and second == 190:
            steps.append(("", _tick("logs:0", gap + 205)))
        for key, record in steps:
            sent += partition.take(offset, key, record)
            offset += 1
        partition.written()
    assert sent == []


def _chunk(source: str, offset: int, buckets: dict[int, dict[str, PatternCount]]) -> LogPatterns:
    chunk = Chunk(source=source, epoch=1, first=offset, end=offset + 1)
    return LogPatterns(service=SERVICE, chunk=chunk, buckets=buckets)


def _tick(path: str, second: float) -> Tick:
    return Tick(paths={path: Progress(epoch=1, watermark=moment(second))})


def test_partitions_may_interleave_in_any_way_without_a_difference() -> None:
    chance = random.Random("interleaving")
    paths = ("logs:0", "logs:1", "logs:2")
    steps: dict[str, list[Step]] = {path: [] for path in paths}
    for path in paths:
        for number in range(60):
            template = chance.choice(["a", "b", "late riser" if number > 40 else "a"])
            contents = {template: lines(chance.randrange(1, 30), chance.choice(["info", "error"]), template)}
            start = START + 10 * number
            steps[path] += [
                (SERVICE, _chunk(path, number, {start: contents})), ("", _tick(path, 10 * number + 10))
            ]  # fmt: skip
        steps[path].append(("", _tick(path, 3600)))

    def told() -> list[bytes]:
        partition = Partition(STAGE, 0, paths, Position(epoch=1))
        rest = {path: list(steps[path]) for path in paths}
        sent = []
        for offset in range(sum(map(len, steps.values()))):
            path = chance.choice([each for each in paths if rest[each]])
            sent += partition.take(offset, *rest[path].pop(0))
        return [encode(each.value) for each in sent]

    first = told()
    assert first
    assert all(told() == first for _ in range(20))
