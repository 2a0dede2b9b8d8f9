"""A responder says that two incidents are one, or that one is two."""

from typing import Any

import msgspec
import pytest

from detectors.incidents.state import ScopeState
from models import topic
from models.event import AlertStatus, FeedbackAction
from models.incident import IncidentStatus
from models.timeline import EntryKind
from tests.unit.detectors.incidents.builders import a_symptom, an_alert, at, feedback
from tests.unit.detectors.incidents.scope import Scope
from tests.unit.detectors.incidents.test_relation import SHOP as CALLS

NAMES = {"checkout": "HighErrorRate", "ledger": "LedgerDown"}
OPEN, RESOLVED, CLOSED = IncidentStatus.OPEN, IncidentStatus.RESOLVED, IncidentStatus.CLOSED


def firing(time: str, service: str, **fields: Any) -> Any:
    return an_alert(service, timestamp=at(time), **({"name": NAMES.get(service, "Slow")} | fields))


def two_incidents() -> tuple[Scope, str, str]:
    scope = Scope(CALLS)
    scope.told(firing("12:00", "checkout"), firing("12:40", "ledger"))
    first, second = (each.incident_id for each in scope.state.incidents)
    return scope, first, second


def one_incident() -> Scope:
    scope = Scope(CALLS)
    scope.told(firing("12:00", "checkout"), firing("12:00:30", "payments"))
    assert [list(each.members) for each in scope.state.incidents] == [["checkout", "payments"]]
    return scope


def merge(time: str, incident: str, into: str) -> Any:
    return feedback(
        FeedbackAction.MERGE, timestamp=at(time), incident_id=incident, into_incident_id=into, actor="kim.lee"
    )


def split(time: str, **fields: Any) -> Any:
    return feedback(FeedbackAction.SPLIT, timestamp=at(time), **fields)


def services(scope: Scope) -> list[list[str]]:
    """Give the services with an alert, of each incident that is not closed."""
    return [sorted({each.first.service for each in one.alerts.values()}) for one in scope.state.incidents]


def told(scope: Scope, incident_id: str) -> list[str]:
    """Give what the latest timeline of an incident says of what belongs together."""
    timelines = [each for each in scope.values(topic.TIMELINE) if each.incident_id == incident_id]
    return [each.text for each in timelines[-1].entries if each.entry_kind is EntryKind.MEMBERSHIP]


@pytest.mark.parametrize("younger_goes_on", [False, True])
def test_a_merge_goes_into_the_incident_that_the_responder_names_and_is_told_in_both(
    younger_goes_on: bool,
) -> None:
    scope, first, second = two_incidents()
    ends, goes_on = (first, second) if younger_goes_on else (second, first)
    scope.told(merge("12:45", ends, goes_on))
    assert scope.incident.incident_id == goes_on
    assert services(scope) == [["checkout", "ledger"]]
    records = {each.incident_id: each for each in scope.incidents()}
    assert (records[ends].status, records[ends].merged_into) == (CLOSED, goes_on)
    assert told(scope, ends) == [f"Merged into the incident {goes_on}: a responder said so."]
    assert told(scope, goes_on) == [f"The incident {ends} is part of this one: a responder said so."]


def test_a_resolved_incident_into_which_one_that_goes_on_is_merged_is_open_again() -> None:
    scope, first, second = two_incidents()
    scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:41"), incident_id=first))
    scope.told(merge("12:45", second, first))
    assert (scope.incident.incident_id, scope.incident.status) == (first, OPEN)
    assert scope.statuses(first) == [OPEN, RESOLVED, OPEN]


@pytest.mark.parametrize(
    ("into", "why"),
    [
        ("shop-nothing", "knows no incident shop-nothing that is not closed"),
        ("", "both ids name this incident"),
    ],
)
def test_a_merge_that_cannot_be_done_is_said_with_what_to_do_and_changes_nothing(into: str, why: str) -> None:
    scope, first, second = two_incidents()
    scope.told(merge("12:45", second, into or second))
    assert [each.incident_id for each in scope.state.incidents] == [first, second]
    (text,) = told(scope, second)
    assert text.startswith("Not merged: ")
    assert why in text


def test_an_incident_is_not_hidden_in_noise() -> None:
    scope, _, second = two_incidents()
    scope.told(an_alert("relay", timestamp=at("13:30"), severity="info", name="Rotated"))
    noise = next(each.incident_id for each in scope.state.incidents if each.noise)
    scope.told(merge("13:35", second, noise))
    assert len(scope.state.incidents) == 3
    assert "is noise; merge it into this one instead" in told(scope, second)[0]


def test_a_split_by_service_takes_its_alerts_and_symptoms_and_is_told_in_both() -> None:
    scope = one_incident()
    scope.told(a_symptom("payments", onset_at=at("12:01")))
    scope.told(split("12:05", service="payments"))
    assert services(scope) == [["checkout"], ["payments"]]
    stays, leaves = scope.state.incidents
    assert [each.first.service for each in leaves.symptoms.values()] == ["payments"]
    assert (list(stays.members), list(leaves.members)) == (["checkout"], ["payments"])
    first, second = scope.incidents()
    assert (first.split_into, second.split_from) == ([second.incident_id], first.incident_id)
    assert told(scope, first.incident_id) == [
        f"Split: a part is the incident {second.incident_id} of its own: a responder said so."
    ]
    assert told(scope, second.incident_id) == [
        f"Split from the incident {first.incident_id}: a responder said so."
    ]


