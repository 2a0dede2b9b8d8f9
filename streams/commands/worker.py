"""`headwater worker`: the intake, the agents and the sinks."""

import asyncio
import sys
from dataclasses import replace

import click

from streams import log_output, machine
from streams.oncall.directory import read as read_schedules
from streams.policy_file import read as read_policy
from streams.settings import Settings
from streams.worker.role import ROLES
from streams.worker.supervisor import Worker


def _roles(context: click.Context, parameter: click.Parameter, value: str) -> list[str]:
    roles = [each.strip() for each in value.split(",") if each.strip()]
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        raise click.BadParameter(f"{value!r}: give one or more of {', '.join(ROLES)}, separated by commas")
    return list(dict.fromkeys(roles))


@click.command()
@click.option("--roles", default=",".join(ROLES), show_default=True, callback=_roles, help="Which to run.")
@click.option("--slot", help="Name of this worker, stable over restarts; see HEADWATER_SLOT.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="For /live, /ready and /metrics; see HEADWATER_PORT."
)
def command(roles: list[str], slot: str | None, port: int | None) -> None:
    """Run the intake, the agents and the sinks, each in a process that is restarted when it ends.

    Start as many workers as you like, on one machine or many, each with a slot of its own.
    """
    settings = Settings.from_environment(machine.environment())
    settings = replace(
        settings,
        slot=settings.slot if slot is None else slot,
        port=settings.port if port is None else port,
    )
    # A mistake in either stops the start, before any process is started.
    read_policy(settings.policy_path())
    read_schedules(settings.oncall_path())
    log_output.set_up(settings.log_level)
    sys.exit(int(asyncio.run(Worker(roles, settings).run())))
