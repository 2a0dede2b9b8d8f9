"""Is it real? Noise, candidate or incident, and why."""

from datetime import timedelta

import pytest

from detectors.incidents.policy import LIFECYCLE
from models import topic
from models.event import Alert, AlertStatus, ChangeKind, FeedbackAction
from models.incident import IncidentStatus
from models.triage import Verdict
from tests.unit.detectors.incidents.builders import a_change, a_metric, a_symptom, an_alert, at, feedback
from tests.unit.detectors.incidents.scope import Scope

NOISE, CANDIDATE, INCIDENT = Verdict.NOISE, Verdict.CANDIDATE, Verdict.INCIDENT


def firing(time: str, service: str = "payments", **fields: object) -> Alert:
    return an_alert(service, timestamp=at(time), event_id=f"firing-{service}-{time}", **fields)


def resolved(time: str, service: str = "payments", **fields: object) -> Alert:
    status = AlertStatus.RESOLVED
    return an_alert(service, timestamp=at(time), event_id=f"resolved-{time}", status=status, **fields)


def verdicts(scope: Scope) -> list[Verdict]:
    passed: list[Verdict] = []
    for each in scope.values(topic.TRIAGE):
        if passed[-1:] != [each.verdict]:
            passed.append(each.verdict)
    return passed


def after(*signals: object, until: str = "12:10") -> Scope:
    scope = Scope()
    for signal in signals:
        scope.told(signal)  # type: ignore[arg-type]
    scope.passes(at(until))
    return scope


def reason(scope: Scope, rule: str) -> str:
    return next(each.text for each in scope.values(topic.TRIAGE)[-1].reasons if each.rule == rule)


def test_one_alert_is_a_candidate_until_it_has_held() -> None:
    scope = after(firing("12:00"))
    assert verdicts(scope) == [CANDIDATE, INCIDENT]
    confirmed = next(each for each in scope.values(topic.TRIAGE) if each.verdict is INCIDENT)
    assert confirmed.as_of == at("12:00") + LIFECYCLE.confirm
    assert reason(scope, "confirmed") == "HighErrorRate has held for 2 minutes"


def test_the_timeline_tells_that_a_candidate_was_confirmed_and_why() -> None:
    entries = after(firing("12:00")).values(topic.TIMELINE)[-1].entries
    assert [each.text for each in entries if each.source == "confirmed"] == [
        "Candidate became incident: HighErrorRate has held for 2 minutes."
    ]


def test_an_alert_whose_condition_has_held_before_it_was_sent_is_confirmed_at_once() -> None:
    assert verdicts(after(firing("12:00", starts_at=at("11:55")))) == [INCIDENT]


@pytest.mark.parametrize(
    "second",
    [
        a_symptom("payments", onset_at=at("11:59:30"), timestamp=at("12:00:30")),
        a_metric("payments", "cpu_pct", onset_at=at("12:00"), timestamp=at("12:00:30")),
        firing("12:00:30", "checkout-api"),
        firing("12:00:30", name="AnotherRule"),
        feedback(FeedbackAction.ACKNOWLEDGE, timestamp=at("12:00:30")),
    ],
    ids=[
        "a failure in telemetry",
        "a metric of the service",
        "another service",
        "another rule",
        "a responder",
    ],
)
def test_a_second_source_confirms_before_the_time_has_passed(second: object) -> None:
    scope = after(firing("12:00"), second, until="12:01")
    assert verdicts(scope)[-1] is INCIDENT


def test_three_targets_of_one_rule_confirm() -> None:
    alerts = [firing(f"12:00:0{n}", labels={"pod": str(n)}) for n in range(3)]
    assert verdicts(after(*alerts[:2], until="12:01")) == [CANDIDATE]
    assert verdicts(after(*alerts, until="12:01"))[-1] is INCIDENT


def test_a_spurious_alert_is_noise_when_it_is_over_and_has_no_postmortem() -> None:
    scope = after(firing("12:00"), resolved("12:00:40"), until="13:00")
    assert verdicts(scope) == [CANDIDATE, NOISE]
    assert scope.incidents()[0].status is IncidentStatus.CLOSED
    assert reason(scope, "unconfirmed") == "no second source confirmed it"
    assert scope.values(topic.POSTMORTEMS) == []


def test_what_was_confirmed_once_stays_an_incident_when_it_is_over() -> None:
    scope = after(firing("12:00"), resolved("12:03"), until="13:00")
    assert verdicts(scope) == [CANDIDATE, INCIDENT]
    assert len(scope.values(topic.POSTMORTEMS)) == 2


def test_a_responder_who_resolves_it_as_noise_is_believed_until_it_is_reopened() -> None:
    scope = after(firing("12:00"), until="12:05")
    scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:05"), text="false alarm, sensor was wrong"))
    assert verdicts(scope)[-1] is NOISE
    scope.told(feedback(FeedbackAction.REOPEN, timestamp=at("12:06")))
    assert verdicts(scope)[-1] is INCIDENT


