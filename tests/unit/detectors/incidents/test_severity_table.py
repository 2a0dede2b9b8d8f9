"""The table is read as its policy says, and tells what came close and what would make it worse."""

from datetime import date
from typing import Any

import msgspec
import pytest

from detectors.incidents.severity import headline
from detectors.incidents.severity import verdict as severity
from detectors.topology import Catalog
from models.calendar import Day, Period, PeriodKind
from models.catalog import CatalogEntry
from models.severity_table import ImpactLevel, UrgencyLevel
from models.signal import Lift, SymptomKind
from models.triage import Reason, Severity
from tests.policy import POLICY
from tests.unit.detectors.incidents.builders import (
    a_metric,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
)


def judged(**given: Any) -> severity.SeverityFinding:
    return severity.judge(a_situation(**{"as_of": at("12:02")} | given))


def serving(**fields: Any) -> Catalog:
    """Give a catalog in which checkout-api has these annotations and fields."""
    annotations = {f"headwater.dev/{name.replace('_', '-')}": str(value) for name, value in fields.items()}
    return Catalog(
        [CatalogEntry(service="checkout-api", owner="a", customer_facing=True, annotations=annotations)]
    )


def told(finding: severity.SeverityFinding) -> dict[str, list[str]]:
    return {each.rule: each.fired for each in finding.reasons}


ERRORS = an_alert(value=18.0, threshold=5.0, unit="%")


def test_the_sentence_says_what_would_raise_it() -> None:
    finding = judged(alerts=[ERRORS])
    (worse,) = finding.raises
    assert worse.severity is Severity.SEV1
    assert worse.text.startswith("SEV1 if errors reach 20 %")
    assert "a second region fails" in worse.text
    assert worse.rules[0] == "outage"


def test_each_rule_that_came_close_has_value_threshold_and_unit() -> None:
    near = {each.rule: each for each in judged(alerts=[ERRORS]).near_misses}
    outage = near["outage"]
    assert (outage.value, outage.threshold, outage.unit, outage.severity) == (18, 20, "%", Severity.SEV1)
    assert outage.evidence
    assert "wide_failure" not in near, "one failing service of four is not close"


def test_a_reason_names_the_rules_that_fired_on_it() -> None:
    fired = told(judged(alerts=[ERRORS]))
    assert "customer_errors" in fired["errors"]
    assert "sent_as_high" in fired["sent_severity"]
    assert "budget_gone_within_a_day" in fired["burn_rate"]


def test_where_nothing_tells_of_urgency_it_is_high_and_that_is_said() -> None:
    slow = a_symptom("checkout-api", SymptomKind.LATENCY, unit="ms", value=4000.0, baseline=40.0, severity="")
    finding = judged(symptoms=[slow])
    assert (finding.impact, finding.urgency) == (ImpactLevel.SIGNIFICANT, UrgencyLevel.HIGH)
    assert {each.name: each.taken_as for each in finding.missing_inputs}["urgency"] == "high"


def test_errors_that_the_objective_allows_are_not_urgent() -> None:
    few = a_symptom(value=6.0, sample_size=500)
    finding = judged(symptoms=[few], catalog=serving(slo_availability=90))
    assert finding.urgency is UrgencyLevel.LOW
    assert finding.severity is Severity.SEV3
    assert judged(symptoms=[few]).severity is Severity.SEV2, "against an objective of 99.9 %"


def test_a_long_window_counts_the_minutes_without_failures() -> None:
    errors = [
        a_symptom(onset_at=at("12:00"), timestamp=at(f"12:0{minute}"), value=20.0, event_id=f"s{minute}")
        for minute in range(1, 7)
    ]
    finding = severity.judge(a_situation(symptoms=errors, as_of=at("12:06")))
    near = {each.rule: each for each in finding.near_misses}
    assert "fast_burn" in told(finding)["burn_rate"], "6 minutes of 20 % are 2 % of an hour: 20 times 0.1 %"
    assert "slow_burn" not in near, "6 minutes of 20 % in 6 hours are 3.3 times, little more than half of 6"


@pytest.mark.parametrize("duty", ["patient-safety", "regulated-trading"])
def test_a_duty_is_a_floor_for_whatever_fails(duty: str) -> None:
    lines = a_signature("checkout-api", "boom")
    assert judged(symptoms=[lines], catalog=serving()).severity is Severity.SEV3
    finding = judged(symptoms=[lines], catalog=serving(compliance=duty))
    assert finding.severity is Severity.SEV2
    assert any(each.rule == "compliance" for each in finding.reasons)


def test_a_business_counter_that_falls_is_an_impact_of_its_own() -> None:
    orders = a_metric("orders", "orders_per_minute", value=12.0, baseline=40.0, score=-12.0)
    finding = judged(symptoms=[orders])
    assert finding.severity is Severity.SEV2
    text = next(each.text for each in finding.reasons if each.rule == "transactions")
    assert text == "orders_per_minute of orders is at 12 %, 70 % below its usual 40 %"


