"""What a person should do next."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.incidents import next_action
from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.state import Situation
from models.event import ChangeKind
from models.triage import NextAction
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    the_owner,
)
from tests.unit.detectors.incidents.test_cause_candidate import CHANGES, SYMPTOMS


def proposed(situation: Situation) -> list[NextAction]:
    causes = cause_candidate.rank(situation)
    return next_action.propose(situation, causes, the_owner(situation, causes))


def test_a_likely_deployment_is_compared_and_its_rollback_left_to_a_person() -> None:
    texts = [
        each.text
        for each in proposed(a_situation(alerts=[an_alert()], symptoms=[a_symptom()], changes=[a_change()]))
    ]
    assert "consider rolling back checkout-api to v41: a person decides" in texts
    assert "compare the error signatures of v42 and v41 of checkout-api" in texts
    assert "follow the runbook of checkout-api: https://runbooks.example/checkout-api" in texts


def test_a_dependency_is_looked_at_along_the_calls() -> None:
    situation = a_situation(alerts=[an_alert()], symptoms=[a_signature("payments", "boom")])
    assert "inspect the spans of checkout-api → payments" in [each.text for each in proposed(situation)]


def test_nothing_is_taken_back_while_no_cause_leads() -> None:
    pair = [a_change(event_id="one"), a_change(event_id="two", change_kind=ChangeKind.CONFIG)]
    situation = a_situation(symptoms=[a_symptom()], changes=pair)
    assert not [each for each in proposed(situation) if "consider" in each.text]


@given(st.sets(st.sampled_from(range(len(CHANGES)))), st.sets(st.sampled_from(range(len(SYMPTOMS)))))
def test_at_most_five_steps_each_with_a_reason_and_evidence(changes: set, symptoms: set) -> None:
    steps = proposed(
        a_situation(
            changes=[CHANGES[each] for each in sorted(changes)],
            symptoms=[SYMPTOMS[each] for each in sorted(symptoms)],
        )
    )
    assert len(steps) <= 5
    assert len({each.text for each in steps}) == len(steps)
    assert all(each.why and each.evidence for each in steps)
