"""How bad it is, and whether every reason can be checked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.incidents.severity import verdict as severity
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.event import ChangeKind
from models.signal import SymptomKind
from models.triage import Reason, Severity, Verdict
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_metric,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
)


def judged(**given: Any) -> severity.SeverityFinding:
    """Judge a minute after the usual symptoms were seen."""
    return severity.judge(a_situation(**{"as_of": at("12:02")} | given))


def reason(finding: severity.SeverityFinding, rule: str) -> Reason | None:
    return next((each for each in finding.reasons if each.rule == rule), None)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("SEV1", Severity.SEV1),
        ("critical", Severity.SEV2),
        ("P2", Severity.SEV2),
        ("warning", Severity.SEV3),
        ("info", Severity.SEV4),
    ],
)
def test_the_word_of_the_sender_is_mapped(word: str, expected: Severity) -> None:
    assert severity.judge(a_situation(alerts=[an_alert("orders", severity=word)])).severity is expected


@pytest.mark.parametrize("word", ["purple", "3", None, " "])
def test_a_word_that_is_not_known_is_taken_for_high_and_said(word: str | None) -> None:
    finding = severity.judge(a_situation(alerts=[an_alert("orders", severity=word)]))
    assert finding.severity is Severity.SEV2
    assert finding.verdict is Verdict.INCIDENT
    text = reason(finding, "sent_severity").text
    assert "not a severity we know" in text or "without a severity" in text


def test_customer_facing_errors_are_told_with_value_and_threshold() -> None:
    finding = severity.judge(a_situation(alerts=[an_alert(value=18.0, threshold=5.0, unit="%")]))
    assert finding.reasons[0].text == "customer-facing errors are at 18 % (threshold 5 %)"
    assert finding.severity is Severity.SEV2


def test_most_customer_requests_failing_is_the_worst_severity() -> None:
    assert judged(symptoms=[a_symptom(value=0.61, unit="ratio")]).severity is Severity.SEV1


def test_the_same_errors_where_no_user_meets_them_are_less_severe() -> None:
    assert judged(symptoms=[a_symptom("orders", value=61.0)]).severity is Severity.SEV3


def test_a_service_that_the_catalog_does_not_know_counts_as_facing_users_and_that_is_said() -> None:
    finding = judged(symptoms=[a_symptom(value=61.0)], catalog=Catalog())
    assert finding.severity is Severity.SEV1
    missing = {each.name: each for each in finding.missing_inputs}
    assert missing["customer_facing"].taken_as == "met by users"
    assert "checkout-api" in missing["customer_facing"].text


def test_a_share_of_a_handful_of_requests_is_no_outage_and_came_close() -> None:
    finding = judged(symptoms=[a_symptom(value=40.0, sample_size=5)])
    assert finding.severity is Severity.SEV2
    (near,) = [each for each in finding.near_misses if each.rule == "outage"]
    assert (near.value, near.threshold, near.unit, near.sample_size, near.window_s) == (40, 20, "%", 5, 300)
    assert near.severity is Severity.SEV1
    assert "of 5 only" in near.text


def test_availability_that_falls_tells_the_share_of_errors() -> None:
    low = a_symptom(text="availability_pct", value=82.0, baseline=99.9, threshold=98.9, sample_size=500)
    finding = judged(symptoms=[low])
    assert reason(finding, "errors").text == "customer-facing errors are at 18 % (usually at most 1.1 %)"
    assert finding.severity is Severity.SEV2


def test_the_severity_does_not_fall_at_once_when_the_alert_resolves() -> None:
    alert = an_alert(value=18.0, threshold=5.0, unit="%")
    finding = severity.judge(a_situation(alerts=[alert], resolved_at=at("12:08"), held=Severity.SEV2))
    assert finding.severity is Severity.SEV2
    assert finding.lower_since == at("12:10")
    assert finding.verdict is Verdict.INCIDENT
    assert "were at" in reason(finding, "errors").text


def test_an_error_rate_that_was_worse_before_is_not_told_as_present() -> None:
    finding = severity.judge(a_situation(symptoms=[a_symptom()], as_of=at("13:00")))
    assert "reached (at 12:01 UTC) 18 %" in reason(finding, "errors").text


def test_one_informational_alert_alone_is_noise() -> None:
    assert severity.judge(a_situation(alerts=[an_alert(severity="info")])).verdict is Verdict.NOISE


def test_one_lone_symptom_is_a_candidate() -> None:
    assert severity.judge(a_situation(symptoms=[a_symptom()])).verdict is Verdict.CANDIDATE


def test_symptoms_of_two_services_are_an_incident() -> None:
    finding = severity.judge(a_situation(symptoms=[a_symptom(), a_symptom("payments")]))
    assert finding.verdict is Verdict.INCIDENT


def test_logs_and_spans_of_one_service_are_two_witnesses() -> None:
    finding = severity.judge(a_situation(symptoms=[a_symptom(), a_signature("checkout-api", "boom")]))
    assert finding.verdict is Verdict.INCIDENT


def test_a_critical_alert_over_four_services_is_the_worst_severity() -> None:
    around = [a_signature(each, "boom") for each in ("payments", "orders", "reports")]
    finding = judged(alerts=[an_alert()], symptoms=around)
    assert finding.severity is Severity.SEV1
    assert reason(finding, "blast_radius").value == 4


def test_a_critical_alert_over_four_services_that_are_only_slow_is_not() -> None:
    slow = [
        a_symptom(each, SymptomKind.LATENCY, unit="ms", value=300.0, baseline=40.0, severity="")
        for each in ("payments", "orders", "reports")
    ]
    finding = judged(alerts=[an_alert()], symptoms=slow)
    assert finding.severity is Severity.SEV2


def test_services_that_merely_deviate_do_not_make_it_severe() -> None:
    around = [a_metric(each, "queue_length") for each in ("payments", "orders", "reports")]
    finding = severity.judge(a_situation(alerts=[an_alert("orders", severity="warning")], symptoms=around))
    assert reason(finding, "blast_radius").text.endswith("1 of them with failures")
    assert finding.severity is Severity.SEV3


def test_a_count_of_errors_says_what_is_counted() -> None:
    finding = severity.judge(
        a_situation(
            symptoms=[a_symptom("orders", text="redis_errors", unit="", value=22.4)], as_of=at("12:02")
        )
    )
    assert "errors of orders (redis_errors) are at 22.4" in reason(finding, "errors").text


def test_a_dependency_that_alerts_is_a_reason() -> None:
    finding = severity.judge(a_situation(alerts=[an_alert(), an_alert("payments")]))
    assert reason(finding, "dependency_alerting").text == "the payments dependency is alerting"


def test_a_deployment_shortly_before_is_told_and_does_not_raise_the_severity() -> None:
    alone = severity.judge(a_situation(alerts=[an_alert()]))
    after = severity.judge(a_situation(alerts=[an_alert()], changes=[a_change(timestamp=at("11:36"))]))
    assert reason(after, "recent_change").text == "a deployment finished 34 minutes ago"
    assert after.severity is alone.severity


@pytest.mark.parametrize(
    "change",
    [
        a_change(timestamp=at("12:05")),
        a_change(change_kind=ChangeKind.COMMIT),
        a_change("reports"),
    ],
)
def test_what_came_later_is_not_live_or_lies_elsewhere_is_no_recent_change(change) -> None:
    finding = severity.judge(a_situation(alerts=[an_alert()], changes=[change]))
    assert reason(finding, "recent_change") is None


SYMPTOMS = [
    a_symptom(),
    a_symptom("payments", SymptomKind.LATENCY, unit="ms", value=3200.0, baseline=40.0, threshold=100.0),
    a_metric("payments", "cpu_usage"),
    a_signature("orders", "cannot reach payments"),
    a_symptom("orders", SymptomKind.SURGING_SIGNATURE, severity="info", unit="lines"),
    a_symptom("orders", SymptomKind.ERROR_SHARE, unit="%"),
    a_symptom("orders", SymptomKind.VANISHED_SIGNATURE, severity="unknown", unit="lines"),
]
ALERTS = [
    an_alert(),
    an_alert("payments", name="Slow", severity="info", value=90.0, threshold=10.0),
    an_alert("unlisted", severity="odd"),
]


def some(signals: list) -> st.SearchStrategy[list]:
    return st.lists(st.sampled_from(signals), unique_by=lambda each: each.event_id)


@given(some(SYMPTOMS), some(ALERTS))
def test_whatever_was_seen_every_reason_cites_evidence_that_exists(symptoms, alerts) -> None:
    situation = a_situation(alerts=alerts, symptoms=symptoms, changes=[a_change()])
    finding = severity.judge(situation)
    assert bool(finding.reasons) is bool(symptoms or alerts)
    for each in finding.reasons:
        assert each.evidence
        assert set(each.evidence) <= set(situation.incident.evidence)


@given(st.permutations(SYMPTOMS), st.permutations(ALERTS))
def test_the_order_of_arrival_has_no_influence(symptoms, alerts) -> None:
    shuffled = severity.judge(a_situation(alerts=alerts, symptoms=symptoms))
    assert shuffled == severity.judge(a_situation(alerts=ALERTS, symptoms=SYMPTOMS))


@pytest.mark.parametrize(
    ("sensitive", "value", "least"),
    [("data_exposure", 1.0, 2), ("credential_failure", 40.0, 2), ("credential_failure", 3.0, 4)],
)
def test_exposed_data_and_storms_of_failed_credentials_are_sev2_whoever_notices(
    sensitive: str, value: float, least: int
) -> None:
    told = a_signature("reports", "…", severity="info", sensitive=[sensitive], value=value)
    finding = severity.judge(a_situation(symptoms=[told]))
    assert finding.severity == least
    assert (reason(finding, "sensitive").severity is Severity.SEV2) is (least == 2)


def test_tier_one_is_never_the_least_severity() -> None:
    catalog = Catalog([CatalogEntry(service="checkout-api", owner="a", tier=1, customer_facing=False)])
    finding = judged(symptoms=[a_metric("checkout-api", "cpu")], catalog=catalog)
    assert finding.severity is Severity.SEV3
