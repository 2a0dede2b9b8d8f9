"""How strongly a service fails counts only what began with the incident, on one scale."""

from detectors.incidents.cause import failure_strength, mechanism_strength
from tests.unit.detectors.incidents.builders import a_metric, a_situation, a_symptom, an_alert, at


def test_a_jump_of_cpu_that_began_with_the_incident_counts_as_a_resource() -> None:
    cpu = a_metric("payments", "container_cpu_usage", onset_at=at("11:58"))
    incident = a_situation(alerts=[an_alert()], symptoms=[cpu]).incident
    found = mechanism_strength.of_resource(incident, "payments")
    assert found is not None
    assert found.symptom == cpu
    assert failure_strength.of_failure(incident, "payments") is None


def test_what_was_abnormal_long_before_the_alert_is_no_part_of_the_incident() -> None:
    cpu = a_metric("payments", "container_cpu_usage", onset_at=at("11:30"))
    incident = a_situation(alerts=[an_alert()], symptoms=[cpu]).incident
    assert mechanism_strength.of_resource(incident, "payments") is None


def test_what_the_machine_uses_is_no_fault_of_the_service_on_it() -> None:
    cpu = a_metric("payments", "node.cpu.utilization_pct", onset_at=at("11:58"))
    incident = a_situation(alerts=[an_alert()], symptoms=[cpu]).incident
    assert mechanism_strength.of_resource(incident, "payments") is None


def test_where_many_requests_fail_outweighs_where_few_do_at_a_higher_share() -> None:
    many = a_symptom("payments", value=8.0, baseline=0.0, sample_size=600, onset_at=at("11:59"))
    few = a_symptom("search", value=35.0, baseline=0.0, sample_size=40, onset_at=at("11:59"))
    carried = failure_strength.excess(a_situation(alerts=[an_alert()], symptoms=[few, many]))
    assert carried["payments"].amount == 1
    assert carried["search"].amount < 0.5


def test_where_only_what_people_see_fails_nothing_is_narrowed_down() -> None:
    own = a_symptom(onset_at=at("11:59"))
    assert failure_strength.excess(a_situation(alerts=[an_alert()], symptoms=[own])) == {}
