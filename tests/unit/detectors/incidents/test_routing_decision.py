"""Whose an incident is while evidence and people speak, and who should be told when."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from detectors.incidents.routing import joining
from detectors.incidents.routing.policy import ROUTING
from detectors.incidents.state import ScopeState
from detectors.oncall import NO_SCHEDULE, OnCallSchedule
from detectors.topology import Catalog
from models import topic
from models.calendar import Period, PeriodKind
from models.catalog import CatalogEntry
from models.event import AlertStatus, ChangeKind, FeedbackAction
from models.oncall import Shift
from models.routing import CandidateKind, EscalationPhase, IncidentRouting, Part, RoutingCandidate
from models.timeline import EntryKind, Timeline
from models.triage import Triage
from tests.policy import POLICY
from tests.unit.detectors.incidents.builders import (
    CATALOG,
    a_change,
    a_signature,
    a_symptom,
    an_alert,
    at,
    feedback,
)
from tests.unit.detectors.incidents.scope import Scope

WAITING, ACKNOWLEDGED = EscalationPhase.WAITING, EscalationPhase.ACKNOWLEDGED


def a_shift(team: str, handle: str, level: int = 1, starts: str = "00:00", ends: str = "23:59") -> Shift:
    return Shift(team=team, handle=handle, level=level, starts_at=at(starts), ends_at=at(ends))


def schedule(*shifts: Shift) -> OnCallSchedule:
    def expand(start: datetime, end: datetime) -> Iterable[Shift]:
        return [each for each in shifts if each.starts_at < end and each.ends_at > start]

    levels: dict[str, list[int]] = {}
    for each in shifts:
        levels.setdefault(each.team, []).append(each.level)
    return OnCallSchedule(expand, levels, "v1")


ON_CALL = schedule(
    a_shift("team-checkout", "ada"),
    a_shift("team-checkout", "bo", level=2),
    a_shift("team-payments", "cy"),
    a_shift("team-orders", "di", ends="11:00"),
)


def routings(scope: Scope) -> list[IncidentRouting]:
    return scope.values(topic.ROUTING)


def latest(scope: Scope) -> IncidentRouting:
    return routings(scope)[-1]


def named(routing: IncidentRouting, who: str) -> RoutingCandidate:
    (found,) = [each for each in routing.candidates if each.who == who]
    return found


def parts(candidate: RoutingCandidate) -> dict[Part, float]:
    return {each.name: each.points for each in candidate.parts}


def told(scope: Scope, kind: EntryKind) -> list[tuple[str, str]]:
    timelines: list[Timeline] = scope.values(topic.TIMELINE)
    return [
        (f"{each.occurred_at:%H:%M:%S}", each.text)
        for each in timelines[-1].entries
        if each.entry_kind is kind
    ]


def firing(time: str = "12:00", service: str = "checkout-api", **fields: Any) -> Any:
    return an_alert(service, timestamp=at(time), fingerprint=f"{service}-fp", **fields)


def said(action: FeedbackAction, time: str, **fields: Any) -> Any:
    return feedback(action, timestamp=at(time), **fields)


def payments_fail(time: str = "12:04") -> list[Any]:
    """A deployment of payments that explains it better than anything at the checkout."""
    moment = at(time)
    return [
        a_change("payments", timestamp=moment - timedelta(minutes=5), author="kim.lee", summary="pool empty"),
        a_signature(
            "payments", "pool empty", onset_at=moment - timedelta(minutes=4), timestamp=moment, score=30.0
        ),
    ]


# Who owns it.


def test_the_first_owner_is_that_of_the_service_that_users_see_failing() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing())
    found = latest(scope)
    assert (found.owner, found.service, found.changes) == ("team-checkout", "checkout-api", [])
    assert (found.version, found.schedule_version, found.as_of) == (1, "v1", at("12:00"))


def test_ownership_follows_the_leading_cause_with_a_record_and_keeps_the_old_owner_informed() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing())
    scope.told(*payments_fail())
    scope.passes(at("12:05"))
    found = latest(scope)
    assert found.owner == "team-payments"
    (change,) = found.changes
    assert (change.from_owner, change.to_owner, change.service) == (
        "team-checkout",
        "team-payments",
        "payments",
    )
    assert change.margin is not None
    assert change.margin >= ROUTING.margin
    assert change.cool_down_ends_at == change.changed_at + ROUTING.cool_down
    assert change.evidence
    assert set(change.evidence) <= set(scope.incident.evidence)
    assert found.keep_informed == ["team-checkout"]
    triages: list[Triage] = scope.values(topic.TRIAGE)
    assert triages[-1].owner.owner == "team-payments"
    moves = [(each.before, each.after) for one in triages for each in one.previous if each.field == "owner"]
    assert moves == [("team-checkout", "team-payments")]
    ((_, text),) = told(scope, EntryKind.OWNERSHIP)
    assert text.startswith(
        "The incident passes from team-checkout to team-payments: team-payments owns payments"
    )


def test_within_the_cool_down_evidence_moves_it_no_more_and_afterwards_it_does() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing())
    scope.told(*payments_fail())
    scope.passes(at("12:05"))
    moved_at = latest(scope).changes[0].changed_at
    # The payments are taken off the table, and orders explains it now.
    (causes,) = scope.values(topic.CAUSES)[-1:]
    scope.told(
        said(FeedbackAction.REJECT_CAUSE, "12:06", candidate_id=causes.candidates[0].candidate_id),
        a_change("orders", timestamp=at("11:57"), summary="queue stuck"),
        a_signature("orders", "queue stuck", onset_at=at("11:58"), timestamp=at("12:06"), score=60.0),
    )
    for each in causes.candidates[1:]:
        if each.service == "payments":
            scope.told(
                said(
                    FeedbackAction.REJECT_CAUSE,
                    "12:06:01",
                    candidate_id=each.candidate_id,
                    event_id=each.candidate_id,
                )
            )
    scope.passes(at("12:07"))
    held = latest(scope)
    assert held.owner == "team-payments"
    assert held.held_back is not None
    assert "too recent" in held.held_back
    scope.passes(moved_at + ROUTING.cool_down + timedelta(seconds=1))
    moved = latest(scope)
    assert (moved.owner, moved.held_back) == ("team-orders", None)
    assert moved.changes[-1].changed_at == moved_at + ROUTING.cool_down
    assert moved.keep_informed == ["team-payments", "team-checkout"]


CHANGING = schedule(
    a_shift("team-checkout", "ada", ends="14:00"),
    a_shift("team-checkout", "eve", starts="14:00"),
    a_shift("team-checkout", "bo", level=2),
)


def test_when_the_shift_ends_whoever_comes_is_told_and_whoever_goes_is_kept_informed() -> None:
    scope = Scope(oncall=CHANGING)
    scope.told(firing())
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "12:03", actor="ada"))
    scope.passes(at("13:59"))
    assert latest(scope).tell_now == []
    scope.passes(at("14:01"))
    found = latest(scope)
    assert (found.as_of, found.tell_now) == (at("14:00"), ["eve"])
    assert found.escalation.phase is WAITING
    assert "ada" in found.keep_informed
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "14:02", actor="eve"))
    scope.passes(at("15:00"))
    assert latest(scope).escalation.phase is ACKNOWLEDGED
    (timeline,) = scope.values(topic.TIMELINE)[-1:]
    assert any("shift of those who were told has ended" in each.text for each in timeline.entries)


def test_when_the_shift_ends_after_the_mitigation_nobody_has_to_acknowledge() -> None:
    scope = Scope(oncall=CHANGING)
    scope.told(firing())
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "12:03", actor="ada"))
    scope.told(said(FeedbackAction.MITIGATE, "12:20", actor="ada"))
    scope.passes(at("14:01"))
    found = latest(scope)
    assert found.escalation.phase is ACKNOWLEDGED
    assert found.escalation.steps[-1].tell == ["eve"]


@pytest.mark.parametrize("actor", ["kim.lee", "@kim.lee", "bo"])
def test_who_answered_and_does_not_go_goes_on_and_the_next_shift_is_kept_informed(actor: str) -> None:
    scope = Scope(oncall=CHANGING)
    scope.told(firing())
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "12:03", actor=actor))
    scope.passes(at("15:00"))
    found = latest(scope)
    assert found.escalation is not None
    assert (found.escalation.phase, found.tell_now) == (ACKNOWLEDGED, [])
    assert {"ada", "eve"} <= set(found.keep_informed)


@pytest.mark.parametrize("actor", ["ada", "@ada", "on-call"])
def test_what_a_shift_took_up_is_asked_again_of_the_next_one(actor: str) -> None:
    scope = Scope(oncall=CHANGING)
    scope.told(firing())
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "12:03", actor=actor))
    scope.passes(at("14:00:01"))
    assert latest(scope).tell_now == ["eve"]


@pytest.mark.parametrize(("began", "level"), [("13:45", 2), ("13:35", 3)])
def test_who_comes_at_the_first_level_is_told_also_where_a_higher_one_was_told_since(
    began: str, level: int
) -> None:
    scope = Scope(oncall=CHANGING)
    scope.told(firing(began, severity="high"), firing(f"{began}:01", "payments"))
    scope.passes(at("14:00:01"))
    found = latest(scope)
    assert found.escalation is not None
    assert (found.as_of, found.escalation.level) == (at("14:00"), level)
    assert found.tell_now[:2] == ["eve", "bo"]
    assert "ada" not in found.tell_now
    assert "ada" in found.keep_informed


def test_a_team_without_a_schedule_is_not_said_to_have_nobody_on_call() -> None:
    scope = Scope(oncall=schedule(a_shift("team-checkout", "ada")))
    scope.told(firing(), firing("12:00:01", "payments"))
    scope.passes(at("12:02"))
    payments = named(latest(scope), "team-payments")
    assert (payments.can_act, payments.can_act_text) == (
        True,
        "owns what is concerned; who is on call is not known",
    )
    assert Part.NOBODY_ON_CALL not in parts(payments)


def test_where_nobody_takes_over_the_team_is_told_so_and_who_comes_later_is_told_then() -> None:
    gap = schedule(
        a_shift("team-checkout", "ada", ends="14:00"), a_shift("team-checkout", "eve", starts="15:00")
    )
    scope = Scope(oncall=gap)
    scope.told(firing())
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "12:03", actor="ada"))
    scope.passes(at("14:00:01"))
    assert latest(scope).tell_now == ["team-checkout"]
    assert "has ended and nobody takes over: team-checkout" in told(scope, EntryKind.ESCALATION)[-1][1]
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "14:05", actor="on-call"))
    scope.passes(at("15:00:01"))
    assert latest(scope).tell_now == ["eve"]
    assert "A shift begins where nobody was on call" in told(scope, EntryKind.ESCALATION)[-1][1]


def test_who_stays_on_call_is_not_told_again_when_a_shift_ends() -> None:
    stays = schedule(
        a_shift("team-checkout", "ada", ends="14:00"), a_shift("team-checkout", "ada", starts="14:00")
    )
    scope = Scope(oncall=stays)
    scope.told(firing())
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "12:03", actor="ada"))
    scope.passes(at("15:00"))
    assert len(latest(scope).escalation.steps) == 1


def test_an_assignment_wins_over_evidence_until_a_cause_is_confirmed() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing())
    scope.told(said(FeedbackAction.ASSIGN, "12:01", text="to @team-orders", actor="ada"))
    scope.told(*payments_fail())
    scope.passes(at("12:06"))
    assert latest(scope).owner == "team-orders"
    assert parts(named(latest(scope), "team-orders"))[Part.ASSIGNED] == ROUTING.assigned
    (causes,) = scope.values(topic.CAUSES)[-1:]
    leader = causes.candidates[0]
    assert leader.service == "payments"
    scope.told(said(FeedbackAction.CONFIRM_CAUSE, "12:07", candidate_id=leader.candidate_id))
    scope.passes(at("12:08"))
    assert latest(scope).owner == "team-payments"


def test_an_assignment_to_a_handle_names_it_in_the_routing_and_nobody_in_the_timeline() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), said(FeedbackAction.ASSIGN, "12:01", text="@di", actor="ada"))
    scope.passes(at("12:02"))
    found = latest(scope)
    assert (found.owner, found.tell_now) == ("di", ["di"])
    assert named(found, "di").candidate_kind is CandidateKind.RESPONDER
    timeline = msgspec.json.encode(scope.values(topic.TIMELINE)[-1]).decode()
    assert "a responder" in timeline
    assert not [each for each in (" di ", "ada") if each in timeline]


def test_an_assignment_to_a_name_that_nobody_knows_is_told_to_be_one() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), said(FeedbackAction.ASSIGN, "12:01", text="team-chekout", actor="ada"))
    scope.passes(at("12:02"))
    found = latest(scope)
    assert found.owner == "team-chekout"
    assert not named(found, "team-chekout").can_act
    assert "is not known" in named(found, "team-chekout").can_act_text
    assert any("who team-chekout is" in each for each in found.missing)
    assert "whom neither the catalog nor an on-call schedule knows" in found.reason
    assert found.tell_now == ["team-chekout", "ada"], "a slip of the pen leaves nobody uncalled"
    ((_, text),) = told(scope, EntryKind.OWNERSHIP)
    assert "to somebody whom neither the catalog nor an on-call schedule knows" in text
    scope.told(said(FeedbackAction.ASSIGN, "12:03", text="team-payments"))
    scope.passes(at("12:04"))
    assert latest(scope).tell_now == ["cy"]
    assert not [each for each in latest(scope).missing if "team-chekout" in each]
    assert latest(scope).keep_informed == ["team-checkout"]


@pytest.mark.parametrize(
    ("oncall", "why"),
    [
        (NO_SCHEDULE, "no on-call schedule of team-checkout is known"),
        (schedule(a_shift("team-payments", "cy")), "no on-call schedule of team-checkout is known"),
        (schedule(a_shift("team-checkout", "ada")), "the on-call schedule of team-checkout has no level 2"),
        (
            schedule(a_shift("team-checkout", "ada"), a_shift("team-checkout", "bo", 2, ends="11:00")),
            "team-checkout has no second responder on call now",
        ),
    ],
    ids=["no schedule at all", "none of the owner", "no second level", "a gap"],
)
def test_why_somebody_else_stands_in_at_the_second_level_is_what_is_known(
    oncall: OnCallSchedule, why: str
) -> None:
    scope = Scope(oncall=oncall)
    scope.told(firing(), firing("12:00:01", "payments"))
    scope.passes(at("12:11"))
    _, text = told(scope, EntryKind.ESCALATION)[-1]
    assert f": team-payments, for {why}, should be told." in text


def test_a_note_of_several_words_assigns_to_nobody() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), said(FeedbackAction.ASSIGN, "12:01", text="somebody should take this"))
    scope.passes(at("12:02"))
    assert latest(scope).owner == "team-checkout"
    (missing,) = latest(scope).missing
    assert missing.startswith("to whom a responder assigned it at 12:01 UTC: name a team or a handle")
    scope.told(said(FeedbackAction.ASSIGN, "12:03", text="team-payments"))
    scope.passes(at("12:04"))
    assert (latest(scope).owner, latest(scope).missing) == ("team-payments", [])


def test_the_wrong_owner_loses_it_at_once_and_does_not_get_it_back_from_evidence() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), firing("12:00:01", "payments"))
    scope.told(said(FeedbackAction.WRONG_OWNER, "12:02"))
    scope.passes(at("12:03"))
    found = latest(scope)
    assert found.owner == "team-payments"
    assert not named(found, "team-checkout").can_act
    assert parts(named(found, "team-checkout"))[Part.WRONG_OWNER] == ROUTING.wrong_owner
    scope.told(
        a_change(timestamp=at("11:58")), a_symptom(onset_at=at("11:59"), timestamp=at("12:04"), score=40.0)
    )
    scope.passes(at("12:20"))
    assert latest(scope).owner == "team-payments"


def test_the_owner_is_the_one_of_the_event_time() -> None:
    later = CatalogEntry(
        service="checkout-api", owner="team-new", scope="shop", effective_at=at("13:00"), customer_facing=True
    )
    entries = [CATALOG.entry(each, at("12:00")) for each in CATALOG.services("shop", at("12:00"))]
    scope = Scope(Catalog([*(each for each in entries if each), later]))
    scope.told(firing())
    assert latest(scope).owner == "team-checkout"


def test_an_outside_party_without_an_owner_leaves_it_with_those_who_call_it() -> None:
    scope = Scope()
    scope.told(
        firing(),
        a_symptom(peer="card-network", subject="call card-network", service="payments", onset_at=at("11:59")),
    )
    scope.passes(at("12:03"))
    assert latest(scope).owner in ("team-checkout", "team-payments")


# Who can act.


def test_who_made_the_change_knows_it_and_can_act_without_blame() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), *payments_fail())
    scope.passes(at("12:05"))
    author = named(latest(scope), "kim.lee")
    assert author.can_act
    (part,) = [each for each in author.parts if each.name is Part.MADE_CHANGE]
    assert "knows what it does" in part.text
    assert part.evidence
    elsewhere = [each.value for each in scope.sent if each.topic != topic.ROUTING]
    assert b"kim.lee" not in msgspec.json.encode(elsewhere)


@pytest.mark.parametrize("author", ["deploy-bot", "dependabot[bot]", "<email>", "automation", "Kim Lee", ""])
def test_machines_redacted_addresses_and_names_are_nobody_to_ask(author: str) -> None:
    scope = Scope()
    scope.told(firing(), a_change(author=author), a_symptom())
    scope.passes(at("12:05"))
    assert {each.candidate_kind for each in latest(scope).candidates} == {CandidateKind.TEAM}


def test_a_team_with_nobody_on_call_cannot_act_and_the_second_best_can() -> None:
    scope = Scope(oncall=ON_CALL)
    labels = {"node": "n-7"}
    scope.told(
        firing("12:00", "orders", labels=labels), firing("12:00:01", "reports", labels=labels),
        firing("12:00:02", "payments", labels=labels),
    )  # fmt: skip
    scope.passes(at("12:01"))
    found = latest(scope)
    orders = named(found, found.owner)
    assert (found.owner, orders.can_act, orders.can_act_text) == ("team-payments", True, "on call")
    assert not named(found, "team-orders").can_act
    assert Part.NOBODY_ON_CALL in parts(named(found, "team-orders"))
    assert found.second_best in ("team-orders", "team-reports")


def test_without_any_schedule_owners_can_act_and_what_is_missing_is_said() -> None:
    scope = Scope()
    scope.told(firing())
    found = latest(scope)
    assert named(found, "team-checkout").can_act
    assert found.missing == ["on-call schedules: name a folder of them in HEADWATER_ONCALL"]
    assert found.tell_now == ["team-checkout"]


def test_who_ended_a_similar_incident_is_a_candidate_for_weeks_also_after_a_restart() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing("08:00"), said(FeedbackAction.RESOLVE, "08:10", actor="fi"))
    scope.passes(at("08:40"))
    assert scope.state.incidents == []
    due = scope.stage.due_at(scope.state)
    assert due is not None
    assert due == at("08:00") + timedelta(days=30)
    assert not scope.stage.is_spent(scope.state, at("08:00") + timedelta(days=29))
    assert scope.stage.is_spent(scope.state, at("08:00") + timedelta(days=31))
    scope.state = msgspec.json.decode(msgspec.json.encode(scope.state), type=ScopeState)
    scope.told(firing("12:00"))
    found = named(latest(scope), "fi")
    (part,) = found.parts
    assert part.text == (
        "ended an earlier incident like this one: "
        "100 % of what an incident of 2026-06-23 08:00 UTC showed is the same"
    )
    assert not found.can_act
    assert b'"fi"' not in msgspec.json.encode(scope.values(topic.EVIDENCE))


def annotated(**annotations: str) -> Catalog:
    """The shop, its checkout with annotations of Headwater."""
    named = {f"headwater.dev/{name.replace('_', '-')}": value for name, value in annotations.items()}
    held = [CATALOG.entry(each, at("12:00")) for each in CATALOG.services("shop", at("12:00"))]
    return Catalog(
        [
            msgspec.structs.replace(each, annotations=named if each.service == "checkout-api" else {})
            for each in held
            if each
        ]
    )


def test_a_sensitive_signature_brings_in_the_liaison_or_says_that_there_is_none() -> None:
    scope = Scope(annotated(security_liaison="team-security"))
    leak = a_signature("checkout-api", "data leak of <n> records", sensitive=["data_exposure"])
    scope.told(firing(), leak)
    scope.passes(at("12:03"))
    found = latest(scope)
    assert "team-security" in found.keep_informed
    assert parts(named(found, "team-security")) == {Part.LIAISON: ROUTING.liaison}
    (missing,) = [each for each in found.missing if "liaison" in each]
    assert missing.startswith("the annotation headwater.dev/compliance-liaison of checkout-api")


def test_a_failure_of_what_carries_a_duty_is_told_to_the_compliance_liaison() -> None:
    scope = Scope(annotated(compliance_liaison="@kim.lee", compliance="patient-safety, personal-data"))
    scope.told(firing())
    found = latest(scope)
    assert found.keep_informed == ["kim.lee"]
    (part,) = named(found, "kim.lee").parts
    assert part.text.endswith("of checkout-api: it fails, and carries patient-safety")


def test_every_part_of_every_candidate_cites_evidence_that_was_published_before() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), firing("12:00:01", "payments"), *payments_fail())
    scope.told(said(FeedbackAction.WRONG_OWNER, "12:06"))
    scope.passes(at("12:40"))
    published: set[str] = set()
    for each in scope.sent:
        if each.topic == topic.EVIDENCE:
            published.add(each.value.evidence_id)  # type: ignore[attr-defined]
        if isinstance(each.value, IncidentRouting):
            cited = [part.evidence for one in each.value.candidates for part in one.parts]
            assert all(ids and set(ids) <= published for ids in cited)
            assert all(round(sum(p.points for p in c.parts), 3) == c.score for c in each.value.candidates)


# Who should be told when.


def test_each_level_is_told_when_nobody_answered_in_time_and_then_it_is_exhausted() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), firing("12:00:01", "payments"))
    scope.passes(at("13:00"))
    steps = latest(scope).escalation
    assert steps is not None
    assert [(f"{each.told_at:%H:%M}", each.level, each.tell) for each in steps.steps] == [
        ("12:00", 1, ["ada"]),
        ("12:10", 2, ["bo"]),
        ("12:20", 3, ["ada", "bo", "cy", "team-checkout", "team-payments"]),
        ("12:30", 3, ["ada", "bo", "cy", "team-checkout", "team-payments"]),
    ]
    assert (steps.phase, steps.due_at) == (EscalationPhase.EXHAUSTED, None)
    assert told(scope, EntryKind.ESCALATION)[1] == (
        "12:10:00",
        "Nobody acknowledged for 10 minutes: the second on-call responder of team-checkout should be told.",
    )
    due = [each for each in routings(scope) if each.as_of == at("12:10")]
    assert [each.tell_now for each in due] == [["bo"]]


def test_a_level_without_anybody_is_told_to_the_second_best() -> None:
    scope = Scope(oncall=schedule(a_shift("team-checkout", "ada"), a_shift("team-payments", "cy")))
    scope.told(firing(), firing("12:00:01", "payments"))
    scope.passes(at("12:11"))
    assert latest(scope).tell_now == ["cy"]


@pytest.mark.parametrize("action", [FeedbackAction.ACKNOWLEDGE, FeedbackAction.MITIGATE])
def test_an_answer_stops_it_even_in_the_last_second(action: FeedbackAction) -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), said(action, "12:10", actor="ada"))
    scope.passes(at("13:00"))
    found = latest(scope).escalation
    assert found is not None
    assert (found.phase, found.level, found.acknowledged_by) == (ACKNOWLEDGED, 1, "ada")
    assert latest(scope).tell_now == []


def test_a_machine_does_not_answer() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), said(FeedbackAction.ACKNOWLEDGE, "12:01", actor="bot"))
    scope.passes(at("12:11"))
    found = latest(scope).escalation
    assert found is not None
    assert (found.phase, found.level) == (WAITING, 2)


def wide() -> list[Any]:
    """Every second checkout fails."""
    return [
        a_symptom(value=60.0, threshold=5.0, timestamp=at("12:03"), onset_at=at("12:02"), sample_size=900)
    ]


def test_a_higher_severity_shortens_the_wait() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), *wide())
    scope.passes(at("12:04"))
    found = latest(scope).escalation
    assert found is not None
    assert (found.severity.name, found.level) == ("SEV1", 1)
    assert found.due_at == at("12:08:10")
    assert found.steps[-1].text.startswith("severity SEV2 became SEV1")


def test_a_higher_severity_asks_again_after_an_answer() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), said(FeedbackAction.ACKNOWLEDGE, "12:01", actor="ada"), *wide())
    scope.passes(at("12:09"))
    found = latest(scope).escalation
    assert found is not None
    assert (found.phase, found.level, found.acknowledged_by) == (WAITING, 2, None)


def test_another_owner_is_told_although_the_old_one_had_answered() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(), said(FeedbackAction.ACKNOWLEDGE, "12:01", actor="ada"))
    scope.told(*payments_fail())
    scope.passes(at("12:05"))
    found = latest(scope)
    assert (found.owner, found.tell_now) == ("team-payments", ["cy"])


def test_a_peak_of_the_calendar_halves_the_wait() -> None:
    peak = Period(name="the noon peak", kind=PeriodKind.PEAK, begins="11:00", ends="14:00")
    scope = Scope(oncall=ON_CALL, policy=msgspec.structs.replace(POLICY, calendar=[peak]))
    scope.told(firing())
    found = latest(scope).escalation
    assert found is not None
    assert (found.peak, found.due_at) == ("the noon peak", at("12:05"))


def test_the_end_ends_it_and_a_reopening_begins_it_anew() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing())
    scope.told(firing("12:02", status=AlertStatus.RESOLVED))
    scope.passes(at("12:06"))
    ended = latest(scope)
    assert ended.escalation is not None
    assert (ended.escalation.phase, ended.tell_now) == (EscalationPhase.ENDED, [])
    scope.told(firing("12:08"))
    again = latest(scope)
    assert again.escalation is not None
    assert (again.escalation.phase, again.escalation.started_at) == (WAITING, at("12:08"))
    assert again.tell_now == ["ada"]


def test_noise_and_what_is_no_incident_yet_tell_nobody() -> None:
    scope = Scope(oncall=ON_CALL)
    scope.told(firing(severity="info"))
    scope.passes(at("12:30"))
    assert routings(scope) == []


def test_a_restart_at_any_moment_changes_nothing() -> None:
    signals = [
        firing(), firing("12:00:01", "payments"), *payments_fail(),
        said(FeedbackAction.ACKNOWLEDGE, "12:15", actor="cy"),
        said(FeedbackAction.ASSIGN, "12:16", text="team-orders", actor="cy"),
        a_change("orders", timestamp=at("12:18"), change_kind=ChangeKind.CONFIG),
    ]  # fmt: skip

    def run(every: timedelta | None) -> list[bytes]:
        scope = Scope(oncall=ON_CALL)
        for each in signals:
            scope.stage.fold(scope.state, each)
        moment = at("12:00")
        while moment < at("13:30"):
            moment += every or timedelta(hours=2)
            scope.passes(moment)
            if every:
                scope.state = msgspec.json.decode(msgspec.json.encode(scope.state), type=ScopeState)
        return [msgspec.json.encode(each) for each in scope.sent]

    whole = run(None)
    assert any(b'"ownership.changed"' in each for each in whole)
    assert run(timedelta(seconds=7)) == whole
    assert run(timedelta(minutes=11)) == whole


def two_incidents() -> tuple[Scope, str, str]:
    """One of payments and one of orders, which do not call each other."""
    scope = Scope(oncall=ON_CALL)
    scope.told(firing("12:00", "payments"), firing("12:00:01", "orders"))
    one, other = scope.state.incidents
    return scope, one.incident_id, other.incident_id


def test_who_holds_another_incident_of_the_scope_carries_a_load() -> None:
    scope, one, other = two_incidents()
    scope.told(
        said(FeedbackAction.ASSIGN, "12:01", incident_id=one, text="team-reports"),
        said(FeedbackAction.ASSIGN, "12:01:30", incident_id=other, text="team-reports"),
    )
    scope.passes(at("12:02"))
    found = named([each for each in routings(scope) if each.incident_id == other][-1], "team-reports")
    (load,) = [each for each in found.parts if each.name is Part.LOAD]
    assert (load.points, load.text) == (ROUTING.load, "holds 1 other open incident")


@pytest.mark.parametrize("is_same_owner", [True, False])
def test_an_answer_for_a_part_answers_for_the_whole_only_where_both_have_the_same_owner(
    is_same_owner: bool,
) -> None:
    scope, one, other = two_incidents()
    scope.told(said(FeedbackAction.ACKNOWLEDGE, "12:01", incident_id=other, actor="di"))
    scope.told(said(FeedbackAction.WRONG_OWNER, "12:02", incident_id=other))
    whole, part = scope.state.incidents
    if is_same_owner:
        part.routing.owner = whole.routing.owner
    joining.take_over(whole, part)
    assert whole.routing.escalation is not None
    expected = ACKNOWLEDGED if is_same_owner else WAITING
    assert whole.routing.escalation.phase is expected
    assert whole.routing.joined == ([] if is_same_owner else ["team-orders"])
    # What was said of the part's owner does not move the whole.
    whole.feedback = [*part.feedback]
    scope.passes(at("12:05"))
    assert [each for each in routings(scope) if each.incident_id == one][-1].owner == "team-payments"
