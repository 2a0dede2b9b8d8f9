from collections.abc import Callable
from datetime import timedelta

import pytest

from detectors.incidents import blast_radius
from detectors.incidents.state import evidence_id
from models import topic
from models.event import Alert, AlertStatus, ChangeKind, FeedbackAction
from models.incident import IncidentStatus
from models.signal import SymptomKind
from models.triage import Verdict
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

OPEN, MITIGATED = IncidentStatus.OPEN, IncidentStatus.MITIGATED
RESOLVED, CLOSED = IncidentStatus.RESOLVED, IncidentStatus.CLOSED
FIRING = AlertStatus.FIRING


def firing(time: str, service: str = "checkout-api", **fields: object) -> Alert:
    return an_alert(service, timestamp=at(time), event_id=f"firing-{service}-{time}", **fields)


def resolved(time: str, service: str = "checkout-api", **fields: object) -> Alert:
    return an_alert(
        service,
        timestamp=at(time),
        event_id=f"resolved-{service}-{time}",
        status=AlertStatus.RESOLVED,
        **fields,
    )


def an_open_incident() -> Scope:
    scope = Scope()
    scope.told(firing("12:00"))
    return scope


def a_resolved_incident() -> Scope:
    scope = an_open_incident()
    scope.told(resolved("12:05"))
    scope.passes(at("12:08"))
    return scope


def a_closed_incident() -> Scope:
    scope = a_resolved_incident()
    scope.passes(at("12:40"))
    return scope


def test_an_alert_opens_an_incident_at_its_own_time() -> None:
    scope = Scope()
    assert scope.told(firing("12:00"))
    (incident,) = scope.incidents()
    assert (incident.status, incident.opened_at, incident.as_of) == (OPEN, at("12:00"), at("12:00"))
    assert (incident.service, incident.alerts, incident.verdict) == ("checkout-api", 1, Verdict.CANDIDATE)


def test_the_first_word_about_an_incident_is_complete() -> None:
    sent = Scope().told(firing("12:00"))
    topics = [each.topic for each in sent]
    assert set(topics) == {
        topic.EVIDENCE,
        topic.CAUSES,
        topic.TRIAGE,
        topic.ROUTING,
        topic.TIMELINE,
        topic.INCIDENTS,
    }
    assert topics[0] == topic.EVIDENCE


def test_another_alert_of_the_scope_joins_the_open_incident() -> None:
    scope = an_open_incident()
    scope.told(firing("12:01", "payments"))
    assert len(scope.incident.alerts) == 2


def test_what_changes_within_ten_seconds_is_published_together() -> None:
    scope = an_open_incident()
    assert scope.values(topic.INCIDENTS, scope.told(firing("12:01", "payments"))) == []
    assert scope.values(topic.INCIDENTS, scope.told(firing("12:01:05", "orders"))) == []
    (published,) = scope.values(topic.INCIDENTS, scope.passes(at("12:02")))
    assert (published.as_of, published.services) == (at("12:01:10"), ["checkout-api", "orders", "payments"])


def test_the_same_alert_again_is_counted_and_not_told() -> None:
    scope = an_open_incident()
    scope.passes(at("12:03"))
    assert scope.told(*[firing(f"12:0{minute}") for minute in range(1, 9)]) == []
    assert scope.incident.alerts.popitem()[1].repeats == 8


def test_an_alert_with_another_value_is_told_again() -> None:
    scope = Scope()
    scope.told(firing("12:00", value=18.0, threshold=5.0, unit="%"))
    scope.told(firing("12:01", value=60.0, threshold=5.0, unit="%"))
    (triage,) = scope.values(topic.TRIAGE, scope.passes(at("12:02")))
    assert triage.version == 2


def test_all_alerts_resolved_and_calm_resolves_the_incident_as_of_the_resolution() -> None:
    scope = an_open_incident()
    scope.told(resolved("12:05"))
    assert scope.incident.status is OPEN
    scope.passes(at("12:07:01"))
    assert scope.incident.status is RESOLVED
    assert scope.incidents()[0].resolved_at == at("12:05")


