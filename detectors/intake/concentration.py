"""In which tenants, regions, versions and hosts do lines concentrate?"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from detectors.intake.crowd import crowd_of, merge_crowds, prevailing
from detectors.intake.redaction import Redactor
from models.chunk import Crowd, Spread

MOST_VALUES = 8
"""Values of one dimension that are counted one by one. Of more the value that prevails is found (`crowd`),
whatever the order of the lines and wherever chunks are cut. At the longest a dimension takes 0.5 kB either
way, and a bucket's hundred patterns 200 kB, some 50 kB as values are."""

LONGEST_VALUE = 40
"""Characters kept of a value: a pod's name with its hash."""

DIMENSIONS = {
    "tenant": "tenant", "tenant.id": "tenant", "tenant_id": "tenant", "customer.id": "tenant",
    "cloud.region": "region", "region": "region", "cloud.availability_zone": "region",
    "service.version": "version", "version": "version", "app.version": "version",
    "host.name": "host", "host": "host", "hostname": "host", "k8s.pod.name": "host", "pod": "host",
    "service.instance.id": "host",
}  # fmt: skip
"""Dimension by attribute: the names of OpenTelemetry's semantic conventions, and common spellings.
Where a line has several of one dimension, the one that is listed first counts."""

_COUNT_BYTES = 10
"""Bytes of a count and what stands around it."""
_RANK = {name: rank for rank, name in enumerate(DIMENSIONS)}
_NAMES = frozenset(DIMENSIONS)


class Places(NamedTuple):
    """Where lines lie, as it is sent."""

    spread: Spread
    crowds: dict[str, Crowd]


def count_places(counts: Spread, attributes: Mapping[str, str], redactor: Redactor) -> int:
    """Count one line under its value of each dimension that it names, redacted; give how much that added.

    >>> counts = {}
    >>> count_places(counts, {"service.version": "4.2", "thread": "main"}, Redactor())
    13
    >>> counts
    {'version': {'4.2': 1}}

    Returns:
        Rough size of the values that had not been counted before (bytes).
    """
    if _NAMES.isdisjoint(attributes):
        return 0
    named = [name for name in attributes if name in DIMENSIONS]
    named.sort(key=_RANK.__getitem__, reverse=True)
    return count_values(counts, {DIMENSIONS[name]: _kept(redactor, str(attributes[name])) for name in named})


def count_values(counts: Spread, named: Mapping[str, str]) -> int:
    """Count one line under a value of each dimension; give how much that added (bytes)."""
    size = 0
    for dimension, value in named.items():
        values = counts.setdefault(dimension, {})
        if value in values:
            values[value] += 1
        else:
            values[value] = 1
            size += len(value) + _COUNT_BYTES
    return size


def places(counts: Spread) -> Places:
    """Give exact counts, however many values they have, in the bounded form in which they are sent."""
    told = Places({}, {})
    for dimension in sorted(counts):
        values = counts[dimension]
        if len(values) <= MOST_VALUES:
            told.spread[dimension] = {value: values[value] for value in sorted(values)}
        else:
            told.crowds[dimension] = crowd_of(values)
    return told


def merge_places(one: Places, other: Places) -> Places:
    """Count the lines of both; what comes out depends on the lines alone, in whatever parts they came."""
    if not (other.spread or other.crowds):
        return one
    if not (one.spread or one.crowds):
        return other
    exact: Spread = {}
    crowds: dict[str, Crowd] = {}
    for dimension in {*one.spread, *other.spread, *one.crowds, *other.crowds}:
        if dimension in one.crowds or dimension in other.crowds:
            parts = [each for each in (_crowd(one, dimension), _crowd(other, dimension)) if each is not None]
            crowds[dimension] = merge_crowds(*parts) if len(parts) > 1 else parts[0]
        else:
            values = exact[dimension] = dict(one.spread.get(dimension, ()))
            for value, count in other.spread.get(dimension, {}).items():
                values[value] = values.get(value, 0) + count
    told = places(exact)
    return Places(told.spread, dict(sorted({**told.crowds, **crowds}.items())))


def known_places(lines: Places) -> Spread:
    """Give lines by dimension and value: exactly, or about where one value of many prevails."""
    found = dict(lines.spread)
    for dimension, crowd in lines.crowds.items():
        if (told := prevailing(crowd)) is not None:
            found[dimension] = {told[0]: told[1]}
    return dict(sorted(found.items()))


def _crowd(lines: Places, dimension: str) -> Crowd | None:
    if (crowd := lines.crowds.get(dimension)) is not None:
        return crowd
    values = lines.spread.get(dimension)
    return crowd_of(values) if values else None


@lru_cache(4_096)
def _kept(redactor: Redactor, value: str) -> str:
    redacted = redactor.redact(value)
    return redacted if len(redacted) <= LONGEST_VALUE else f"{redacted[: LONGEST_VALUE - 1]}…"
