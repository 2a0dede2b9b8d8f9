"""Did a changed value become larger or smaller?"""

import re

_NUMBER = re.compile(r"(?<![\w.])(\d+(?:[._]\d+)*)\s*([a-zA-Z%]*)")
_FAMILIES = (
    {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0},
    {
        "b": 1.0,
        "k": 1e3,
        "kb": 1e3,
        "ki": 1024.0,
        "mb": 1e6,
        "mi": 2.0**20,
        "gb": 1e9,
        "g": 1e9,
        "gi": 2.0**30,
    },
)
"""Units that can be compared with each other: seconds, and bytes."""


def direction(before: str, after: str) -> int:
    """Give 1 where a value rose, -1 where it fell, 0 where that cannot be told.

    >>> direction("memory: 1Gi", "memory: 128Mi"), direction("replicas: 2", "replicas: 4")
    (-1, 1)
    >>> direction("mode: fast", "mode: safe"), direction("wait: 3s", "wait: 3Mi")
    (0, 0)
    """
    old, new = _NUMBER.findall(before), _NUMBER.findall(after)
    if len(old) != len(new):
        return 0
    turns = {_turn(*one, *other) for one, other in zip(old, new, strict=True) if one != other}
    return turns.pop() if len(turns) == 1 else 0


def _turn(old: str, old_unit: str, new: str, new_unit: str) -> int:
    one, other = _number(old), _number(new)
    if one is None or other is None:
        return 0
    if old_unit != new_unit:
        family = next((each for each in _FAMILIES if {old_unit.lower(), new_unit.lower()} <= set(each)), None)
        if family is None:
            return 0
        one, other = one * family[old_unit.lower()], other * family[new_unit.lower()]
    return (other > one) - (other < one)


def _number(text: str) -> float | None:
    plain = text.replace("_", "")
    return float(plain) if plain.count(".") < 2 else None  # a version or an address is no size
