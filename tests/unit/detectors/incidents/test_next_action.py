"""What a person should do next."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.incidents import next_action
from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.state import Situation, evidence_id
from models.event import ChangeKind
from models.signal import DeployComparison, Difference, Lift, SignatureDifference, SymptomKind
from models.triage import NextAction
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_metric,
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


def texts(situation: Situation) -> dict[str, NextAction]:
    return {each.text: each for each in proposed(situation)}


def test_a_comparison_of_logs_names_the_signature_that_the_version_brought() -> None:
    change = a_change()
    told = DeployComparison(
        change_id=change.event_id, change_kind="deploy", lines_before=900, lines_after=880,
        differences=[
            SignatureDifference(
                signature_id="s1", template="pool of <n> is empty", difference=Difference.NEW,
                severity="error", before=0, after=17, expected=0.0, score=8.0,
            )
        ],
    )  # fmt: skip
    compared = a_symptom(kind=SymptomKind.DEPLOY_COMPARISON, comparison=told, event_id="compared")
    situation = a_situation(symptoms=[a_symptom()], changes=[change])
    situation = msgspec.structs.replace(situation, comparisons=[compared])
    action = texts(situation)[
        "compare the error signatures of v42 and v41 of checkout-api, beginning with “pool of <n> is empty”"
    ]
    assert (
        action.why
        == "this signature of checkout-api is new since the change: 0 lines before, 17 after, 0 expected"
    )
    assert action.evidence == [evidence_id("compared")]


def test_an_edge_that_is_seen_to_fail_is_inspected_with_what_shows_it() -> None:
    edge = a_symptom(peer="payments", subject="call payments", text="call payments", event_id="edge")
    situation = a_situation(alerts=[an_alert()], symptoms=[edge, a_metric("payments", "cpu.utilization")])
    action = texts(situation)["inspect the spans of the edge checkout-api → payments"]
    assert action.evidence == [evidence_id("edge")]
    assert action.why.startswith("errors of checkout-api (call payments) were at 18 %")


def test_a_shortage_names_the_metric_that_shows_it() -> None:
    metric = a_metric("payments", "db.pool.in_use", unit="1", event_id="pool", score=30.0)
    action = texts(a_situation(alerts=[an_alert()], symptoms=[metric]))[
        "look at what fills db.pool.in_use of payments"
    ]
    assert action.why == "it was at 98 (baseline 40) at 12:01 UTC"
    assert action.evidence == [evidence_id("pool")]


def test_a_tenant_in_which_it_concentrates_is_compared_with_the_others() -> None:
    lift = Lift(dimension="tenant", value="acme", count=9, of=10, usual_share=0.1, lift=9.0)
    found = texts(a_situation(symptoms=[a_signature("checkout-api", "boom", lift=lift, event_id="slice")]))
    action = found["compare tenant “acme” of checkout-api with the others"]
    assert action.why == "9 of 10 lines of “boom” are from it (usually 10 %)"


def test_files_that_only_document_or_test_are_not_what_to_read_first() -> None:
    change = a_change(attributes={"files_changed": ["docs/a.md", "src/pay/pool.py", "tests/test_pool.py"]})
    found = texts(a_situation(symptoms=[a_symptom()], changes=[change]))
    assert "read what changed in src/pay/pool.py" in found


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
