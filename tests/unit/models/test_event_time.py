from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.event_time import EARLIEST, LATEST, rfc3339, to_event_time
from tests.unit.detectors.incidents.builders import at

possible = st.datetimes(datetime(1990, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(deadline=None, max_examples=200, derandomize=True)
@given(possible)
def test_a_moment_is_written_so_that_it_is_read_back(moment: datetime) -> None:
    assert datetime.fromisoformat(rfc3339(moment)) == moment
    assert rfc3339(moment).endswith("Z")


def test_milliseconds_sent_as_seconds_are_refused_with_a_hint() -> None:
    with pytest.raises(ValueError, match=r"milliseconds\? send seconds.*\$\.timestamp"):
        to_event_time(1_782_205_200_000, "timestamp")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_no_time(value: float) -> None:
    with pytest.raises(ValueError, match="started_at"):
        to_event_time(value, "started_at")


def test_the_bounds_are_the_first_moment_that_is_possible_and_the_first_that_is_not() -> None:
    assert to_event_time(EARLIEST, "timestamp") == EARLIEST
    assert to_event_time(LATEST.timestamp() - 1, "timestamp") < LATEST
    for beyond in (EARLIEST - timedelta(microseconds=1), LATEST):
        with pytest.raises(ValueError, match="1990 to 2200"):
            to_event_time(beyond, "timestamp")


def test_a_moment_in_another_zone_is_the_same_moment_in_utc() -> None:
    local = datetime.fromisoformat("2026-06-23T14:00:00+02:00")
    assert to_event_time(local, "timestamp") == at("12:00")
    assert to_event_time(local, "timestamp").tzinfo is UTC