def test_a_candidate_that_a_responder_resolved_early_is_noise_to_its_end() -> None:
    """The alert goes on for a while: that nobody waited for it does not confirm it afterwards."""
    scope = after(firing("12:00"), until="12:01")
    scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:01"), text="restarted it"))
    scope.told(resolved("12:10"))
    scope.passes(at("14:00"))
    assert verdicts(scope) == [CANDIDATE, NOISE]
    assert scope.values(topic.POSTMORTEMS) == []


def test_a_variant_of_a_product_is_no_experiment_of_responders() -> None:
    assert verdicts(after(firing("12:00", labels={"experiment": "new-cart"}), until="12:06"))[-1] is INCIDENT


@pytest.mark.parametrize("labels", [{"chaos_experiment": "kill-a-pod"}, {"game_day": "true"}])
def test_an_alert_that_is_tagged_as_an_experiment_is_noise(labels: dict[str, str]) -> None:
    assert verdicts(after(firing("12:00", labels=labels))) == [NOISE]


def test_what_an_experiment_breaks_elsewhere_is_an_incident() -> None:
    scope = after(firing("12:00", labels={"chaos": "true"}), firing("12:01", "checkout-api"))
    assert [each.verdict for each in scope.incidents()] == [NOISE, INCIDENT]


def called_noise(scope: Scope, times: int, first_hour: int = 1) -> None:
    for number in range(times):
        moment = at("00:00") + timedelta(hours=first_hour + number)
        scope.told(an_alert("payments", timestamp=moment, event_id=f"noise-{number}"))
        said = feedback(
            FeedbackAction.RESOLVE,
            timestamp=moment + timedelta(minutes=5),
            text="noise",
            event_id=f"s{number}",
        )
        scope.told(said)
        over = moment + timedelta(minutes=6)
        scope.told(an_alert("payments", timestamp=over, event_id=f"o{number}", status=AlertStatus.RESOLVED))
        scope.passes(moment + timedelta(minutes=50))


def test_a_rule_whose_incidents_were_called_noise_confirms_nothing_by_itself() -> None:
    scope = Scope()
    called_noise(scope, LIFECYCLE.judged)
    before = len(scope.values(topic.TRIAGE))
    scope.told(firing("12:00"))
    scope.passes(at("12:30"))
    assert {each.verdict for each in scope.values(topic.TRIAGE)[before:]} == {NOISE}
    text = "responders called 3 of 3 earlier incidents of HighErrorRate noise"
    assert reason(scope, "rule_precision") == text
    known = {each.evidence_id for each in scope.values(topic.EVIDENCE)}
    triage = scope.values(topic.TRIAGE)[-1]
    assert {each for reason in triage.reasons for each in reason.evidence} <= known


def test_a_second_source_confirms_even_an_imprecise_rule() -> None:
    scope = Scope()
    called_noise(scope, LIFECYCLE.judged)
    scope.told(firing("12:00"), a_symptom("payments", onset_at=at("12:00")))
    scope.passes(at("12:05"))
    assert scope.incidents()[-1].verdict is INCIDENT


def test_nothing_is_learned_without_a_word_of_a_responder() -> None:
    scope = Scope()
    for hour in range(1, 6):
        scope.told(an_alert("payments", timestamp=at(f"0{hour}:00"), event_id=f"{hour}"))
        status = AlertStatus.RESOLVED
        scope.told(an_alert("payments", timestamp=at(f"0{hour}:01"), event_id=f"r{hour}", status=status))
        scope.passes(at(f"0{hour}:50"))
    assert scope.state.precision == {}


def test_a_mitigated_incident_speaks_for_its_rule() -> None:
    scope = Scope()
    called_noise(scope, 2)
    scope.told(firing("09:00"), feedback(FeedbackAction.MITIGATE, timestamp=at("09:05")))
    scope.told(resolved("09:06"))
    scope.passes(at("10:00"))
    (known,) = scope.state.precision.values()
    assert (known.real, known.noise) == (1, 2)


def test_what_was_learned_outlives_a_day_of_silence_and_not_for_ever() -> None:
    scope = Scope()
    called_noise(scope, 1)
    assert not scope.stage.is_spent(scope.state, at("00:00") + timedelta(days=30))
    assert scope.stage.is_spent(scope.state, at("00:00") + timedelta(days=120))


def test_a_change_during_a_freeze_is_said_to_be_one_and_holds_no_alert_back() -> None:
    freeze = a_change(
        None, change_kind=ChangeKind.MAINTENANCE, name="year-end freeze", state="started",
        timestamp=at("11:00"),
        attributes={"freeze": True, "ends_at": "2026-06-23T18:00:00Z"},
    )  # fmt: skip
    deploy = a_change("payments", timestamp=at("11:55"))
    scope = after(freeze, deploy, firing("12:00"))
    assert scope.incidents()[0].verdict is INCIDENT
    assert "although changes are frozen until 18:00 UTC" in reason(scope, "recent_change")
    (entry,) = [each for each in scope.values(topic.TIMELINE)[-1].entries if each.source == "change_freeze"]
    assert "falls into a change freeze (from 11:00 UTC to 18:00 UTC)" in entry.text
    known = {each.evidence_id: each for each in scope.values(topic.EVIDENCE)}
    assert known[entry.evidence_id].sources == [freeze.event_id]
