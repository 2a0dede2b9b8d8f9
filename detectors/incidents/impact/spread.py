"""Over which tenants and regions do the failing lines of a symptom lie, over all of its sightings?"""

from hashlib import blake2b

from detectors.incidents.state import SymptomTrack
from models.signal import Symptom

COUNTED = ("tenant", "region")
"""Dimensions that are added up: who is hit. Versions and hosts change while an incident lasts."""

_MOST_VALUES = 16
"""Values of a dimension, some 30 bytes each; the ones with the smallest hashes, whatever came first."""


def note(track: SymptomTrack, symptom: Symptom) -> None:
    """Add the lines of a sighting by tenant and region: the same in any order, and bounded."""
    for dimension in COUNTED:
        for value, count in symptom.concentration.get(dimension, {}).items():
            counts = track.spread.setdefault(dimension, {})
            counts[value] = counts.get(value, 0) + count
            if len(counts) > _MOST_VALUES:
                del counts[max(counts, key=_hash)]


def _hash(value: str) -> bytes:
    return blake2b(value.encode(), digest_size=8).digest()
