"""Write the recording of the checkout outage with its catalog and its expectation into a folder."""

from pathlib import Path

import click

from tests.golden.checkout_outage.scenario import SCENARIO


@click.command(help=__doc__)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Made if not there."
)
def main(out: Path) -> None:
    for path in SCENARIO.export(out):
        print(path)


if __name__ == "__main__":
    main()
