"""What every test may use."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the golden files be rewritten: the reviewer reads the difference."""
    parser.addoption(
        "--accept", action="store_true", help="Rewrite the golden files with what comes out now."
    )