def test_one_alert_that_still_fires_keeps_the_incident_open() -> None:
    scope = an_open_incident()
    scope.told(firing("12:01", "payments"), resolved("12:05"))
    scope.passes(at("14:00"))
    assert scope.incident.status is OPEN


def test_a_flap_within_the_calm_is_no_end() -> None:
    scope = an_open_incident()
    scope.told(resolved("12:05"), firing("12:06"), resolved("12:06:30"), firing("12:08"))
    scope.passes(at("12:30"))
    assert scope.statuses() == [OPEN]


def test_a_symptom_after_the_resolution_of_the_alerts_puts_the_end_off() -> None:
    scope = an_open_incident()
    scope.told(resolved("12:05"), a_symptom(onset_at=at("12:05")))
    scope.passes(at("12:07:30"))
    assert scope.incident.status is OPEN
    scope.passes(at("12:08:30"))
    assert scope.incident.status is RESOLVED


def test_the_same_alert_soon_after_the_resolution_reopens_the_incident() -> None:
    scope = a_resolved_incident()
    scope.told(firing("12:10"))
    assert (scope.incident.status, scope.incident.resolved_at) == (OPEN, None)
    scope.told(resolved("12:12"))
    scope.passes(at("13:00"))
    assert scope.statuses() == [OPEN, RESOLVED, OPEN, RESOLVED, CLOSED]
    assert len(scope.incidents()) == 1


def test_a_resolved_incident_is_closed_after_the_window_in_which_it_may_reopen() -> None:
    scope = a_resolved_incident()
    scope.passes(at("12:20"))
    assert scope.statuses() == [OPEN, RESOLVED]
    scope.passes(at("12:20:01"))
    assert scope.incidents()[0].closed_at == at("12:20")
    assert scope.state.incidents == []


def test_the_same_alert_after_the_closing_opens_another_incident_that_names_the_first() -> None:
    scope = a_closed_incident()
    scope.told(firing("13:00"))
    first, second = scope.incidents()
    assert (first.status, second.status) == (CLOSED, OPEN)
    assert second.previous_incident == first.incident_id != second.incident_id


def test_an_incident_of_the_day_before_is_not_named() -> None:
    scope = a_closed_incident()
    scope.told(an_alert(timestamp=at("12:00") + timedelta(days=2), event_id="two days later"))
    assert scope.incident.previous_incident is None


def test_noise_that_was_closed_is_not_named_by_a_real_incident() -> None:
    scope = Scope()
    scope.told(firing("12:00", severity="info"), resolved("12:01", severity="info"))
    scope.passes(at("12:50"))
    assert scope.state.incidents == []
    scope.told(firing("13:00", "payments"))
    assert scope.incident.previous_incident is None


def test_an_informational_alert_alone_is_noise_that_takes_in_nothing_else() -> None:
    scope = Scope()
    scope.told(firing("12:00", "reports", severity="info"))
    assert scope.incidents()[0].verdict is Verdict.NOISE
    scope.told(firing("12:01"), a_symptom("payments", onset_at=at("12:00:30")))
    noise, real = scope.state.incidents
    assert (noise.noise, real.noise) == (True, False)
    assert (len(noise.alerts), len(real.alerts), len(real.symptoms)) == (1, 1, 1)


def test_noise_leaves_no_postmortem() -> None:
    scope = Scope()
    scope.told(firing("12:00", severity="info"), resolved("12:01", severity="info"))
    scope.passes(at("13:00"))
    assert scope.statuses() == [OPEN, RESOLVED, CLOSED]
    assert scope.values(topic.POSTMORTEMS) == []


def test_noise_that_gets_worse_is_no_longer_noise() -> None:
    scope = Scope()
    scope.told(firing("12:00", severity="info"), firing("12:01", severity="critical"))
    scope.passes(at("12:02"))
    assert not scope.incident.noise


def test_two_services_that_fail_together_open_an_incident_before_any_alert() -> None:
    scope = Scope()
    scope.told(a_symptom("payments", onset_at=at("12:00")))
    assert scope.state.incidents == []
    scope.told(a_signature("checkout-api", "call failed", onset_at=at("12:00:30")))
    assert (scope.incident.service, scope.incident.opened_at) == ("payments", at("12:01:30"))
    assert len(scope.incident.symptoms) == 2


