"""Evidence carries what is needed to check it, and what cites none is dropped."""

import pytest

from detectors.incidents import evidence
from models.triage import Reason
from tests.unit.detectors.incidents.builders import RULES, a_change, a_situation, a_symptom, an_alert, at


def test_the_evidence_of_a_symptom_names_its_event_and_the_buckets_behind_it() -> None:
    symptom = a_symptom(sources=["spans:0/17", "spans:1/4"])
    piece = evidence.of_signal(symptom, "incident-1", at("12:10"), RULES)
    assert piece.sources == [symptom.event_id, "spans:0/17", "spans:1/4"]
    assert (piece.value, piece.baseline, piece.threshold, piece.unit) == (18.0, 0.5, 5.0, "%")
    assert (piece.window_s, piece.sample_size) == (60.0, 400)


def test_a_change_without_a_service_says_so() -> None:
    assert evidence.of_signal(a_change(None), "incident-1", at("12:10"), RULES).service == "unknown"


def test_a_change_is_found_by_the_service_in_its_attributes() -> None:
    change = a_change(None, attributes={"service.name": "payments"})
    assert evidence.of_signal(change, "incident-1", at("12:10"), RULES).service == "payments"


def test_a_chain_of_calls_is_one_piece_of_evidence_however_often_it_is_cited() -> None:
    first = evidence.of_dependency(["checkout-api", "payments", "bank"], "incident-1", at("12:10"), RULES)
    second = evidence.of_dependency(["checkout-api", "payments", "bank"], "incident-1", at("12:20"), RULES)
    assert first.evidence_id == second.evidence_id
    assert first.text == "The catalog says that checkout-api depends on bank through payments."


def test_a_service_alone_is_no_dependency() -> None:
    with pytest.raises(ValueError, match="callee"):
        evidence.of_dependency(["checkout-api"], "incident-1", at("12:10"), RULES)


def test_what_cites_no_known_evidence_is_dropped_and_unknown_citations_are_cut() -> None:
    reasons = [
        Reason(rule="a", text="a", evidence=["known", "gone"]),
        Reason(rule="b", text="b", evidence=["gone"]),
        Reason(rule="c", text="c", evidence=[]),
    ]
    kept = evidence.cited(reasons, {"known"})
    assert [(each.rule, each.evidence) for each in kept] == [("a", ["known"])]


def test_every_signal_of_a_situation_can_be_cited() -> None:
    alert, symptom, change = an_alert(), a_symptom(), a_change()
    situation = a_situation(alerts=[alert], symptoms=[symptom], changes=[change])
    ids = [evidence.evidence_id(each.event_id) for each in (alert, symptom, change)]
    assert [each.evidence_id for each in evidence.of_cited(situation, [*ids, "elsewhere"])] == sorted(ids)
