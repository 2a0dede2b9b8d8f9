import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.recording.time_shift import shift_to, shifted


def test_every_time_of_an_event_is_shifted_in_its_own_notation() -> None:
    event = {
        "timestamp": 1000.5,
        "started_at": "2026-06-23T11:00:00+02:00",
        "ends_at": None,
        "body": "at 1000.5",
        "attributes": {"seen_at": 5},
    }
    assert json.loads(shifted(json.dumps(event).encode(), 3600)) == {
        **event,
        "timestamp": 4600.5,
        "started_at": "2026-06-23T10:00:00Z",
    }


@pytest.mark.parametrize("data", [b"[1]", b"{", b"\xff", b'"timestamp"'])
def test_what_is_no_event_stays_as_it_is(data: bytes) -> None:
    assert shifted(data, 60) == data


@pytest.mark.parametrize("time", ["yesterday", "2026-06-23T11:00:00", True, [1]])
def test_what_is_no_time_stays_as_it_is(time: object) -> None:
    assert json.loads(shifted(json.dumps({"timestamp": time}).encode(), 60)) == {"timestamp": time}


@given(st.floats(1e9, 2e9), st.floats(1e9, 2e9))
def test_the_last_event_falls_on_the_end_or_less_than_a_bucket_before_it(last: float, end: float) -> None:
    shift_s = shift_to(last, end)
    assert shift_s % 10 == 0
    assert -1e-6 <= end - (last + shift_s) < 10 + 1e-6
