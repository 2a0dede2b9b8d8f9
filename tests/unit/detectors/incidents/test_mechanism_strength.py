"""What shows how a service fails is put on one scale, and what follows from it counts less."""

from detectors.incidents.cause import fault_suspect, mechanism_strength
from detectors.incidents.cause.policy import FAULT
from models import topic
from models.cause import Candidate, CauseClass
from models.signal import Symptom, SymptomKind
from tests.unit.detectors.incidents.builders import a_metric, a_situation, a_symptom, an_alert, at


def a_break(
    service: str, *, share: float = 0.0, requests: int = 60, peer: str = "", **fields: object
) -> Symptom:
    """Give a broken flow: the share (%) of requests that still have what nearly all had."""
    told = {"text": "the line “done” is missing", "subject": "GET /", "severity": "unknown"} | fields
    return a_symptom(
        service, SymptomKind.FLOW_BREAK, value=share, baseline=95.0, sample_size=requests, peer=peer,
        score=(2 * requests * 0.5) ** 0.5, **told,
    )  # fmt: skip


def a_gap(caller: str, callee: str, *, ms: float = 900.0, calls: int = 8) -> Symptom:
    return a_symptom(
        caller, SymptomKind.NETWORK_GAP, subject=f"calls of {callee}", text="time between", peer=callee,
        value=ms, baseline=4.0, unit="ms", sample_size=calls, score=(2 * calls * 3.0) ** 0.5,
        severity="unknown",
    )  # fmt: skip


def used(service: str, percent: float) -> Symptom:
    return a_metric(service, "container.cpu.utilization_pct", value=percent, baseline=percent / 5, unit="%")


def suspects(*symptoms: Symptom) -> dict[str, Candidate]:
    found = fault_suspect.of_situation(a_situation(alerts=[an_alert()], symptoms=list(symptoms)))
    return {each.candidate.service: each.candidate for each in found}


def points(candidate: Candidate, name: str) -> float:
    return sum(each.points for each in candidate.parts if each.name == name)


def test_a_resource_counts_by_how_far_it_is_used_up_not_by_how_often_it_doubled() -> None:
    incident = a_situation(
        alerts=[an_alert()], symptoms=[used("payments", 95.0), used("search", 5.0)]
    ).incident
    full, idle = (mechanism_strength.of_resource(incident, each) for each in ("payments", "search"))
    assert full is not None
    assert full.amount == 1.0
    assert idle is None


def test_throttling_counts_by_its_rise_and_not_as_a_share_of_a_limit() -> None:
    symptoms = [
        a_metric("payments", "container.cpu.throttled_pct", value=30.0, baseline=1.0, unit="%"),
        a_metric("search", "container.cpu.throttled_pct", value=60.0, baseline=55.0, unit="%"),
    ]
    incident = a_situation(alerts=[an_alert()], symptoms=symptoms).incident
    risen, always = (mechanism_strength.of_resource(incident, each) for each in ("payments", "search"))
    assert risen is not None
    assert risen.amount == 1.0
    assert always is not None
    assert always.amount == 0.2


def test_an_amount_says_nothing_where_the_share_of_the_limit_is_told() -> None:
    amount = a_metric("search", "container.cpu.usage_millicores", value=80.0, baseline=2.0, unit="")
    incident = a_situation(alerts=[an_alert()], symptoms=[amount, used("search", 5.0)]).incident
    assert mechanism_strength.of_resource(incident, "search") is None


def test_a_handful_of_requests_proves_less_than_many() -> None:
    few, many = (mechanism_strength.broken_share(a_break("payments", requests=each)) for each in (4, 60))
    assert few < 0.4
    assert many > 0.8


def test_a_gap_is_held_against_the_service_that_is_called() -> None:
    found = suspects(a_gap("checkout-api", "payments"))
    assert points(found["payments"], "network_gap") > 5
    assert found["payments"].cause_class is CauseClass.NETWORK


def test_where_every_call_of_a_caller_takes_longer_the_way_is_slow_at_the_caller() -> None:
    found = suspects(a_gap("checkout-api", "payments"), a_gap("checkout-api", "inventory"))
    assert points(found["checkout-api"], "network_gap") > 5
    assert "payments" not in found or points(found["payments"], "network_gap") == 0


