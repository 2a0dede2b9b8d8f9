"""Which alerts of a storm fire, beyond those that are kept whole?

Each is seven bytes in a sorted array: six of a hash of its fingerprint and one for whether it fires.
Ten thousand take 93 kB in the table. Two of them share a hash with a probability of one in five million.
"""

from hashlib import blake2b

from detectors.incidents.state import OpenIncident

_HASH = 6
_ENTRY = _HASH + 1
_FIRES = 1

MOST = 10_000
"""Alerts of one scope that are told apart in this way; further ones are only counted."""


def size(incident: OpenIncident) -> int:
    """Count the alerts, firing or not."""
    return len(incident.crowd) // _ENTRY


def holds(incident: OpenIncident, fingerprint: str) -> bool:
    """Tell whether an alert is among them."""
    return bool(incident.crowd) and _place(incident.crowd, _hash(fingerprint))[1]


def put(incident: OpenIncident, fingerprint: str, *, fires: bool) -> bool:
    """Note whether an alert fires, one that is not there yet too; tell whether that is news."""
    digest = _hash(fingerprint)
    at, found = _place(incident.crowd, digest)
    if not found:
        incident.crowd[at:at] = digest + bytes([fires])
    elif incident.crowd[at + _HASH] == fires:
        return False
    else:
        incident.crowd[at + _HASH] = fires
    incident.crowd_fires += 1 if fires else -1 if found else 0
    return True


def absorb(incident: OpenIncident, other: OpenIncident) -> None:
    """Take in the alerts of another incident; one that fires in either fires."""
    for at in range(0, len(other.crowd), _ENTRY):
        digest, fires = bytes(other.crowd[at : at + _HASH]), other.crowd[at + _HASH]
        place, found = _place(incident.crowd, digest)
        if not found:
            incident.crowd[place:place] = digest + bytes([fires])
            incident.crowd_fires += fires
        elif fires > incident.crowd[place + _HASH]:
            incident.crowd[place + _HASH] = _FIRES
            incident.crowd_fires += 1


def _hash(fingerprint: str) -> bytes:
    return blake2b(fingerprint.encode(), digest_size=_HASH).digest()


def _place(crowd: bytearray, digest: bytes) -> tuple[int, bool]:
    """Give where an entry begins or would begin, and whether it is there."""
    low, high = 0, len(crowd) // _ENTRY
    while low < high:
        middle = (low + high) // 2
        if crowd[middle * _ENTRY : middle * _ENTRY + _HASH] < digest:
            low = middle + 1
        else:
            high = middle
    at = low * _ENTRY
    return at, crowd[at : at + _HASH] == digest
