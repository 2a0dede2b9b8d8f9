from models import topic
from models.event import FeedbackAction
from models.incident import IncidentStatus
from models.record import encode
from models.triage import Severity
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_metric,
    a_signature,
    a_symptom,
    an_alert,
    at,
    feedback,
)
from tests.unit.detectors.incidents.scope import Scope


def an_outage() -> Scope:
    """Give a scope with one incident from its first symptom to its closing."""
    scope = Scope()
    scope.told(
        a_change(timestamp=at("11:56"), event_id="deploy-v42"),
        a_metric("payments", "cpu_pct", onset_at=at("11:58")),
        an_alert(timestamp=at("12:00"), value=18.0, threshold=5.0, unit="%"),
        a_signature("checkout-api", "connection refused", onset_at=at("11:58:30")),
        an_alert("payments", timestamp=at("12:03")),
        a_symptom("orders", onset_at=at("12:04")),
        feedback(FeedbackAction.ACKNOWLEDGE, timestamp=at("12:06")),
        feedback(FeedbackAction.MITIGATE, timestamp=at("12:15")),
        feedback(FeedbackAction.RESOLVE, timestamp=at("12:20")),
    )
    scope.passes(at("13:00"))
    return scope


def test_everything_that_is_cited_was_told_as_evidence_before_it() -> None:
    known: set[str] = set()
    for each in an_outage().sent:
        value = each.value
        if each.topic == topic.EVIDENCE:
            known.add(value.evidence_id)  # type: ignore[attr-defined]
        elif each.topic == topic.TRIAGE:
            assert all(reason.evidence for reason in value.reasons)  # type: ignore[attr-defined]
            assert {cited for reason in value.reasons for cited in reason.evidence} <= known  # type: ignore[attr-defined]
        elif each.topic == topic.CAUSES:
            arguments = [a for c in value.candidates for a in (*c.supporting, *c.contradicting)]  # type: ignore[attr-defined]
            assert all(argument.evidence for argument in arguments)
            assert {cited for argument in arguments for cited in argument.evidence} <= known
        elif each.topic == topic.TIMELINE:
            assert {entry.evidence_id for entry in value.entries} <= known  # type: ignore[attr-defined]
        elif each.topic == topic.POSTMORTEMS:
            assert {evidence.evidence_id for evidence in value.evidence} <= known  # type: ignore[attr-defined]


def test_evidence_is_told_once() -> None:
    ids = [each.evidence_id for each in an_outage().values(topic.EVIDENCE)]
    assert len(ids) == len(set(ids))


def test_every_output_goes_under_the_id_of_its_incident() -> None:
    scope = an_outage()
    (incident,) = scope.incidents()
    assert {each.key for each in scope.sent} == {incident.incident_id}
    assert {each.value.incident_id for each in scope.sent} == {incident.incident_id}  # type: ignore[attr-defined]


def test_triage_and_causes_come_only_when_they_say_something_new_and_count_their_versions() -> None:
    scope = an_outage()
    for name in (topic.TRIAGE, topic.CAUSES):
        told = scope.values(name)
        assert [each.version for each in told] == list(range(1, len(told) + 1))
        assert len({encode(each) for each in told}) == len(told)


def test_each_version_says_what_differs_from_the_one_before() -> None:
    first, *later = an_outage().values(topic.TRIAGE)
    assert first.previous == []
    before = first
    for triage in later:
        for difference in triage.previous:
            if difference.field == "severity":
                assert (difference.before, difference.after) == (before.severity.name, triage.severity.name)
            if difference.field == "status":
                assert (difference.before, difference.after) == (before.status, triage.status)
        assert ("status" in {each.field for each in triage.previous}) == (before.status != triage.status)
        before = triage


def test_the_last_triage_has_the_last_status() -> None:
    assert an_outage().values(topic.TRIAGE)[-1].status == IncidentStatus.CLOSED


def test_the_incident_says_what_its_triage_says() -> None:
    scope = an_outage()
    incident, triage = scope.incidents()[0], scope.values(topic.TRIAGE)[-1]
    assert (incident.severity, incident.headline, incident.owner) == (
        triage.severity, triage.headline, triage.owner.owner,
    )  # fmt: skip
    assert incident.services == triage.blast_radius


def test_the_timeline_is_in_the_order_of_what_happened_and_ends_complete() -> None:
    timeline = an_outage().values(topic.TIMELINE)[-1]
    moments = [each.occurred_at for each in timeline.entries]
    assert moments == sorted(moments)
    anchors = timeline.anchors
    assert anchors.first_symptom_at == at("11:58")
    assert anchors.first_alert_at == at("12:00")
    assert anchors.first_human_action_at == at("12:06")
    assert anchors.mitigated_at == at("12:15")
    assert anchors.recovered_at == at("12:20")


def test_the_service_that_customers_face_is_named_even_when_another_alerted_first() -> None:
    scope = Scope()
    scope.told(an_alert("payments", timestamp=at("12:00")), an_alert("checkout-api", timestamp=at("12:01")))
    scope.passes(at("12:02"))
    assert scope.incidents()[0].service == "checkout-api"


def test_the_draft_keeps_the_worst_severity_of_the_incident() -> None:
    scope = an_outage()
    worst = min(each.severity for each in scope.values(topic.TRIAGE))
    assert scope.values(topic.POSTMORTEMS)[-1].triage.severity == worst


def test_nothing_that_was_told_is_changed_later() -> None:
    scope = Scope()
    sent = scope.told(an_alert(timestamp=at("12:00")))
    written = [encode(each.value) for each in sent]
    scope.told(an_alert("payments", timestamp=at("12:01")), a_symptom("orders", onset_at=at("12:02")))
    scope.passes(at("20:00"))
    assert [encode(each.value) for each in sent] == written


def test_an_unknown_service_has_an_incident_too() -> None:
    scope = Scope()
    scope.told(an_alert("mystery", timestamp=at("12:00"), severity=None))
    assert scope.incidents()[0].severity in set(Severity)
    assert scope.incidents()[0].owner
