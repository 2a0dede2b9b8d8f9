"""What does one on-call file give, whatever its form, and how is a mistake in it told?"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import click

from detectors.oncall import Expansion

_HANDLE = re.compile(r"@?(?P<handle>[A-Za-z0-9_][A-Za-z0-9_.-]{0,99})")


class OnCallError(click.ClickException):
    """An on-call file that cannot be used; the message names file, field and remedy."""

    exit_code = 2


class OnCallFile(NamedTuple):
    """The shifts of one team, as one file tells them."""

    where: str
    team: str
    levels: Sequence[int]
    expand: Expansion


def handle(where: str, text: str) -> str:
    """Give a handle without its leading @.

    Raises:
        OnCallError: It is a name or an address: what is told of incidents names no person.
    """
    found = _HANDLE.fullmatch(text.strip())
    if found is None:
        raise OnCallError(
            f"{where}: {text[:60]!r} is no handle; write one word of letters, digits, dots, hyphens and "
            "underscores, as your chat knows the responder"
        )
    return found["handle"]
