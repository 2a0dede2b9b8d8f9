import asyncio
from pathlib import Path

import pytest

from streams import machine
from streams.process.exit_code import ExitCode
from streams.settings import Settings
from streams.worker.restarts import LONGEST_PAUSE_S, MOST_RESTARTS, STEADY_AFTER_S, Restarts
from streams.worker.supervisor import Role


@pytest.mark.parametrize("code", [ExitCode.FAILED, ExitCode.HOLE, -9])
def test_who_keeps_dying_waits_longer_each_time_and_is_given_up(code: int) -> None:
    restarts = Restarts()
    pauses = [restarts.pause_s(code, 1.0) for _ in range(MOST_RESTARTS + 1)]
    assert pauses[-1] is None
    told = [each for each in pauses if each is not None]
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == LONGEST_PAUSE_S


def test_a_rebalance_is_no_failure_however_often_it_comes() -> None:
    restarts = Restarts()
    assert {restarts.pause_s(ExitCode.REBALANCED, 1.0) for _ in range(3 * MOST_RESTARTS)} == {0.0}


def test_after_a_long_life_a_failure_is_the_first_again() -> None:
    restarts = Restarts()
    for _ in range(MOST_RESTARTS):
        restarts.pause_s(ExitCode.FAILED, 1.0)
    assert restarts.pause_s(ExitCode.FAILED, STEADY_AFTER_S) is not None
    assert restarts.pause_s(ExitCode.FAILED, 1.0) == Restarts().pause_s(ExitCode.FAILED, 1.0)


async def test_a_process_that_is_being_started_when_the_role_is_stopped_does_not_outlive_it(
    tmp_path: Path,
) -> None:
    # Nobody listens there: left alone, the process would wait for its broker for ever.
    settings = Settings(bootstrap_servers=f"127.0.0.1:{machine.free_port()}", port=0)
    role = Role("sink", {**machine.environment(), **settings.environment()}, tmp_path, None)
    running = asyncio.ensure_future(role.run())
    await asyncio.sleep(0)
    assert role.pid is None
    await role.stop()
    assert await asyncio.wait_for(running, 10.0) == ExitCode.STOPPED
