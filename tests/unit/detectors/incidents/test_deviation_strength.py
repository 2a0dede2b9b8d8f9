"""How strongly a service fails counts only what began with the incident, on one scale."""

from detectors.incidents.cause import deviation_strength
from tests.unit.detectors.incidents.builders import a_metric, a_situation, an_alert, at


def test_a_jump_of_cpu_that_began_with_the_incident_counts_as_a_resource() -> None:
    cpu = a_metric("payments", "container_cpu_usage", onset_at=at("11:58"))
    incident = a_situation(alerts=[an_alert()], symptoms=[cpu]).incident
    found = deviation_strength.of_resource(incident, "payments")
    assert found is not None
    assert found.symptom == cpu
    assert deviation_strength.of_failure(incident, "payments") is None


def test_what_was_abnormal_long_before_the_alert_is_no_part_of_the_incident() -> None:
    cpu = a_metric("payments", "container_cpu_usage", onset_at=at("11:30"))
    incident = a_situation(alerts=[an_alert()], symptoms=[cpu]).incident
    assert deviation_strength.of_resource(incident, "payments") is None


def test_what_the_machine_uses_is_no_fault_of_the_service_on_it() -> None:
    cpu = a_metric("payments", "node.cpu.utilization_pct", onset_at=at("11:58"))
    incident = a_situation(alerts=[an_alert()], symptoms=[cpu]).incident
    assert deviation_strength.of_resource(incident, "payments") is None
