"""Whose it is, and why."""

from detectors.incidents.cause import candidate as cause_candidate
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    the_owner,
)


def test_without_a_leading_cause_the_service_that_users_see_failing_decides() -> None:
    owner = the_owner(a_situation(alerts=[an_alert(), an_alert("payments")]))
    assert owner.owner == "team-checkout"
    assert owner.reason == "team-checkout owns checkout-api, where the incident was seen first"
    assert owner.runbook == "https://runbooks.example/checkout-api"
    assert (owner.second_best, owner.second_reason) == (
        "team-payments",
        "team-payments owns payments, which is affected, and on which checkout-api depends",
    )


def test_a_likely_cause_elsewhere_makes_its_owner_the_first() -> None:
    situation = a_situation(
        symptoms=[a_signature("payments", "boom"), a_symptom()], changes=[a_change("payments")]
    )
    owner = the_owner(situation, cause_candidate.rank(situation))
    assert (owner.owner, owner.second_best) == ("team-payments", "team-checkout")
    assert "likely cause" in owner.reason


def test_an_unlisted_service_has_no_owner_and_says_what_to_do() -> None:
    owner = the_owner(a_situation(alerts=[an_alert("unlisted")], service="unlisted"))
    assert (owner.owner, owner.second_best) == ("unknown", None)
    assert "add it" in owner.reason


def test_nobody_is_the_second_best_after_himself() -> None:
    owner = the_owner(a_situation(alerts=[an_alert()]))
    assert owner.second_best is None
