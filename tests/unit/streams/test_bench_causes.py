"""When does the benchmark of causes call a candidate right?"""

import pytest

from models.cause import Candidate, CauseClass, CauseVerdict, SuspectedChange
from streams.bench.causes import is_right
from tests.unit.detectors.incidents.builders import at


def a_candidate(service: str, commit: str | None = None) -> Candidate:
    change = None
    if commit is not None:
        change = SuspectedChange(
            change_id="change-1", change_kind="deploy", finished_at=at("12:00"), commit=commit
        )
    return Candidate(
        candidate_id="candidate-1", rank=1, score=3.0, parts=[], cause_class=CauseClass.UNKNOWN,
        service=service, text="what it is", change=change, verdict=CauseVerdict.CANDIDATE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("candidate", "truth", "right"),
    [
        (a_candidate("payments"), {"root_service": "payments"}, True),
        (a_candidate("orders"), {"root_service": "payments"}, False),
        (a_candidate("payments", "9c41"), {"root_service": "x", "root_change": {"commit": "9c41"}}, True),
        (a_candidate("payments", "7b8e"), {"root_service": "x", "root_change": {"commit": "9c41"}}, False),
        (a_candidate("payments"), {"root_service": "payments", "root_change": {"commit": "9c41"}}, False),
        (a_candidate("payments"), {"root_service": "x", "root_change": None}, True),
        (a_candidate("payments", "9c41"), {"root_service": "payments", "root_change": None}, False),
    ],
    ids=[
        "its service",
        "another",
        "its commit",
        "another commit",
        "no commit",
        "rightly none",
        "wrongly one",
    ],
)
def test_a_candidate_is_right_where_it_names_what_the_truth_names(
    candidate: Candidate, truth: dict, right: bool
) -> None:
    assert is_right(candidate, truth) is right
