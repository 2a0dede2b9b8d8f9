"""How does a recording of another day become one of today?"""

import math
from datetime import datetime, timedelta
from typing import Any

import orjson

from models.event_time import rfc3339

STEP_S = 10
"""Shifts are whole multiples of the bucket width, so that events share buckets as they did."""


def shift_to(last: float, end: float) -> int:
    """Give the seconds by which to shift so that the last event falls on the end, or less than a step before.

    >>> shift_to(last=1000.0, end=2057.0)
    1050
    """
    return math.floor((end - last) / STEP_S) * STEP_S


def shifted(data: bytes, shift_s: int) -> bytes:
    """Rewrite `timestamp` and the `*_at` fields of one event, each in the notation it came in.

    What is no JSON object, or no time, stays as it is.

    >>> shifted(b'{"timestamp":1000,"started_at":"2026-06-23T09:00:00Z"}', 60)
    b'{"timestamp":1060,"started_at":"2026-06-23T09:01:00Z"}'
    """
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return data
    if not isinstance(event, dict):
        return data
    for field, value in event.items():
        if field == "timestamp" or field.endswith("_at"):
            event[field] = _shifted_time(value, shift_s)
    return orjson.dumps(event)


def _shifted_time(value: Any, shift_s: int) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + shift_s
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            return rfc3339(moment + timedelta(seconds=shift_s)) if moment.tzinfo else value
        except (ValueError, OverflowError):
            return value
    return value
