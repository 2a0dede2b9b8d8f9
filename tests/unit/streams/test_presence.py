from typing import NoReturn

import pytest

from streams import machine
from streams.process.exit_code import ExitCode
from streams.process.presence import Presence


class EndedError(Exception):
    pass


def end(code: ExitCode) -> NoReturn:
    raise EndedError(code)


class Watch:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock of the test's own: waiting for a session to end would take seconds."""
    watch = Watch()
    monkeypatch.setattr(machine, "monotonic", watch.monotonic)
    return watch


def test_who_confirms_within_each_session_goes_on_for_ever(watch: Watch) -> None:
    presence = Presence(10.0, end)
    for _ in range(5):
        watch.now += 9.9
        presence.confirm()


def test_who_was_away_for_longer_than_a_session_ends_as_one_whose_partitions_are_gone(watch: Watch) -> None:
    presence = Presence(10.0, end)
    watch.now += 9.0
    presence.confirm()
    watch.now += 10.1
    with pytest.raises(EndedError) as ended:
        presence.confirm()
    assert ended.value.args == (ExitCode.REBALANCED,)