@pytest.mark.parametrize(
    "second",
    [
        a_symptom("payments", onset_at=at("12:00:30"), subject="GET /other"),
        a_symptom("checkout-api", onset_at=at("12:03")),
        a_metric("checkout-api", "cpu_pct", onset_at=at("12:00:30")),
        a_symptom("checkout-api", SymptomKind.LATENCY, onset_at=at("12:00:30"), severity="unknown"),
        a_signature("checkout-api", "slow", onset_at=at("12:00:30"), severity="warn"),
    ],
    ids=["the same service", "too far apart", "a metric", "latency", "a warning"],
)
def test_less_than_two_failing_services_open_nothing(second: object) -> None:
    scope = Scope()
    scope.told(a_symptom("payments", onset_at=at("12:00")), second)  # type: ignore[arg-type]
    scope.passes(at("13:00"))
    assert scope.sent == []


def test_what_differs_after_a_change_is_evidence_but_opens_widens_and_prolongs_nothing() -> None:
    differing = a_symptom("payments", SymptomKind.DEPLOY_COMPARISON, onset_at=at("11:58"), unit="signatures")
    scope = Scope()
    scope.told(a_symptom("checkout-api", onset_at=at("11:58")), differing)
    assert scope.state.incidents == []
    scope.told(firing("12:00"))
    assert blast_radius.services(scope.incident) == ["checkout-api"]
    assert scope.incident.last_signal_at == at("12:00")
    assert [each.service for each in scope.values(topic.EVIDENCE)].count("payments") == 1


def test_what_showed_shortly_before_the_alert_belongs_to_the_incident() -> None:
    scope = Scope()
    scope.told(
        a_symptom(onset_at=at("11:40"), subject="too old"),
        a_metric("payments", "cpu_pct", onset_at=at("11:55")),
        a_change(timestamp=at("11:30")),
        a_change("payments", timestamp=at("10:30")),
        firing("12:00"),
    )
    assert [each.first.service for each in scope.incident.symptoms.values()] == ["payments"]
    (timeline,) = scope.values(topic.TIMELINE)
    assert [each.occurred_at for each in timeline.entries if each.entry_kind == "change"] == [at("11:30")]


def test_a_commit_is_no_entry_of_the_timeline() -> None:
    scope = Scope()
    scope.told(a_change(timestamp=at("11:50"), change_kind=ChangeKind.COMMIT), firing("12:00"))
    (timeline,) = scope.values(topic.TIMELINE)
    assert not [each for each in timeline.entries if each.entry_kind == "change"]


def test_a_responder_says_mitigated_and_resolved() -> None:
    scope = an_open_incident()
    scope.told(feedback(FeedbackAction.MITIGATE, timestamp=at("12:10")))
    scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:15")))
    assert scope.statuses() == [OPEN, MITIGATED, RESOLVED]
    (incident,) = scope.incidents()
    assert (incident.mitigated_at, incident.resolved_at) == (at("12:10"), at("12:15"))
    assert len(scope.values(topic.POSTMORTEMS)) == 1


@pytest.mark.parametrize("ended", ["12:00:30", "12:10"], ids=["a candidate", "an incident"])
def test_a_resolution_by_hand_and_one_by_itself_give_the_same_records(ended: str) -> None:
    by_hand, by_itself = an_open_incident(), an_open_incident()
    by_hand.told(feedback(FeedbackAction.RESOLVE, timestamp=at(ended)))
    by_itself.told(resolved(ended))
    told = []
    for scope in (by_hand, by_itself):
        scope.passes(at("13:00"))
        assert scope.incidents()[0].resolved_at == at(ended)
        kept = [
            each for each in scope.sent if each.topic in (topic.TRIAGE, topic.INCIDENTS, topic.POSTMORTEMS)
        ]
        over = [each for each in kept if getattr(each.value, "status", RESOLVED) in (RESOLVED, CLOSED)]
        told.append([(each.topic, getattr(each.value, "verdict", None)) for each in over])
    assert told[0] == told[1]
    assert told[0]