def test_a_split_by_alert_takes_that_alone() -> None:
    scope = one_incident()
    scope.told(firing("12:02", "payments", name="DiskFull", fingerprint="disk"))
    scope.told(split("12:05", alerts=["disk"]))
    assert services(scope) == [["checkout", "payments"], ["payments"]]
    scope.told(firing("12:06", "payments", name="DiskFull", fingerprint="disk", value=3.0))
    assert len(scope.state.incidents) == 2, "what is sent again stays where it was put"


def test_what_is_left_ends_by_itself_and_so_does_what_left() -> None:
    scope = one_incident()
    scope.told(split("12:05", service="payments"))
    for service, time in (("payments", "12:06"), ("checkout", "12:20")):
        scope.told(firing(time, service, status=AlertStatus.RESOLVED))
    scope.passes(at("12:15"))
    scope.passes(at("14:00"))
    for each in scope.incidents():
        assert scope.statuses(each.incident_id) == [OPEN, RESOLVED, CLOSED]


def test_evidence_does_not_make_one_again_of_what_a_responder_split_but_a_responder_does() -> None:
    between = a_symptom("payments", onset_at=at("12:41"))
    scope, first, second = two_incidents()
    scope.told(between)
    assert [each.incident_id for each in scope.state.incidents] == [first], "evidence merges them"

    scope, first, second = two_incidents()
    scope.told(merge("12:40:10", second, first), split("12:40:20", incident_id=first, service="ledger"))
    scope.told(between)
    assert services(scope) == [["checkout"], ["ledger"]]
    stays, leaves = (each.incident_id for each in scope.state.incidents)
    scope.told(merge("12:45", leaves, stays))
    assert services(scope) == [["checkout", "ledger"]]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"service": "search"}, "no alert or symptom of search"),
        ({"alerts": ["nothing"]}, "no alert that is named"),
    ],
)
def test_a_split_of_what_is_not_there_is_said_and_changes_nothing(fields: Any, why: str) -> None:
    scope = one_incident()
    incident_id = scope.incident.incident_id
    scope.told(split("12:05", incident_id=incident_id, **fields))
    (text,) = told(scope, incident_id)
    assert text.startswith("Not split: ")
    assert why in text


def test_nothing_splits_off_all_there_is_or_a_part_of_what_is_over() -> None:
    scope = Scope(CALLS)
    scope.told(firing("12:00", "checkout"))
    incident_id = scope.incident.incident_id
    scope.told(split("12:05", service="checkout"))
    assert "nothing would be left of it" in told(scope, incident_id)[0]

    scope = one_incident()
    incident_id = scope.incident.incident_id
    scope.told(feedback(FeedbackAction.RESOLVE, timestamp=at("12:04")))
    scope.told(split("12:05", service="payments"))
    assert scope.incident.status is RESOLVED
    assert "the incident is over; reopen it first" in told(scope, incident_id)[0]


def test_what_is_cited_after_a_merge_and_a_split_was_published_under_the_id_that_cites_it() -> None:
    scope, first, second = two_incidents()
    scope.told(merge("12:45", second, first), split("12:50", incident_id=first, service="ledger"))
    scope.passes(at("23:00"))
    for record in scope.incidents():
        known = {each.evidence_id for each in scope.values(topic.EVIDENCE)
                 if each.incident_id == record.incident_id}  # fmt: skip
        of_it = [each for each in scope.values(topic.TIMELINE) if each.incident_id == record.incident_id]
        assert {each.evidence_id for each in of_it[-1].entries} <= known
        assert {each.evidence_id for each in record.members} <= known


def test_a_restart_between_any_two_words_changes_nothing() -> None:
    _, first, second = two_incidents()
    signals = [
        firing("12:00", "checkout"), firing("12:40", "ledger"), merge("12:45", second, first),
        split("12:50", incident_id=first, service="ledger"), a_symptom("payments", onset_at=at("12:51")),
    ]  # fmt: skip
    expected = Scope(CALLS)
    for each in signals:
        expected.told(each)
    for place in range(len(signals)):
        scope = Scope(CALLS)
        for number, each in enumerate(signals):
            if number == place:
                scope.state = msgspec.json.decode(msgspec.json.encode(scope.state), type=ScopeState)
            scope.told(each)
        assert scope.sent == expected.sent


def test_what_a_responder_writes_with_it_names_nobody_in_either_incident() -> None:
    scope, first, second = two_incidents()
    said = merge("12:45", second, first)
    scope.told(msgspec.structs.replace(said, text="kim.lee says that Kim broke both"))
    timelines = msgspec.json.encode(scope.values(topic.TIMELINE)).decode()
    assert "a responder broke both" in timelines
    assert not [each for each in ("kim.lee", "Kim") if each in timelines]
