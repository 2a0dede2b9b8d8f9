"""Which alerts are one incident, and can a reader see why they are, or are not?"""

from datetime import timedelta

import pytest

from detectors.incidents.policy import RELATION
from detectors.topology import Catalog
from models import topic
from models.catalog import CatalogEntry
from models.event import Alert, AlertStatus, ChangeKind, FeedbackAction
from models.incident import IncidentStatus
from models.timeline import EntryKind
from tests.unit.detectors.incidents.builders import a_change, a_symptom, an_alert, at, feedback
from tests.unit.detectors.incidents.scope import Scope

SECOND = timedelta(seconds=1)


def a_catalog(**calls: str) -> Catalog:
    """Give a catalog of services with those that they call."""
    return Catalog(
        [
            CatalogEntry(
                service=name.replace("_", "-"), owner="team", scope="shop", depends_on=called.split()
            )
            for name, called in calls.items()
        ]
    )


SHOP = a_catalog(
    web="checkout search",
    checkout="payments",
    payments="ledger",
    search="index",
    ledger="disk",
    index="",
    disk="",
    reports="warehouse",
    warehouse="disk",
)


def firing(time: str, service: str, **fields: object) -> Alert:
    return an_alert(service, timestamp=at(time), event_id=f"firing-{service}-{time}", **fields)


def resolved(time: str, service: str, **fields: object) -> Alert:
    return an_alert(
        service, timestamp=at(time), event_id=f"resolved-{service}-{time}",
        status=AlertStatus.RESOLVED, **fields,
    )  # fmt: skip


def services(scope: Scope) -> list[list[str]]:
    return [sorted(each.members) for each in scope.state.incidents]


def told(*signals: object, catalog: Catalog = SHOP) -> Scope:
    scope = Scope(catalog)
    for signal in signals:
        scope.told(signal)  # type: ignore[arg-type]
    return scope


def test_two_faults_at_once_that_have_nothing_to_do_with_each_other_are_two_incidents() -> None:
    scope = told(
        firing("12:00", "payments"),
        firing("12:00:10", "search", name="SearchSlow", summary="searches are slow"),
        a_symptom("checkout", onset_at=at("12:00:20")),
        a_symptom("index", onset_at=at("12:00:20")),
    )
    assert services(scope) == [["checkout", "payments"], ["index", "search"]]
    first, second = scope.state.incidents
    assert {each.first.service for each in first.symptoms.values()} == {"checkout"}
    assert {each.first.service for each in second.symptoms.values()} == {"index"}


def test_a_reader_sees_why_two_incidents_are_two() -> None:
    scope = told(firing("12:00", "payments"), firing("12:00", "search"))
    second = scope.incidents()[1]
    (apart,) = second.apart
    assert apart.incident_id == scope.incidents()[0].incident_id
    assert apart.score < apart.threshold
    assert next((each.name, each.points) for each in apart.parts) == ("unrelated", RELATION.unrelated)
    assert apart.score == round(sum(each.points for each in apart.parts), 2)


def test_a_reader_sees_why_a_service_belongs_to_an_incident() -> None:
    scope = told(firing("12:00", "payments"), firing("12:01", "checkout"))
    scope.passes(at("12:02"))
    began, joined = scope.incidents()[0].members
    assert (began.service, began.parts[0].text) == ("payments", "it began the incident")
    assert joined.parts[0].text == "checkout calls payments"
    assert joined.score == round(sum(each.points for each in joined.parts), 2) >= joined.threshold
    known = {each.evidence_id for each in scope.values(topic.EVIDENCE)}
    assert {began.evidence_id, joined.evidence_id} <= known


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("checkout", "ledger", True),  # payments, between them, is silent
        ("ledger", "warehouse", True),  # disk, which both call, is silent
        ("payments", "search", False),  # web, which calls both, is silent: it explains neither
        ("payments", "nobody-knows-it", True),  # no way is known, and none is excluded
    ],
)
def test_the_way_of_calls_relates_services_although_what_lies_between_is_silent(
    one: str, other: str, together: bool
) -> None:
    scope = told(firing("12:00", one), firing("12:00:30", other))
    assert (len(scope.state.incidents) == 1) is together