def test_what_fills_up_soon_is_urgent_and_says_when_it_is_full() -> None:
    disk = [
        a_metric("orders", "disk.used_pct", onset_at=at("12:00"), timestamp=at(minute), value=value,
                 event_id=minute, score=value)
        for minute, value in (("12:01", 80.0), ("12:02", 84.0))
    ]  # fmt: skip
    finding = judged(symptoms=disk)
    assert finding.urgency is UrgencyLevel.HIGH
    text = next(each.text for each in finding.reasons if each.rule == "saturation")
    assert text == "disk.used_pct of orders is at 84 %, and full at 12:06 UTC if it goes on"


def test_a_busy_cpu_has_no_time_left_to_tell() -> None:
    cpu = [
        a_metric("orders", "cpu.usage_pct", onset_at=at("12:00"), timestamp=at(minute), value=value,
                 event_id=minute, score=value)
        for minute, value in (("12:01", 80.0), ("12:02", 84.0))
    ]  # fmt: skip
    text = next(each.text for each in judged(symptoms=cpu).reasons if each.rule == "saturation")
    assert "full" not in text


def one_tenant(value: str = "acme", count: int = 58, of: int = 60) -> Any:
    lift = Lift(dimension="tenant", value=value, count=count, of=of, usual_share=0.04, lift=24.0)
    spread = {"tenant": {value: count}}
    return a_signature("checkout-api", "boom", value=float(of), lift=lift, concentration=spread)


def test_one_tenant_alone_counts_one_level_lower_and_is_told() -> None:
    everybody = judged(alerts=[ERRORS], symptoms=[a_signature("checkout-api", "boom")])
    alone = judged(alerts=[ERRORS], symptoms=[one_tenant()])
    assert (everybody.severity, alone.severity) == (Severity.SEV2, Severity.SEV3)
    text = next(each.text for each in alone.reasons if each.rule == "impact_alone")
    assert text == "it hits only tenant acme (100 % of the failing lines, usually 4 % of all)"


def test_a_key_tenant_alone_counts_as_many() -> None:
    policy = msgspec.structs.replace(POLICY, key_tenants=["acme"])
    assert judged(alerts=[ERRORS], symptoms=[one_tenant()], policy=policy).severity is Severity.SEV2


def test_one_tenant_is_not_alone_while_another_service_fails_and_does_not_say_for_whom() -> None:
    finding = judged(alerts=[ERRORS, an_alert("orders")], symptoms=[one_tenant()])
    assert finding.severity is Severity.SEV2


def test_a_second_region_is_extensive() -> None:
    alerts = [
        an_alert(value=18.0, threshold=5.0, unit="%", event_id=region, name=f"Errors {region}",
                 labels={"region": region})
        for region in ("eu-west-1", "us-east-1")
    ]  # fmt: skip
    finding = judged(alerts=alerts)
    assert finding.severity is Severity.SEV1
    assert any("second_region" in each.fired for each in finding.reasons)


EVENING = Period(
    name="the evening peak", kind=PeriodKind.PEAK, timezone="Europe/Berlin", begins="13:30", ends="15:00"
)


def test_a_peak_makes_it_urgent_and_is_told() -> None:
    few = a_symptom(value=6.0, sample_size=500)
    policy = msgspec.structs.replace(POLICY, calendar=[EVENING])
    finding = judged(symptoms=[few], catalog=serving(slo_availability=90), policy=policy)
    assert finding.urgency is UrgencyLevel.HIGH, "12:02 UTC is 14:02 in Berlin in June"
    text = next(each.text for each in finding.reasons if each.rule == "calendar")
    assert text == "it is the evening peak (until 15:00, Europe/Berlin)"


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-01-12T14:29+00:00", False),
        ("2026-01-12T14:30+00:00", True),
        ("2026-07-13T13:30+00:00", True),
        ("2026-07-13T20:00+00:00", False),
        ("2026-07-11T15:00+00:00", False),
        ("2026-07-03T15:00+00:00", False),
    ],
)
def test_market_hours_follow_summer_time_weekends_and_holidays(moment: str, holds: bool) -> None:
    market = Period(
        name="New York", kind=PeriodKind.MARKET_HOURS, timezone="America/New_York",
        days=list(Day)[:5], begins="09:30", ends="16:00", closed_on=[date(2026, 7, 3)],
    )  # fmt: skip
    assert market.holds(at("12:00").fromisoformat(moment)) is holds


def test_a_period_that_ends_before_it_begins_ends_on_the_next_day() -> None:
    night = Period(name="night", kind=PeriodKind.PEAK, days=[Day.TUE], begins="22:00", ends="02:00")
    held = [hour for hour in range(24) if night.holds(at(f"{hour:02}:00"))]
    assert held == [22, 23], "23 June 2026 is a Tuesday"
    assert night.holds(at("12:00").fromisoformat("2026-06-24T01:59+00:00"))


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({"evidence": []}, "evidence"),
        ({"value": None}, "a number with its unit"),
        ({"unit": None}, "a number with its unit"),
        ({"since_at": None}, "the time since when"),
    ],
)
def test_a_reason_that_cannot_be_checked_is_refused(fields: dict[str, Any], lacks: str) -> None:
    whole = Reason(rule="a", text="b", value=1.0, unit="%", since_at=at("12:00"), evidence=["e"])
    headline.check_reason(whole)
    with pytest.raises(ValueError, match=lacks):
        headline.check_reason(msgspec.structs.replace(whole, **fields))
