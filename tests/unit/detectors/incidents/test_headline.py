"""The one sentence that responders read first."""

import pytest
from hypothesis import given

from detectors.incidents.severity import headline
from detectors.incidents.severity import verdict as severity
from models.triage import Reason, Severity
from tests.unit.detectors.incidents.builders import a_change, a_situation, an_alert, at
from tests.unit.detectors.incidents.test_severity import ALERTS, SYMPTOMS, some


def test_it_says_harm_spread_and_trigger_in_this_order() -> None:
    situation = a_situation(
        alerts=[an_alert(value=18.0, threshold=5.0, unit="%"), an_alert("payments", name="Slow")],
        changes=[a_change(timestamp=at("11:36"))],
    )
    finding = severity.judge(situation)
    assert headline.write(finding.severity, "checkout-api", finding.reasons, situation.as_of) == (
        "SEV2 for checkout-api because customer-facing errors are at 18 % (threshold 5 %), "
        "the payments dependency is alerting, and a deployment finished 34 minutes ago"
    )


def test_a_clause_without_number_and_time_gets_both() -> None:
    reasons = [
        Reason(rule="dependency_alerting", text="the payments dependency is alerting", evidence=["e1"])
    ]
    assert headline.write(Severity.SEV3, "checkout-api", reasons, at("12:10")) == (
        "SEV3 for checkout-api because the payments dependency is alerting "
        "(on 1 piece of evidence), as of 12:10 UTC"
    )


@pytest.mark.parametrize("reasons", [[], [Reason(rule="a", text="errors are at 18 %", evidence=[])]])
def test_without_evidence_there_is_no_headline(reasons: list[Reason]) -> None:
    with pytest.raises(ValueError, match="evidence"):
        headline.write(Severity.SEV1, "checkout-api", reasons, at("12:10"))


@pytest.mark.parametrize(
    "text",
    [
        "High risk anomaly detected",
        "SEV2 for checkout-api because something is wrong",
        "SEV2 for checkout-api because errors are high",
        "SEV2 for checkout-api because errors are high since 12:00 UTC",
        "SEV2 for checkout-api because errors are high (18 %)",
        "SEV2 for checkout-api-7 because errors are high, 5 minutes ago",
    ],
)
def test_a_headline_that_nobody_can_check_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be checked"):
        headline.check(text, [Reason(rule="a", text="errors are high", evidence=["e1"])])


@given(some(SYMPTOMS), some(ALERTS))
def test_whatever_was_seen_the_headline_can_be_checked(symptoms, alerts) -> None:
    situation = a_situation(alerts=alerts, symptoms=symptoms)
    finding = severity.judge(situation)
    if finding.reasons:
        text = headline.write(finding.severity, "checkout-api", finding.reasons, situation.as_of)
        headline.check(text, finding.reasons)