def test_a_dependency_that_everybody_shares_relates_nothing_until_it_was_changed() -> None:
    catalog = a_catalog(**dict.fromkeys("abcdef", "kafka"), kafka="")
    alerts = firing("12:00", "a"), firing("12:00", "b", name="Other", summary="another thing")
    assert len(told(*alerts, catalog=catalog).state.incidents) == 2
    change = a_change("kafka", timestamp=at("11:50"), change_kind=ChangeKind.CONFIG)
    (incident,) = told(change, *alerts, catalog=catalog).state.incidents
    assert {each.name for each in incident.members["b"].parts} >= {"shared_dependency", "shared_change"}


def test_without_a_catalog_time_joins_for_some_minutes_and_the_same_words_for_longer() -> None:
    nobody = Catalog([])
    near, far = firing("12:05", "b", name="Other"), firing("12:20", "b", name="Other")
    alike = firing("12:20", "b", name="HighErrorRate")
    begun = firing("12:00", "a", name="HighErrorRate")
    assert [len(told(begun, each, catalog=nobody).state.incidents) for each in (near, far, alike)] == [
        1,
        2,
        1,
    ]


def test_neighbours_in_time_make_no_endless_chain() -> None:
    chain = [
        firing(f"12:{minute:02}", f"s{minute}", name=f"N{'abcdefg'[minute // 6]}")
        for minute in range(0, 42, 6)
    ]
    scope = told(*chain, catalog=Catalog([]))
    assert len(scope.state.incidents) > 2


def test_another_tenant_is_another_incident_where_nothing_else_ties() -> None:
    nobody = Catalog([])
    one, other, same = (
        firing("12:00", service, name=name, labels={"tenant": tenant})
        for service, name, tenant in (("a", "One", "acme"), ("b", "Two", "globex"), ("c", "Three", "acme"))
    )
    scope = told(one, other, same, catalog=nobody)
    assert services(scope) == [["a", "c"], ["b"]]


def test_the_same_words_at_the_same_moment_on_one_machine_are_one_although_no_call_leads_there() -> None:
    labels = {"node": "n-7"}
    scope = told(firing("12:00", "payments", labels=labels), firing("12:00:05", "search", labels=labels))
    assert services(scope) == [["payments", "search"]]


def test_symptoms_of_no_incident_wait_for_one_that_they_belong_to() -> None:
    scope = told(firing("12:00", "payments"), a_symptom("index", onset_at=at("12:00")))
    assert services(scope) == [["payments"]]
    scope.told(firing("12:02", "search"))
    assert services(scope) == [["payments"], ["index", "search"]]
    assert [each.service for each in scope.state.symptoms] == []


def test_a_service_that_fails_between_two_incidents_makes_them_one() -> None:
    scope = told(firing("12:00", "checkout"), firing("12:40", "ledger", name="LedgerDown"))
    assert services(scope) == [["checkout"], ["ledger"]]
    first, second = (each.incident_id for each in scope.state.incidents)
    scope.told(a_symptom("payments", onset_at=at("12:41")))
    assert services(scope) == [["checkout", "ledger", "payments"]]
    kept, gone = scope.incidents()
    assert (kept.incident_id, gone.incident_id) == (first, second)
    assert (gone.status, gone.merged_into) == (IncidentStatus.CLOSED, first)
    assert len(scope.incident.alerts) == 2
    for each in scope.values(topic.TIMELINE)[-2:]:
        assert [entry.source for entry in each.entries if entry.entry_kind is EntryKind.MEMBERSHIP] == [
            "merge"
        ]


def test_everything_that_a_merged_incident_cites_is_published_under_its_id() -> None:
    scope = told(
        firing("12:00", "checkout"),
        firing("12:40", "ledger", name="LedgerDown"),
        a_symptom("payments", onset_at=at("12:41")),
    )
    scope.passes(at("20:00"))
    kept = scope.incidents()[0].incident_id
    assert scope.incidents()[1].merged_into == kept
    known = {each.evidence_id for each in scope.values(topic.EVIDENCE) if each.incident_id == kept}
    entries = next(
        each for each in reversed(scope.values(topic.TIMELINE)) if each.incident_id == kept
    ).entries
    assert {each.evidence_id for each in entries} <= known
    assert {each.evidence_id for each in scope.incidents()[0].members} <= known


