"""From where, and as whom, did somebody fail to log in? Told apart, not told.

Addresses and names are hashed: that one source fails a hundred times, or one account from many sources, is
to be seen; who it is stays in the log itself.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

SOURCE = ("client.address", "source.address", "source.ip", "net.peer.ip", "client_ip", "remote_addr", "rhost")
ACTOR = ("user.id", "enduser.id", "user.name", "user", "username", "account")
"""Attributes, the first of which counts: OpenTelemetry's semantic conventions, and common spellings."""

_ADDRESS = re.compile(
    r"(?:from|rhost=|client(?:_ip)?[=:]|remote_addr[=:]|source(?:_ip)?[=:]|\bip[=:]?)[ \"'\[(]{0,2}"
    r"([0-9a-fA-F.:]{3,45}|[\w.-]{1,80})",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:\bfor (?:invalid user |user |account )?|\b(?:user(?:name)?|account|login)[ =:]{1,2})"
    r"[\"']?([^\s\"',;:)]{1,80})",
    re.IGNORECASE,
)


def origin_of(text: str, attributes: Mapping[str, Any] | None) -> dict[str, str]:
    """Give the source and the actor that a line names, hashed; a dimension that it does not name is left out.

    >>> sorted(origin_of("Failed password for invalid user ada from 10.0.0.1 port 22 ssh2", None))
    ['actor', 'source']
    """
    found = {}
    for dimension, names, expression in (("source", SOURCE, _ADDRESS), ("actor", ACTOR, _NAME)):
        value = (
            next((str(attributes[name]) for name in names if name in attributes), "") if attributes else ""
        )
        if not value and (told := expression.search(text[:2_000])):
            value = told[1].rstrip(".")
        if value:
            found[dimension] = _hashed(dimension, value)
    return found


@lru_cache(4_096)
def _hashed(dimension: str, value: str) -> str:
    return f"{dimension}-{blake2b(value.encode(errors='replace'), digest_size=4).hexdigest()}"