def test_what_a_responder_says_twice_turns_nothing_twice() -> None:
    scope = an_open_incident()
    for time in ("12:10", "12:11"):
        scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at(time)))
    assert scope.incidents()[0].resolved_at == at("12:10")
    assert len(scope.values(topic.POSTMORTEMS)) == 1


@pytest.mark.parametrize("begin", [a_resolved_incident, an_open_incident])
def test_a_responder_who_says_that_it_is_not_over_is_believed(begin: Callable[[], Scope]) -> None:
    scope = begin()
    if scope.incident.status is OPEN:
        scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:09")))
    scope.told(feedback(FeedbackAction.REOPEN, timestamp=at("12:15")))
    scope.passes(at("12:24"))
    assert (scope.incident.status, scope.incident.resolved_at) == (OPEN, None)


def test_an_incident_that_was_reopened_by_hand_ends_when_nothing_more_is_seen() -> None:
    scope = a_resolved_incident()
    scope.told(feedback(FeedbackAction.REOPEN, timestamp=at("12:15")))
    scope.passes(at("12:25:01"))
    assert scope.statuses() == [OPEN, RESOLVED, OPEN, RESOLVED]


def test_a_mitigation_that_is_told_after_the_resolution_is_kept_and_turns_nothing() -> None:
    scope = a_resolved_incident()
    scope.told(feedback(FeedbackAction.MITIGATE, timestamp=at("12:09")))
    scope.passes(at("13:00"))
    assert scope.statuses() == [OPEN, RESOLVED, CLOSED]
    assert "feedback-mitigate-120900" in str(scope.values(topic.EVIDENCE))


def test_an_alert_that_fires_again_after_a_resolution_by_hand_reopens_the_incident() -> None:
    scope = an_open_incident()
    scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:05")), resolved("12:06"), firing("12:09"))
    assert scope.statuses() == [OPEN, RESOLVED, OPEN]


def test_an_alert_that_goes_on_firing_does_not_overrule_the_responder() -> None:
    scope = an_open_incident()
    scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:05")), firing("12:06"), firing("12:07"))
    assert scope.statuses() == [OPEN, RESOLVED]


def test_feedback_finds_its_incident_by_id_and_else_the_live_one() -> None:
    scope = a_closed_incident()
    scope.told(firing("13:00"))
    open_id = scope.incident.incident_id
    scope.told(feedback(FeedbackAction.NOTE, timestamp=at("13:01"), text="looking"))
    scope.told(feedback(FeedbackAction.ASSIGN, timestamp=at("13:02"), incident_id=open_id))
    scope.told(feedback(FeedbackAction.HELPED, timestamp=at("13:03"), incident_id="shop-unknown"))
    assert [each.action for each in scope.incident.feedback] == [FeedbackAction.NOTE, FeedbackAction.ASSIGN]
    assert scope.state.unmatched == 1


def test_feedback_without_any_incident_is_counted() -> None:
    scope = Scope()
    scope.told(feedback(FeedbackAction.NOTE, timestamp=at("13:01")))
    assert (scope.stage.counts(scope.state).unmatched, scope.sent) == (1, [])


@pytest.mark.parametrize("notes", [59, 60, 99, 100, 130])
def test_no_number_of_notes_leaves_a_word_that_decides_without_effect_or_evidence(notes: int) -> None:
    scope = an_open_incident()
    for number in range(notes):
        time = at("12:01") + timedelta(seconds=number)
        scope.told(feedback(FeedbackAction.NOTE, timestamp=time, text=f"look {number}"))
    scope.told(feedback(FeedbackAction.ASSIGN, timestamp=at("12:05"), text="team-payments"))
    scope.passes(at("12:06"))
    routing = scope.values(topic.ROUTING)[-1]
    assert routing.owner == "team-payments"
    assert routing.evidence == [evidence_id("feedback-assign-120500")]
    assert (scope.incident.left_out > 0) == (notes >= 60), "what gave way is counted"