def test_feedback_about_a_merged_incident_reaches_the_one_it_is_part_of() -> None:
    scope = told(firing("12:00", "checkout"), firing("12:40", "ledger", name="LedgerDown"))
    second = scope.state.incidents[1].incident_id
    scope.told(a_symptom("payments", onset_at=at("12:41")))
    scope.told(feedback(FeedbackAction.MITIGATE, timestamp=at("12:45"), incident_id=second))
    assert scope.incident.status is IncidentStatus.MITIGATED


def test_a_service_that_suffers_from_two_incidents_merges_nothing() -> None:
    scope = told(
        firing("12:00", "checkout"), firing("12:00", "search"), a_symptom("web", onset_at=at("12:01")),
        a_symptom("web", onset_at=at("12:01"), timestamp=at("12:03"), score=20.0),
    )  # fmt: skip
    assert len(scope.state.incidents) == 2


def test_a_part_that_only_time_held_and_that_goes_on_alone_becomes_an_incident_of_its_own() -> None:
    scope = told(
        firing("12:00", "payments"),
        firing("12:01", "stranger", name="DiskFull"),
        resolved("12:10", "payments"),
    )
    assert services(scope) == [["payments", "stranger"]]
    old = scope.incident.incident_id
    scope.passes(at("12:20"))
    assert len(scope.state.incidents) == 1
    scope.passes(at("12:20:01"))
    assert services(scope) == [["payments"], ["stranger"]]
    first, second = scope.incidents()
    assert (first.incident_id, first.split_into) == (old, [second.incident_id])
    assert (second.split_from, second.service) == (old, "stranger")
    told_of = [
        entry.text
        for each in scope.values(topic.TIMELINE)[-2:]
        for entry in each.entries
        if entry.entry_kind is EntryKind.MEMBERSHIP
    ]
    assert len(told_of) == 2
    scope.passes(at("12:30"))
    assert [each.status for each in scope.incidents()] == [IncidentStatus.RESOLVED, IncidentStatus.OPEN]


def test_a_part_that_the_way_of_calls_holds_is_never_split_off() -> None:
    scope = told(firing("12:00", "payments"), firing("12:01", "checkout"), resolved("12:10", "payments"))
    scope.passes(at("13:00"))
    assert services(scope) == [["checkout", "payments"]]


def test_beyond_the_most_incidents_an_alert_joins_the_one_it_relates_to_most() -> None:
    catalog = a_catalog(**{f"s{n}": f"d{n}" for n in range(12)})
    alerts = [firing(f"12:00:{n:02}", f"s{n}", name=f"Alert{n}") for n in range(12)]
    scope = told(*alerts, catalog=catalog)
    assert len(scope.state.incidents) == 8
    assert sum(len(each.alerts) for each in scope.state.incidents) == 12


def test_a_new_incident_names_the_one_before_it_of_the_same_service_and_no_other() -> None:
    scope = told(firing("12:00", "payments"), firing("12:00", "search"), resolved("12:05", "payments"))
    scope.told(resolved("12:06", "search"))
    scope.passes(at("13:00"))
    scope.told(firing("13:10", "payments"))
    first = scope.incidents()[0]
    assert scope.incident.previous_incident == first.incident_id
    assert first.service == "payments"


def test_what_fails_behind_a_caller_that_another_service_explains_is_a_fault_of_its_own() -> None:
    scope = told(firing("12:00", "checkout"), firing("12:01", "web"), firing("12:05", "search"))
    assert services(scope) == [["checkout", "web"], ["search"]]


def test_what_fails_behind_a_caller_that_nothing_explains_belongs_to_it() -> None:
    assert services(told(firing("12:00", "web"), firing("12:05", "search"))) == [["search", "web"]]


def test_a_chain_that_fails_from_its_top_down_is_one_incident() -> None:
    scope = told(firing("12:00", "web"), firing("12:03", "checkout"), firing("12:06", "payments"))
    assert services(scope) == [["checkout", "payments", "web"]]
