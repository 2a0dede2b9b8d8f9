"""`headwater schema`: the JSON Schema of what a topic carries."""

from pathlib import Path

import click

from streams.schema import RECORDS, write_all, written_schema


@click.command()
@click.argument("topic", required=False, type=click.Choice(list(RECORDS)))
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the schemas of all topics there."
)
def command(topic: str | None, out: Path | None) -> None:
    """Print the JSON Schema of a topic's records, or write those of all topics to a folder."""
    if out:
        for path in write_all(out):
            click.echo(path)
    elif topic:
        click.echo(written_schema(topic), nl=False)
    else:
        raise click.UsageError(f"name a topic ({', '.join(RECORDS)}), or a folder with --out")
