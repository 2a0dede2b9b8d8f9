"""What a scope remembers of earlier deployments and incidents, and how much of it."""

from datetime import timedelta

from detectors.incidents import history
from detectors.incidents.state import ScopeState
from models.cause import CauseVerdict
from models.event import AlertStatus, ChangeKind, FeedbackAction
from models.signal import DeployComparison, Difference, SignatureDifference, Symptom, SymptomKind
from models.topic import CAUSES
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_signature,
    a_symptom,
    an_alert,
    at,
    feedback,
)
from tests.unit.detectors.incidents.scope import Scope

DAY = timedelta(days=1)


def a_comparison(change_id: str, signature: str = "boom", seconds: int = 120) -> Symptom:
    difference = SignatureDifference(
        signature_id=signature,
        template=signature * 100,
        difference=Difference.NEW,
        severity="error",
        before=0,
        after=9,
        expected=0.0,
        score=8.0,
    )
    compared = DeployComparison(
        change_id=change_id,
        change_kind="deploy",
        lines_before=500,
        lines_after=500,
        differences=[difference] * 9,
    )
    return a_symptom(
        "payments", SymptomKind.DEPLOY_COMPARISON, subject=change_id, comparison=compared,
        onset_at=at("11:56"), timestamp=at("11:56") + timedelta(seconds=seconds), event_id=f"cmp-{seconds}",
    )  # fmt: skip


def test_a_comparison_from_before_the_incident_is_an_argument_of_it() -> None:
    scope = Scope()
    deploy = a_change("payments", timestamp=at("11:40"))
    early = a_comparison(deploy.event_id)
    scope.told(deploy, early)
    scope.told(
        a_signature("payments", "boom", onset_at=at("12:20")), an_alert("payments", timestamp=at("12:22"))
    )
    (candidate,) = [each for each in scope.values(CAUSES)[-1].candidates if each.change]
    argument = next(each for each in candidate.supporting if "this error was new" in each.text)
    told = {each.evidence_id for each in scope.values("incident.evidence")}
    assert set(argument.evidence) <= told


def test_only_the_newest_comparison_of_a_change_is_kept_whatever_came_first() -> None:
    for order in ((120, 300), (300, 120)):
        state = ScopeState(scope="shop")
        for seconds in order:
            history.note_symptom(state, a_comparison("deploy", seconds=seconds))
        assert [each.event_id for each in state.comparisons] == ["cmp-300"]


def test_what_usually_follows_a_deployment_is_learned_from_calm_ones_and_told() -> None:
    scope = Scope()
    for days in (3, 2, 1):
        then = at("11:50") - days * DAY
        scope.told(a_change("payments", timestamp=then, event_id=f"old-{days}"))
        latency = a_symptom("payments", SymptomKind.LATENCY, onset_at=then + timedelta(seconds=40))
        scope.told(latency)
    scope.told(a_change("payments", timestamp=at("11:50"), event_id="new"))
    scope.told(a_symptom("payments", SymptomKind.LATENCY, onset_at=at("11:51")))
    scope.told(an_alert("payments", timestamp=at("11:53")))
    found = scope.values(CAUSES)[-1].candidates
    (candidate,) = [each for each in found if each.change and each.change.change_id == "new"]
    text = next(each.text for each in candidate.contradicting if "earlier deployments" in each.text)
    assert "3 of 3" in text
    assert any("3 of 3 earlier deployments" in each.text for each in scope.values("incident.evidence"))


def test_a_deployment_that_an_incident_followed_or_that_was_taken_back_says_so() -> None:
    scope = Scope()
    scope.told(a_change("payments", timestamp=at("09:00"), version="v1", event_id="one"))
    scope.told(a_change("payments", timestamp=at("11:50"), version="v2", event_id="two"))
    scope.told(an_alert("payments", timestamp=at("11:53")))
    rollback = a_change(
        "payments",
        change_kind=ChangeKind.ROLLBACK,
        version="v1",
        previous_version="v2",
        timestamp=at("12:00"),
    )
    scope.told(rollback)
    assert [(each.calm, each.taken_back) for each in scope.state.deploys] == [(True, False), (False, True)]


