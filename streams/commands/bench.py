"""`headwater bench`: how fast and how right, beside what it replaces."""

from pathlib import Path

import click

command = click.Group("bench", help="Measure, beside what is replaced, in one run.")


@command.command("logs")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of csv files with the columns content and template; made-up lines if not given.",
)
def logs(data: Path | None) -> None:
    """Measure the mining of log signatures beside drain3."""
    from rich.console import Console
    from rich.table import Table

    from streams.bench import mining

    if data is not None and not mining.read_sources(data):
        raise click.ClickException(f"no csv file with the columns content and template in {data}")
    table = Table("figure", "value", "goal", "met", title="Log signatures")
    try:
        for row in mining.table_rows(mining.rows(data)):
            table.add_row(*row)
    except mining.DrainMissingError as error:
        raise click.ClickException(str(error)) from error
    Console().print(table)
