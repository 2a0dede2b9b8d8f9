"""Over all recordings with known truth: does one fault give one incident, in time, in place, and none before?

The recordings lie beside the repository and are no part of it.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from streams.bench.causes import recordings
from streams.bench.incidents import Outcome, judge_all
from streams.settings import Settings

CASES = Path(__file__).parents[3] / "shared" / "cases"


@pytest.mark.skipif(not CASES.is_dir(), reason=f"the recordings with known truth are not in {CASES}")
@pytest.mark.timeout(600)
def test_each_recording_gives_one_incident_in_time_and_in_place_and_none_before_its_fault() -> None:
    outcomes = judge_all(recordings([CASES]), timedelta(seconds=Settings().lateness_s), processes=2)
    assert outcomes
    assert {each.name: each.complaints for each in outcomes if each.complaints} == {}


def an_outcome(**fields: object) -> Outcome:
    usual: dict[str, object] = {
        "name": "a", "dataset": "set", "incidents": 1, "opened_after_s": -5.0, "in_blast_radius": True,
        "before_fault": 0,
    }  # fmt: skip
    return Outcome(**(usual | fields))  # type: ignore[arg-type]  # the fields of an outcome


@pytest.mark.parametrize(
    ("outcome", "complaint"),
    [
        (an_outcome(incidents=0, opened_after_s=None, in_blast_radius=False), "0 incidents, expected 1"),
        (an_outcome(incidents=2), "2 incidents, expected 1"),
        (an_outcome(opened_after_s=30.0), "opened 30 s after the first alert"),
        (an_outcome(in_blast_radius=False), "neither the entry service nor the one at fault is affected"),
        (an_outcome(before_fault=1), "1 opened before the fault"),
    ],
)
def test_what_is_not_as_it_should_be_is_said(outcome: Outcome, complaint: str) -> None:
    assert outcome.complaints == [complaint]
    assert an_outcome().complaints == []