def an_outage(scope: Scope, days: int) -> None:
    """Let the same outage happen, so many days before, and close."""
    then = at("12:00") - days * DAY
    alert = an_alert("payments", name="Pool", timestamp=then, fingerprint="pool")
    failing = a_signature("payments", "no space left on device", onset_at=then - timedelta(minutes=1))
    scope.told(failing, alert)
    scope.passes(then + timedelta(minutes=5))
    over = an_alert(
        "payments", name="Pool", timestamp=then + timedelta(minutes=6), status=AlertStatus.RESOLVED,
        fingerprint="pool",
    )  # fmt: skip
    scope.told(over)
    scope.passes(then + timedelta(hours=2))


def test_an_incident_is_compared_with_the_closed_one_that_showed_the_same() -> None:
    scope = Scope()
    an_outage(scope, 1)
    first = scope.values(CAUSES)[-1].candidates[0]
    an_outage(scope, 0)
    again = scope.values(CAUSES)[-1].candidates[0]
    assert "recurrence" not in {each.name for each in first.parts}
    assert "recurrence" in {each.name for each in again.parts}


def test_the_memory_of_a_scope_is_bounded_and_what_is_left_out_is_counted() -> None:
    state = ScopeState(scope="shop")
    for place in range(400):
        change = a_change(
            f"s{place % 40}", timestamp=at("00:00") + place * timedelta(minutes=1), event_id=f"{place}"
        )
        history.note_change(state, change, is_calm=True)
        for each in range(20):
            history.note_symptom(
                state, a_symptom(change.service, subject=f"op{each}", onset_at=change.timestamp)
            )
    assert len(state.deploys) == 100
    assert max(len(each.followed) for each in state.deploys) == 10
    assert state.left_out == 300


def test_the_answers_of_responders_are_kept_as_labels_and_change_no_later_incident() -> None:
    plain, told = Scope(), Scope()
    for scope in (plain, told):
        scope.told(a_change("payments", timestamp=at("11:50") - DAY, event_id="old"))
        scope.told(an_alert("payments", timestamp=at("12:00") - DAY))
    (candidate,) = [each for each in told.values(CAUSES)[-1].candidates if each.change]
    said = feedback(
        FeedbackAction.REJECT_CAUSE, candidate_id=candidate.candidate_id, timestamp=at("12:05") - DAY
    )
    told.told(said)
    told.passes(at("12:06") - DAY)
    assert told.values(CAUSES)[-1].candidates[-1].verdict is CauseVerdict.RULED_OUT
    assert said.event_id in {each.event_id for each in told.incident.feedback}
    for scope in (plain, told):
        scope.told(a_change("payments", timestamp=at("11:50"), event_id="new"))
    assert [each.calm for each in told.state.deploys] == [each.calm for each in plain.state.deploys]
    assert [each.taken_back for each in told.state.deploys] == [False, False]


def test_a_word_of_the_responders_is_a_new_version_that_tells_what_moved() -> None:
    scope = Scope()
    scope.told(
        a_change("payments", timestamp=at("11:56")), a_signature("payments", "boom"), an_alert("payments")
    )
    scope.passes(at("12:02"))
    before = scope.values(CAUSES)[-1]
    leading = before.candidates[0]
    which = {"candidate_id": leading.candidate_id, "incident_id": before.incident_id}
    scope.told(feedback(FeedbackAction.CONFIRM_CAUSE, timestamp=at("12:03"), **which))
    scope.passes(at("12:04"))
    confirmed = scope.values(CAUSES)[-1]
    scope.told(feedback(FeedbackAction.REJECT_CAUSE, timestamp=at("12:05"), **which))
    scope.passes(at("12:06"))
    rejected = scope.values(CAUSES)[-1]
    assert [each.version for each in (confirmed, rejected)] == [before.version + 1, before.version + 2]
    assert (confirmed.confidence, confirmed.abstained) == (1.0, None)
    turns = [
        (each.before, each.after)
        for told in (confirmed, rejected)
        for each in told.previous
        if each.field == f"verdict of {leading.text}"
    ]
    assert turns == [("likely", "confirmed"), ("confirmed", "ruled_out")]
    assert rejected.candidates[-1].candidate_id == leading.candidate_id
