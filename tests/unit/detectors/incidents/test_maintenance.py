"""Announced work holds alerts back: recorded, visible, and raised again if they stay."""

from datetime import timedelta

import pytest

from detectors.incidents.maintenance import window_of
from detectors.incidents.policy import LIFECYCLE
from models import topic
from models.event import AlertStatus, Change, ChangeKind
from models.incident import IncidentStatus
from models.triage import Severity, Verdict
from tests.unit.detectors.incidents.builders import a_change, a_symptom, an_alert, at
from tests.unit.detectors.incidents.scope import Scope


def work(service: str | None = "payments", **fields: object) -> Change:
    usual = {"timestamp": at("11:50"), "state": "started", "change_kind": ChangeKind.MAINTENANCE}
    return a_change(service, **(usual | {"name": "card network switch"} | fields))


def planned(until: str) -> Change:
    return work(attributes={"ends_at": f"2026-06-23T{until}:00Z"})


def over(time: str) -> Change:
    return work(timestamp=at(time), state="finished", event_id=f"over-{time}")


@pytest.mark.parametrize(
    ("announced", "begins", "ends"),
    [
        ([planned("12:30")], "11:50", "12:30"),
        ([planned("12:30"), over("12:10")], "11:50", "12:10"),
        ([work(started_at=at("11:40"), timestamp=at("12:20"), state=None)], "11:40", "12:20"),
        ([work(None), over("12:10")], "11:50", "15:50"),
    ],
    ids=["its plan", "its end is told", "told when over", "nobody tells the end of this one"],
)
def test_the_window_ends_when_it_is_told_else_as_planned_else_after_its_limit(
    announced: list[Change], begins: str, ends: str
) -> None:
    found = window_of(announced, "payments", at("12:00"))
    assert found is not None
    assert (found.begins, found.ends) == (at(begins), at(ends))


def test_a_window_covers_its_own_service_only() -> None:
    assert window_of([work()], "orders", at("12:00")) is None


def test_a_window_holds_from_its_begin_until_just_before_its_end() -> None:
    moments = {
        time: window_of([planned("12:30")], "payments", at(time)) for time in ("11:49", "11:50", "12:30")
    }
    assert [time for time, found in moments.items() if found] == ["11:50"]


def test_an_end_in_seconds_is_an_end() -> None:
    found = window_of([work(attributes={"ends_at": at("12:30").timestamp()})], "payments", at("12:00"))
    assert found is not None
    assert found.ends == at("12:30")


def test_an_end_without_an_offset_is_not_believed() -> None:
    found = window_of([work(attributes={"ends_at": "2026-06-23T12:30:00"})], "payments", at("12:00"))
    assert found is not None
    assert found.ends == at("11:50") + LIFECYCLE.maintenance


def test_an_alert_during_announced_work_is_recorded_as_noise_that_says_why() -> None:
    scope = Scope()
    change = planned("12:30")
    scope.told(change, an_alert("payments"))
    (triage,) = scope.values(topic.TRIAGE)
    assert (triage.verdict, triage.severity) == (Verdict.NOISE, Severity.SEV4)
    assert "announced work holds its alerts back until 12:30 UTC" in triage.headline
    (reason,) = [each for each in triage.reasons if each.rule == "announced_work"]
    cited = {each.evidence_id: each for each in scope.values(topic.EVIDENCE)}
    assert cited[reason.evidence[0]].sources == [change.event_id]
    assert " began at 11:50 UTC" in cited[reason.evidence[0]].text


def test_work_that_ends_on_another_day_is_told_with_the_date_of_its_end() -> None:
    scope = Scope()
    night = {"ends_at": "2026-06-24T02:00:00Z"}
    scope.told(work(timestamp=at("22:00"), attributes=night), an_alert("payments", timestamp=at("22:30")))
    (triage,) = scope.values(topic.TRIAGE)
    assert "holds its alerts back until 2026-06-24 02:00 UTC" in triage.headline


def test_what_still_fires_when_the_work_is_over_is_raised_again() -> None:
    scope = Scope()
    scope.told(planned("12:30"), an_alert("payments"))
    scope.passes(at("12:29"))
    assert [each.verdict for each in scope.incidents()] == [Verdict.NOISE]
    scope.passes(at("12:31"))
    held, raised = scope.incidents()
    assert (held.verdict, raised.verdict) == (Verdict.NOISE, Verdict.INCIDENT)
    assert (raised.service, raised.opened_at) == ("payments", at("12:30"))


def test_what_has_resolved_before_the_end_is_not_raised() -> None:
    scope = Scope()
    alert = an_alert("payments")
    resolved = an_alert("payments", timestamp=at("12:10"), status=AlertStatus.RESOLVED)
    scope.told(planned("12:30"), alert)
    scope.told(resolved)
    scope.passes(at("13:30"))
    (held,) = scope.incidents()
    assert (held.verdict, held.status) == (Verdict.NOISE, IncidentStatus.CLOSED)


def test_work_that_ends_early_lets_go_at_once() -> None:
    scope = Scope()
    scope.told(planned("12:30"), an_alert("payments"))
    scope.told(over("12:10"))
    scope.passes(at("12:11"))
    assert [(each.verdict, each.opened_at) for each in scope.incidents()] == [
        (Verdict.NOISE, at("12:00")),
        (Verdict.INCIDENT, at("12:10")),
    ]


def test_an_alert_of_another_service_is_not_held_back() -> None:
    scope = Scope()
    scope.told(planned("12:30"), an_alert("orders"))
    assert [each.verdict for each in scope.incidents()] == [Verdict.CANDIDATE]


def test_many_alerts_of_one_announcement_are_one_record() -> None:
    scope = Scope()
    alerts = [an_alert("payments", name=f"Check{n}", event_id=f"check-{n}") for n in range(40)]
    scope.told(planned("12:30"), *alerts)
    scope.passes(at("12:05"))
    (held,) = scope.incidents()
    assert held.alerts == len(alerts)


def test_a_repetition_of_a_held_alert_does_not_make_it_real() -> None:
    scope = Scope()
    scope.told(planned("12:30"), an_alert("payments"))
    scope.told(an_alert("payments", timestamp=at("12:05"), value=99.0))
    scope.passes(at("12:06"))
    assert [each.verdict for each in scope.incidents()] == [Verdict.NOISE]


def test_failures_of_a_service_under_work_open_no_incident() -> None:
    scope = Scope()
    onset = at("12:00")
    scope.told(planned("12:30"), a_symptom("payments", onset_at=onset), a_symptom("orders", onset_at=onset))
    scope.passes(onset + timedelta(minutes=5))
    assert scope.incidents() == []
