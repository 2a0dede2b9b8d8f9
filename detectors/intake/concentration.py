"""In which tenants, regions, versions and hosts do lines concentrate?"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b

from detectors.intake.redaction import Redactor
from models.chunk import Spread

MOST_VALUES = 5
"""Values of one dimension that are counted: those with the smallest hashes. Their counts are exact
whatever the order; of d values in all, each is among them with the chance 5 / d. At the longest a
pattern's counts take 1 kB, and a bucket's hundred patterns some 100 kB."""

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

_RANK = {name: rank for rank, name in enumerate(DIMENSIONS)}
_NAMES = frozenset(DIMENSIONS)


def concentration_of(attributes: Mapping[str, str], redactor: Redactor) -> Spread:
    """Give one line by dimension and value, redacted; empty: it names none.

    >>> concentration_of({"service.version": "4.2", "thread": "main"}, Redactor())
    {'version': {'4.2': 1}}
    """
    if not attributes or _NAMES.isdisjoint(attributes):
        return {}
    named = [name for name in attributes if name in DIMENSIONS]
    named.sort(key=_RANK.__getitem__, reverse=True)
    chosen = {DIMENSIONS[name]: _kept(redactor, str(attributes[name])) for name in named}
    return {dimension: {chosen[dimension]: 1} for dimension in sorted(chosen)}


def merge_concentrations(one: Spread, other: Spread) -> Spread:
    """Count the lines of both; commutative and associative, and bounded as each of them is."""
    if not one or not other:
        return one or other
    return {
        dimension: _smallest(one.get(dimension, {}), other.get(dimension, {}))
        for dimension in sorted({*one, *other})
    }


def _smallest(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    values = {*one, *other}
    kept = sorted(values, key=_order)[:MOST_VALUES]
    return {value: one.get(value, 0) + other.get(value, 0) for value in kept}


@lru_cache(4_096)
def _order(value: str) -> tuple[bytes, str]:
    return blake2b(value.encode(errors="replace"), digest_size=8).digest(), value


@lru_cache(4_096)
def _kept(redactor: Redactor, value: str) -> str:
    redacted = redactor.redact(value)
    return redacted if len(redacted) <= LONGEST_VALUE else f"{redacted[: LONGEST_VALUE - 1]}…"
