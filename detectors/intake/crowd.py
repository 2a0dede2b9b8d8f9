"""Which value do most lines have, where there are too many values to count each of them?"""

from array import array
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from math import sqrt

from models.chunk import Crowd

LANES = 128
"""Bits of a value's hash that are counted: 0.3 kB up to a hundred lines, 0.6 kB up to ten thousand."""

SHARE = 0.75
"""Estimated share from which a value is told of, see `prevailing`."""

ERROR = 2.0 / sqrt(LANES)
"""Two standard errors of an estimated share, at most."""

_LANE_BYTES = 4


def crowd_of(counts: Mapping[str, int]) -> Crowd:
    """Give the crowd of exactly counted values."""
    lines = sum(counts.values())
    # One addition of long numbers adds all lanes at once: each has four bytes of its own.
    total = sum(count * _spread(value) for value, count in counts.items())
    lanes = array("I", total.to_bytes(LANES * _LANE_BYTES, "little"))
    return _crowd(lines, lanes.tolist(), counts)


def merge_crowds(one: Crowd, other: Crowd) -> Crowd:
    """Give the crowd of both; its counts depend on the lines alone, in whatever parts they came."""
    ones = [a + b for a, b in zip(one.ones, other.ones, strict=True)]
    return _crowd(one.lines + other.lines, ones, (one.candidate, other.candidate))


def prevailing(crowd: Crowd) -> tuple[str, int] | None:
    """Give the value that most lines have, and how many have it, about; None: no value prevails.

    A value with more than 85 % of the lines is always found, one with less than half of them never is (but
    for a collision of hashes, with a chance of 10^-8 each), and which of them is found depends neither on
    the order of the lines nor on how they were cut into chunks. The reason: a value that more than half of
    the lines have decides each bit of the majority hash, so the crowd names it; and it has more than half
    in at least one part of any division, in a part of that part, and so on down to lines that were counted
    one by one, where its name was kept. The standard error of the estimate is at most 2.2 % of the lines.
    Source: Cormode, Muthukrishnan (2005), ACM Transactions on Database Systems 30, 249-278 (group testing);
    Charikar, Chen, Farach-Colton (2004), Theoretical Computer Science 312, 3-15 (the estimate).
    """
    share = share_of(crowd, crowd.candidate) if crowd.candidate else 0.0
    return (crowd.candidate, round(share * crowd.lines)) if share >= SHARE else None


def share_of(crowd: Crowd, value: str) -> float:
    """Estimate the share of the lines that have a value, 0 to 1; where none has it, 0 up to some `ERROR`."""
    lanes = zip(crowd.ones, _bits(value), strict=True)
    apart = sum((2 * ones - crowd.lines) * (1 if bit else -1) for ones, bit in lanes)
    return min(1.0, max(0.0, apart / (LANES * crowd.lines)))


def _crowd(lines: int, ones: list[int], values: Iterable[str]) -> Crowd:
    """Make a crowd; of the values the one is kept that has the hash of the majority."""
    majority = tuple(2 * each > lines for each in ones)
    named = (value for value in values if value and _bits(value) == majority)
    return Crowd(lines=lines, ones=ones, candidate=min(named, default=""))


@lru_cache(4_096)
def _bits(value: str) -> tuple[bool, ...]:
    digest = blake2b(value.encode(errors="replace"), digest_size=LANES // 8).digest()
    return tuple(bool(byte >> place & 1) for byte in digest for place in range(8))


@lru_cache(4_096)
def _spread(value: str) -> int:
    """Give a number with one lane for each bit of the value's hash."""
    return int.from_bytes(b"".join(bit.to_bytes(_LANE_BYTES, "little") for bit in _bits(value)), "little")
