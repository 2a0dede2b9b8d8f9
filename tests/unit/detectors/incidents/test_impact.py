"""Whom an incident hits and what it costs: each figure with its range and where it comes from."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.incidents.impact import business, scope
from detectors.incidents.severity import failure_count
from detectors.incidents.state import SymptomTrack
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.event import FeedbackAction
from models.impact import Basis, Figure
from models.signal import Lift
from tests.unit.detectors.incidents.builders import (
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
    feedback,
)

MONEY = {
    "headwater.dev/revenue-per-minute": "1000 EUR",
    "headwater.dev/transactions-per-minute": "300",
    "headwater.dev/sla-availability": "99.9",
    "headwater.dev/sla-credit": "5000 EUR",
}


def shop(annotations: dict[str, str] | None = None, *, facing: bool | None = True) -> Catalog:
    entry = CatalogEntry(
        service="checkout-api", owner="a", customer_facing=facing, annotations=annotations or {}
    )
    return Catalog([entry, CatalogEntry(service="orders", owner="b", customer_facing=False)])


def figures(**given: Any) -> dict[str, Figure]:
    found = business.find(a_situation(**{"as_of": at("12:10"), "catalog": shop(MONEY)} | given))
    return {} if found is None else {each.name: each for each in found.figures}


FIVE_MINUTES = [
    a_symptom(onset_at=at("12:00"), timestamp=at(f"12:0{minute}"), value=20.0, sample_size=50, window_s=10.0,
              event_id=f"s{minute}")
    for minute in range(1, 6)
]  # fmt: skip


def test_minutes_with_failures_are_measured_at_a_service_that_faces_customers() -> None:
    minutes = figures(symptoms=FIVE_MINUTES)["customer_impacting_minutes"]
    assert (minutes.low, minutes.value, minutes.high) == (5, 10, 10)
    assert minutes.basis is Basis.MEASURED
    assert minutes.evidence
    unsaid = figures(symptoms=FIVE_MINUTES, catalog=shop(facing=None))["customer_impacting_minutes"]
    assert unsaid.basis is Basis.ESTIMATED


def test_failing_requests_are_scaled_from_those_that_were_counted_and_say_so() -> None:
    failing = figures(symptoms=FIVE_MINUTES, catalog=shop())["failing_transactions"]
    assert (failing.low, failing.value) == (50, 300), "10 in each of five buckets of 10 s, one a minute"
    assert failing.basis is Basis.ESTIMATED
    assert "scaled from 50 that were counted" in failing.text


def test_revenue_at_risk_is_the_share_of_failing_requests_with_its_interval() -> None:
    risk = figures(symptoms=FIVE_MINUTES)["revenue_at_risk_per_minute"]
    assert risk.value == pytest.approx(200)
    assert 150 < risk.low < risk.value < risk.high < 260, "Wilson, 50 of 250"
    assert risk.unit == "EUR per minute"
    assert risk.basis is Basis.ESTIMATED


def test_a_credit_is_due_only_once_the_month_is_used_up() -> None:
    early = figures(symptoms=FIVE_MINUTES)["sla_credit"]
    assert (early.low, early.value, early.high) == (0, 0, 5000), "earlier outages of the month are not known"
    alert = an_alert(value=60.0, threshold=5.0, unit="%")
    late = figures(alerts=[alert], as_of=at("14:00"))["sla_credit"]
    assert (late.low, late.value, late.high) == (5000, 5000, 5000), "72 of 43.2 minutes"


def test_time_of_responders_counts_each_once_and_names_nobody() -> None:
    said = [
        feedback(FeedbackAction.ACKNOWLEDGE, actor="kim.lee", timestamp=at("12:02")),
        feedback(FeedbackAction.NOTE, actor="kim.lee", timestamp=at("12:06"), text="looking"),
        feedback(FeedbackAction.NOTE, actor="jo", timestamp=at("12:05"), text="here", event_id="jo"),
    ]
    found = figures(symptoms=FIVE_MINUTES, said=said)["responder_minutes"]
    assert (found.low, found.high) == (4, 13)
    assert "2 responders" in found.text
    assert "kim" not in found.text


def test_what_no_user_meets_has_no_business_impact() -> None:
    assert figures(symptoms=[a_symptom("orders")]) == {}


def test_what_the_catalog_does_not_value_is_named() -> None:
    found = business.find(a_situation(symptoms=FIVE_MINUTES, as_of=at("12:05"), catalog=shop()))
    assert found is not None
    assert any("headwater.dev/revenue-per-minute of checkout-api" in each for each in found.missing)


def concentrating(service: str, value: str, count: int, of: int = 60, **fields: Any) -> Any:
    lift = Lift(dimension="tenant", value=value, count=count, of=of, usual_share=0.04, lift=20.0)
    spread = {"tenant": {value: count, **fields.pop("others", {})}}
    return a_signature(service, f"boom {value}", value=float(of), lift=lift, concentration=spread)


def found_scope(**given: Any) -> Any:
    return scope.find(a_situation(**{"as_of": at("12:02")} | given))


def test_nothing_is_said_of_whom_it_hits_where_nothing_tells() -> None:
    assert found_scope(alerts=[an_alert()]) is None


def test_one_tenant_alone_has_evidence_share_and_lift() -> None:
    found = found_scope(symptoms=[concentrating("checkout-api", "acme", 58)])
    (hit,) = found.hits
    assert (found.single_tenant, hit.share, hit.usual_share, hit.lift) == ("acme", 1.0, 0.04, 25.0)
    assert hit.evidence
    assert found.unknown == ["region", "version", "host", "path"]


@pytest.mark.parametrize(
    "signals",
    [
        [concentrating("checkout-api", "acme", 40, others={"bobco": 20})],
        [concentrating("checkout-api", "acme", 58), concentrating("orders", "bobco", 58)],
        [concentrating("checkout-api", "acme", 58), a_signature("orders", "boom")],
        [a_signature("checkout-api", "boom", value=60.0, concentration={"tenant": {"acme": 60}})],
    ],
    ids=["another has a third", "another elsewhere", "a service that does not say", "no lift: all there is"],
)
def test_one_tenant_is_not_alone_without_evidence_of_all(signals: list[Any]) -> None:
    assert found_scope(symptoms=signals).single_tenant is None


def test_the_label_of_an_alert_does_not_say_that_nobody_else_is_hit() -> None:
    here = an_alert(labels={"region": "eu-west-1"})
    found = found_scope(alerts=[here])
    assert (found.single_region, found.text) == (None, "it hits region eu-west-1")
    there = an_alert(name="Other", event_id="b", labels={"region": "us-east-1"})
    assert found_scope(alerts=[here, there]).single_region is None


def test_operations_that_fail_are_the_paths_that_are_hit() -> None:
    found = found_scope(symptoms=[a_symptom(subject="POST /pay", text="POST /pay errors")])
    assert [(each.dimension, each.value) for each in found.hits] == [("path", "POST /pay")]


SIGHTINGS = [
    a_symptom(timestamp=at(f"{12 + minute // 60}:{minute % 60:02}"), value=float(1 + minute % 37),
              sample_size=7 + minute % 11, event_id=f"x{minute}")
    for minute in range(0, 50, 3)
]  # fmt: skip


def counted(sightings: list[Any]) -> failure_count.Failures:
    track = SymptomTrack(first=SIGHTINGS[0], worst=SIGHTINGS[0], latest=SIGHTINGS[0])
    for each in sightings:
        failure_count.note(track, each)
    window = at("12:50") - at("12:00")
    return failure_count.within([track], window, at("12:50"))


@given(st.permutations(SIGHTINGS))
def test_failures_are_counted_the_same_in_any_order_of_arrival(shuffled: list[Any]) -> None:
    assert counted(shuffled) == counted(SIGHTINGS)


def test_a_day_of_failures_keeps_a_bounded_number_of_counts() -> None:
    first = a_symptom(timestamp=at("00:00"), event_id="x")
    track = SymptomTrack(first=first, worst=first, latest=first)
    for minute in range(24 * 60):
        moment = at(f"{minute // 60:02}:{minute % 60:02}")
        failure_count.note(track, a_symptom(timestamp=moment, value=20.0, event_id=f"x{minute}"))
    assert len(track.failures) < 50
    day = failure_count.within([track], at("23:59") - at("18:00"), at("23:59"))
    assert day.share == pytest.approx(0.2)
    assert day.share_of_window == pytest.approx(0.2, rel=0.1)


def test_a_metric_of_points_tells_a_share_and_counts_no_requests() -> None:
    points = msgspec.structs.replace(
        SIGHTINGS[0], statistic="robust z-score (median, MAD)", sample_size=1, value=18.0
    )
    track = SymptomTrack(first=points, worst=points, latest=points)
    failure_count.note(track, points)
    found = failure_count.within([track], at("12:05") - at("12:00"), at("12:01"))
    assert (found.share, found.requests) == (0.18, 0)
