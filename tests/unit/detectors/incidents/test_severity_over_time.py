"""A severity goes up at once, and down only after it has clearly been too high for the stated time."""

from datetime import timedelta

import pytest

from detectors.incidents.severity import verdict as severity
from detectors.incidents.state import evidence_id
from models import topic
from models.event import FeedbackAction
from models.incident import IncidentStatus
from models.timeline import EntryKind
from models.triage import Severity
from tests.policy import POLICY
from tests.unit.detectors.incidents.builders import a_situation, a_symptom, an_alert, at, feedback
from tests.unit.detectors.incidents.scope import Scope

WAIT = timedelta(minutes=POLICY.severity.lower_after_min)


def errors_at(minute: str, percent: float) -> object:
    return a_symptom(onset_at=at("12:00"), timestamp=at(minute), value=percent, event_id=f"s-{minute}")


def held_at(percent: float, held: Severity, since: str | None = None) -> severity.SeverityFinding:
    situation = a_situation(
        symptoms=[a_symptom(onset_at=at("12:09"), value=percent)],
        held=held,
        lower_since=at(since) if since else None,
    )
    return severity.judge(situation)


def test_errors_that_rise_raise_the_severity_at_once() -> None:
    assert held_at(30.0, Severity.SEV2).severity is Severity.SEV1


def test_errors_just_below_the_limit_do_not_begin_to_lower_it() -> None:
    finding = held_at(19.0, Severity.SEV1)
    assert (finding.severity, finding.lower_since) == (Severity.SEV1, None)


def test_errors_clearly_below_the_limit_lower_it_after_the_wait() -> None:
    finding = held_at(10.0, Severity.SEV1)
    assert (finding.severity, finding.lower_since) == (Severity.SEV1, at("12:10"))
    before = held_at(10.0, Severity.SEV1, since="12:01")
    assert (before.severity, before.judge_at) == (Severity.SEV1, at("12:11"))
    assert held_at(10.0, Severity.SEV1, since="12:00").severity is Severity.SEV2


def test_a_relapse_begins_the_wait_anew() -> None:
    assert held_at(19.0, Severity.SEV1, since="12:00").lower_since is None


@pytest.mark.parametrize("status", [IncidentStatus.RESOLVED, IncidentStatus.CLOSED])
def test_what_is_over_keeps_the_severity_that_it_had(status: IncidentStatus) -> None:
    situation = a_situation(
        alerts=[an_alert()],
        resolved_at=at("12:05"),
        held=Severity.SEV1,
        lower_since=at("11:00"),
        status=status,
    )
    finding = severity.judge(situation)
    assert (finding.severity, finding.judge_at, finding.raises) == (Severity.SEV1, None, [])


def test_it_goes_down_by_time_alone_is_told_with_its_reason_and_the_worst_is_kept() -> None:
    scope = Scope()
    scope.told(an_alert(severity="warning"))
    scope.told(*[errors_at(f"12:0{minute}", 40.0) for minute in range(1, 4)])
    assert scope.incident.held is Severity.SEV1
    scope.passes(at("12:30"))
    triages = scope.values(topic.TRIAGE)
    assert [each.severity for each in triages if each.severity != Severity.SEV1] == [
        Severity.SEV3,
        Severity.SEV3,
    ], "SEV3 by the warning alone: before the errors, and after them"
    lowered = triages[-1]
    seen_last = at("12:03") + timedelta(minutes=5)
    assert seen_last + WAIT <= lowered.as_of <= seen_last + WAIT + timedelta(minutes=2)
    told = [each.text for each in scope.incident.timeline if each.entry_kind is EntryKind.SEVERITY]
    assert told[-1] == (
        "Severity SEV1 became SEV3: for 10 minutes these have clearly not held any more:"
        " outage, customer_errors, and errors."
    )
    assert scope.incident.worst.severity is Severity.SEV1


def test_the_reader_is_told_when_it_will_go_down() -> None:
    scope = Scope()
    scope.told(an_alert(severity="warning"), errors_at("12:01", 40.0))
    scope.passes(at("12:08"))
    scope.told(an_alert("orders", name="Slow", severity="warning", timestamp=at("12:08")))
    triage = scope.values(topic.TRIAGE, scope.passes(at("12:09")))[-1]
    assert triage.severity is Severity.SEV1
    assert triage.lower_at is not None
    assert at("12:10") < triage.lower_at < at("12:20")


def confirmed_at(said: str, *, later: str = "12:50", **fields: object) -> list[Severity]:
    """Give the severities of an incident whose errors fall from 18 % to 1 % after a word about it."""
    scope = Scope()
    scope.told(an_alert(severity="warning"), errors_at("12:01", 18.0))
    scope.told(feedback(FeedbackAction.CONFIRM_SEVERITY, timestamp=at("12:05"), text=said, **fields))
    for minute in range(6, 30, 2):
        scope.told(errors_at(f"12:{minute:02}", 1.0))
    scope.passes(at(later))
    return [each.severity for each in scope.values(topic.TRIAGE) if each.status != IncidentStatus.CLOSED]


def test_a_severity_that_a_responder_confirmed_goes_no_lower_by_itself() -> None:
    assert confirmed_at("seems right", actor="bot")[-1] > confirmed_at("seems right")[-1]
    assert confirmed_at("seems right")[-1] is Severity.SEV2


def test_a_responder_who_names_a_severity_raises_it_and_the_reason_says_so() -> None:
    scope = Scope()
    scope.told(an_alert(severity="warning"), errors_at("12:01", 18.0))
    scope.passes(at("12:03"))
    before = scope.values(topic.TRIAGE)[-1].severity
    assert before > Severity.SEV1
    said = feedback(FeedbackAction.CONFIRM_SEVERITY, timestamp=at("12:05"), text="this is a sev1")
    scope.told(said)
    scope.passes(at("12:06"))
    triage = scope.values(topic.TRIAGE)[-1]
    assert triage.severity is Severity.SEV1
    (reason,) = [each for each in triage.reasons if each.rule == "confirmed_severity"]
    assert reason.text == "a responder confirmed SEV1 at 12:05 UTC"
    assert reason.evidence == [evidence_id(said.event_id)]
