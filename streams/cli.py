"""The command line: which commands there are, and how errors are told."""

import importlib
import importlib.util
import logging
import sys
import traceback

import click

from streams import machine

# Module under streams.commands and one line of help; kept here so that --help imports no command.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Play an outage on a broker of its own and show what Headwater says."),
    "replay": ("replay", "Run the whole pipeline over a recording, without a broker."),
    "kafka": ("kafka", "Run a one-node Kafka on this machine."),
    "topics": ("topics", "Create the topics, or say what is wrong with them."),
    "worker": ("worker", "Run the intake, the agents and the sinks."),
    "catalog": ("catalog", "Publish the service catalog."),
    "oncall": ("oncall", "Find who is missing from the on-call schedules."),
    "publish": ("publish", "Publish a recording to the input topics."),
    "watch": ("watch", "Show incidents as they change."),
    "explain": ("explain", "Show the evidence for and against each possible cause."),
    "dead-letters": ("dead_letters", "Read what could not be read."),
    "signatures": ("signatures", "Group the lines of a log by the statement that wrote them."),
    "bench": ("bench", "Measure how fast and how right it is, beside what it replaces."),
    "schema": ("schema", "Print the JSON Schema of a record."),
}
INTERRUPTED = 130


class CommandFolder(click.Group):
    """A group whose commands are imported when they are called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands whose module is there."""
        return [
            name
            for name, (module, _) in COMMANDS.items()
            if importlib.util.find_spec(f"streams.commands.{module}")
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None for a name that is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"streams.commands.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their line of help, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headwater", message="%(package)s %(version)s")
def headwater() -> None:
    """Find where an incident's stream begins: how bad, whose, what caused it, on what evidence.

    Settings come from the environment; .env.example lists them.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 could not be done, 2 asked for wrongly, 130 interrupted.

    An error is one clear message on standard error; HEADWATER_LOG_LEVEL=debug adds where it came from.
    """
    # Libraries' errors reach the person as our message; without a handler Python prints them as well.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        code = headwater.main(args=arguments, prog_name="headwater", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        _show_origin()
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has seen enough; a second failure while Python flushes helps nobody.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if (told := _broker_trouble(error)) is None:
            raise
        _show_origin()
        click.echo(f"Error: {told}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _broker_trouble(error: Exception) -> str | None:
    from aiokafka.errors import KafkaConnectionError, KafkaError

    if isinstance(error, KafkaConnectionError):
        servers = machine.environment().get("KAFKA_BOOTSTRAP_SERVERS") or "127.0.0.1:9092"
        return (
            f"no broker at {servers}: start one with `headwater kafka start`, or set KAFKA_BOOTSTRAP_SERVERS "
            "(and KAFKA_SECURITY_PROTOCOL) to one that runs"
        )
    if isinstance(error, KafkaError):
        return f"the broker refused: {error!r}; HEADWATER_LOG_LEVEL=debug shows where this came from"
    return None


def _show_origin() -> None:
    if machine.environment().get("HEADWATER_LOG_LEVEL", "").lower() == "debug":
        traceback.print_exc()


if __name__ == "__main__":
    main()