def test_an_incident_without_a_firing_alert_ends_when_it_is_quiet() -> None:
    scope = Scope()
    scope.told(
        a_symptom("payments", onset_at=at("12:00")), a_symptom("checkout-api", onset_at=at("12:00:30"))
    )
    scope.passes(at("12:11:30"))
    assert scope.incident.status is OPEN
    scope.passes(at("12:11:31"))
    assert scope.incidents()[0].resolved_at == at("12:01:30")


def test_an_alert_that_is_never_resolved_keeps_the_incident_for_hours_and_not_for_ever() -> None:
    scope = an_open_incident()
    scope.passes(at("18:00"))
    assert scope.incident.status is OPEN
    scope.passes(at("18:00:01"))
    assert scope.statuses() == [OPEN, RESOLVED]
    assert scope.incidents()[0].resolved_at == at("12:00")


def test_what_fires_again_after_hours_of_silence_reopens_the_incident() -> None:
    scope = an_open_incident()
    scope.passes(at("18:00:01"))
    scope.told(firing("18:02"))
    scope.passes(at("18:05"))
    assert scope.statuses() == [OPEN, RESOLVED, OPEN]


def test_an_incident_that_was_resolved_by_silence_is_closed_a_window_after_that_was_known() -> None:
    scope = an_open_incident()
    scope.passes(at("18:15:01"))
    assert scope.statuses() == [OPEN, RESOLVED, CLOSED]


def test_a_late_resolution_does_not_end_what_fires_again_since() -> None:
    scope = an_open_incident()
    scope.told(firing("12:06"))
    scope.told(resolved("12:05"))
    scope.passes(at("12:30"))
    assert scope.statuses() == [OPEN]
    assert scope.state.late == 1


def test_each_incident_ends_with_a_draft_for_its_resolution_and_its_closing() -> None:
    drafts = a_closed_incident().values(topic.POSTMORTEMS)
    assert [(each.version, each.status) for each in drafts] == [(1, RESOLVED), (2, CLOSED)]


def test_what_ends_an_incident_cites_evidence() -> None:
    scope = a_closed_incident()
    known = {each.evidence_id for each in scope.values(topic.EVIDENCE)}
    entries = scope.values(topic.TIMELINE)[-1].entries
    assert {each.evidence_id for each in entries} <= known


def test_alerts_that_differ_in_their_labels_are_different_ones() -> None:
    scope = Scope()
    scope.told(firing("12:00", labels={"pod": "a"}))
    scope.told(firing("12:01", labels={"pod": "b"}), resolved("12:02", labels={"pod": "a"}))
    scope.passes(at("12:30"))
    assert (len(scope.incident.alerts), scope.incident.status) == (2, OPEN)


def test_the_severity_and_the_text_of_an_alert_are_not_its_identity() -> None:
    scope = Scope()
    scope.told(firing("12:00", severity="warning", summary="5 %"))
    scope.told(firing("12:01", severity="critical", summary="50 %"))
    assert len(scope.incident.alerts) == 1


def test_an_end_by_hand_and_an_end_by_itself_give_the_same_records() -> None:
    by_itself, by_hand = an_open_incident(), an_open_incident()
    by_itself.told(resolved("12:05"))
    by_hand.told(resolved("12:05"), feedback(FeedbackAction.RESOLVE, timestamp=at("12:05")))
    for scope in (by_itself, by_hand):
        scope.passes(at("13:00"))
    one, other = by_itself.incidents()[0], by_hand.incidents()[0]
    for field in ("status", "resolved_at", "verdict", "severity", "services", "alerts", "members"):
        assert getattr(one, field) == getattr(other, field), field
    assert one.closed_at is not None
    assert other.closed_at is not None
    assert by_itself.statuses() == by_hand.statuses()
    topics = [{each.topic for each in scope.sent} for scope in (by_itself, by_hand)]
    assert topics[0] == topics[1]
    assert [len(scope.values(topic.POSTMORTEMS)) for scope in (by_itself, by_hand)] == [2, 2]


def test_a_new_alert_during_the_reopen_window_opens_another_incident() -> None:
    scope = a_resolved_incident()
    scope.told(firing("12:10", name="SomethingElse"))
    first, second = scope.incidents()
    assert (first.status, first.alerts) == (RESOLVED, 1)
    assert (second.status, second.previous_incident) == (OPEN, first.incident_id)