def test_a_starved_service_that_answers_late_is_short_of_capacity_not_of_network() -> None:
    found = suspects(used("payments", 100.0), a_gap("checkout-api", "payments"))
    assert found["payments"].cause_class is CauseClass.CAPACITY


def test_the_broken_flow_of_a_caller_counts_less_than_that_of_the_service_behind_it() -> None:
    found = suspects(a_break("checkout-api", requests=20), a_break("payments", requests=60))
    assert points(found["payments"], "flow_break") > 2 * points(found["checkout-api"], "flow_break")


def test_a_faint_break_behind_a_clear_one_takes_nothing_from_it() -> None:
    alone = points(suspects(a_break("checkout-api"))["checkout-api"], "flow_break")
    found = suspects(a_break("checkout-api"), a_break("payments", share=60.0, requests=12))
    assert points(found["checkout-api"], "flow_break") == alone


def test_a_break_that_was_over_before_the_alert_is_no_evidence() -> None:
    over = a_break("payments", onset_at=at("11:50"), timestamp=at("11:53"))
    incident = a_situation(alerts=[an_alert()], symptoms=[over]).incident
    assert mechanism_strength.of_flow(incident, "payments") is None


def test_two_callers_that_give_up_after_the_same_service_speak_against_it_and_one_does_not() -> None:
    one = [a_break("checkout-api", peer="payments")]
    two = [*one, a_break("web", peer="payments")]
    alone, both = (a_situation(alerts=[an_alert()], symptoms=each).incident for each in (one, two))
    assert mechanism_strength.of_given_up(alone, "payments") == []
    assert len(mechanism_strength.of_given_up(both, "payments")) == 2


def test_slowness_of_a_callee_explains_errors_of_its_caller_only_half() -> None:
    own = a_symptom(value=40.0, baseline=0.0)
    slow = a_symptom(
        "payments", SymptomKind.LATENCY, value=6_400.0, baseline=100.0, unit="ms", severity="unknown"
    )
    failing = a_symptom("payments", value=40.0, baseline=0.0)
    by_slow, by_failing = (
        points(suspects(own, each)["checkout-api"], "callee_affected") for each in (slow, failing)
    )
    assert by_failing < by_slow < 0


def memory(service: str, percent: float) -> Symptom:
    return a_metric(
        service, "container.memory.utilization_pct", value=percent, baseline=percent / 4, unit="%", sources=[]
    )


def slow(service: str, **fields: object) -> Symptom:
    told = {"subject": "GET /", "value": 900.0, "baseline": 90.0, "unit": "ms"} | fields
    return a_symptom(service, SymptomKind.LATENCY, sources=[f"{topic.SPAN_BUCKETS}/{service}"], **told)


def test_full_memory_that_nobody_feels_is_weaker_evidence_than_time_lost_on_the_way() -> None:
    found = suspects(memory("payments", 97.0), a_gap("checkout-api", "orders"), slow("checkout-api"))
    assert points(found["payments"], "mechanism") < points(found["orders"], "network_gap")
    felt = suspects(memory("payments", 97.0), slow("payments"), slow("checkout-api"))
    assert points(felt["payments"], "mechanism") == 2 * points(found["payments"], "mechanism")


def test_where_no_request_is_measured_full_memory_counts_in_full() -> None:
    assert points(suspects(memory("payments", 97.0))["payments"], "mechanism") == FAULT.mechanism


def test_a_rise_of_the_cpu_takes_the_gap_before_it_on() -> None:
    found = suspects(used("payments", 40.0), a_gap("checkout-api", "payments"))["payments"]
    assert points(found, "network_gap") > points(found, "mechanism")
    assert found.cause_class is CauseClass.CAPACITY


def test_two_callers_that_give_up_say_more_than_a_resource_that_is_far_from_used_up() -> None:
    given_up = [a_break(each, peer="payments") for each in ("checkout-api", "orders")]
    found = suspects(used("payments", 30.0), *given_up)["payments"]
    assert found.cause_class is not CauseClass.CAPACITY


def test_memory_that_had_grown_long_before_names_no_mechanism() -> None:
    old = a_metric("payments", "memory.usage_mib", onset_at=at("11:40"), timestamp=at("11:41"), unit="MiB")
    found = suspects(old, slow("payments"))["payments"]
    assert points(found, "mechanism") == 0
