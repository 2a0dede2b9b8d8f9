"""What probably caused it, what was ruled out, and when nothing is decisive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.cause.suspect import Weighing
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.cause import Candidate, CauseClass, CauseVerdict
from models.event import Change, ChangeKind, FeedbackAction
from models.record import decode, encode
from models.signal import SymptomKind
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_metric,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
    feedback,
)


def candidate(finding: CauseFinding, change: Change) -> Candidate:
    return next(
        each for each in finding.candidates if each.change and each.change.change_id == change.event_id
    )


def test_a_deployment_shortly_before_the_first_symptom_at_its_service_is_likely() -> None:
    deploy = a_change("payments")
    finding = cause_candidate.rank(
        a_situation(
            alerts=[an_alert()], symptoms=[a_signature("payments", "boom"), a_symptom()], changes=[deploy]
        )
    )
    first = finding.candidates[0]
    assert finding.abstained is None
    assert (first.change.change_id, first.verdict, first.rank) == (deploy.event_id, CauseVerdict.LIKELY, 1)
    assert first.cause_class is CauseClass.DEPLOYMENT
    assert first.text == "the deployment of v42 to payments at 11:56 UTC"
    assert any("4 minutes before the onset" in each.text for each in first.supporting)


@given(st.integers(min_value=1, max_value=50))
def test_a_change_after_the_onset_is_ruled_out_and_never_likely(minutes: int) -> None:
    late = a_change(timestamp=at(f"12:{minutes:02}"))
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[late], as_of=at("12:59")))
    assert candidate(finding, late).verdict is CauseVerdict.RULED_OUT
    assert "after the onset" in candidate(finding, late).contradicting[0].text


def test_a_roll_out_that_was_under_way_at_the_onset_is_not_ruled_out() -> None:
    rolling = a_change(started_at=at("11:58"), timestamp=at("12:04"))
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[rolling]))
    assert candidate(finding, rolling).verdict is CauseVerdict.LIKELY


@pytest.mark.parametrize("kind", [ChangeKind.COMMIT, ChangeKind.MAINTENANCE])
def test_what_is_not_a_live_change_is_no_candidate(kind: ChangeKind) -> None:
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[a_change(change_kind=kind)]))
    assert all(each.change is None for each in finding.candidates)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ChangeKind.ROLLBACK, CauseClass.DEPLOYMENT),
        (ChangeKind.CONFIG, CauseClass.CONFIG),
        (ChangeKind.FEATURE_FLAG, CauseClass.FEATURE_FLAG),
        (ChangeKind.SCALING, CauseClass.CAPACITY),
        (ChangeKind.INFRASTRUCTURE, CauseClass.INFRASTRUCTURE),
    ],
)
def test_every_live_change_is_a_candidate_of_its_class(kind: ChangeKind, expected: CauseClass) -> None:
    change = a_change(change_kind=kind)
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[change]))
    assert candidate(finding, change).cause_class is expected


def test_the_commit_explains_the_deployment_that_carries_it() -> None:
    deploy = a_change(commit="abc", timestamp=at("11:55"))
    twin = a_change(commit="def", timestamp=at("11:55"), event_id="twin")
    commit = a_change(
        None, change_kind=ChangeKind.COMMIT, commit="abc", timestamp=at("11:00"),
        summary="favorites endpoint",
        attributes={"files_changed": ["dao.py"], "diff": "+SELECT dashboard_favorites\n"},
    )  # fmt: skip
    failing = a_signature("checkout-api", 'relation "dashboard_favorites" does not exist')
    finding = cause_candidate.rank(a_situation(symptoms=[failing], changes=[commit, deploy, twin]))
    assert finding.candidates[0].change.change_id == deploy.event_id
    assert any("favorites" in each.text for each in finding.candidates[0].supporting)
    assert finding.abstained is None


def test_a_deployment_of_documents_and_tests_is_contradicted() -> None:
    harmless = a_change(attributes={"files_changed": ["docs/a.md", "pkg/parse_test.go", "tests/data.json"]})
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[harmless]))
    assert any("documents or tests" in each.text for each in candidate(finding, harmless).contradicting)


def test_a_change_at_an_unrelated_service_does_not_lead() -> None:
    finding = cause_candidate.rank(
        a_situation(symptoms=[a_symptom(), a_signature("checkout-api", "x")], changes=[a_change("reports")])
    )
    assert finding.abstained is not None
    assert all(each.verdict is CauseVerdict.CANDIDATE for each in finding.candidates)


def test_a_change_at_a_dependency_cites_the_catalog() -> None:
    change = a_change("payments")
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[change]))
    cited = {each for argument in candidate(finding, change).supporting for each in argument.evidence}
    told = [each.text for each in finding.evidence if each.evidence_id in cited]
    assert "The catalog says that checkout-api depends on payments." in told


def test_two_changes_that_nothing_tells_apart_make_it_abstain() -> None:
    pair = [a_change(event_id="one"), a_change(event_id="two", timestamp=at("11:57"))]
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=pair))
    assert "nothing is decisive" in finding.abstained
    assert all(each.verdict is CauseVerdict.CANDIDATE for each in finding.candidates)


def test_without_any_change_it_does_not_name_a_symptom_as_the_cause() -> None:
    finding = cause_candidate.rank(a_situation(alerts=[an_alert()], symptoms=[a_symptom()]))
    assert "none of the changes explains this" in finding.abstained
    assert [each.cause_class for each in finding.candidates] == [CauseClass.UNKNOWN]


def test_an_incident_of_which_nothing_is_known_has_no_candidate_and_a_reason() -> None:
    finding = cause_candidate.rank(a_situation())
    assert finding.candidates == []
    assert finding.abstained


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("container_cpu_usage", CauseClass.CAPACITY),
        ("db.connectionPool.waiting", CauseClass.CAPACITY),
        ("tcp_retransmits", CauseClass.NETWORK),
        ("http_requests_total", CauseClass.TRAFFIC),
        ("orders_in_cart", CauseClass.DEPENDENCY),
    ],
)
def test_the_metric_of_a_service_names_how_it_fails(metric: str, expected: CauseClass) -> None:
    finding = cause_candidate.rank(
        a_situation(alerts=[an_alert()], symptoms=[a_metric("payments", metric, onset_at=at("11:58"))])
    )
    first = finding.candidates[0]
    assert (first.service, first.cause_class) == ("payments", expected)


def test_falling_traffic_is_no_surge() -> None:
    drop = a_metric("checkout-api", "requests", value=2.0, baseline=90.0)
    finding = cause_candidate.rank(a_situation(symptoms=[drop]))
    assert finding.candidates[0].cause_class is CauseClass.UNKNOWN


def test_an_outside_party_that_failing_calls_name_is_a_candidate() -> None:
    failing = a_signature("payments", "timeout calling card-network gateway")
    finding = cause_candidate.rank(a_situation(symptoms=[failing]))
    outside = [each for each in finding.candidates if each.service == "card-network"]
    assert [each.cause_class for each in outside] == [CauseClass.EXTERNAL_PROVIDER]


def test_a_fault_behind_a_service_speaks_against_that_service() -> None:
    finding = cause_candidate.rank(
        a_situation(symptoms=[a_symptom(), a_symptom("payments", SymptomKind.LATENCY, onset_at=at("11:58"))])
    )
    assert finding.candidates[0].service == "payments"
    entry = next(each for each in finding.candidates if each.service == "checkout-api")
    assert any("payments" in each.text for each in entry.contradicting)


def test_a_rollback_after_which_it_ended_supports_the_deployment() -> None:
    deploy = a_change()
    back = a_change(
        change_kind=ChangeKind.ROLLBACK, version="v41", previous_version="v42", timestamp=at("12:04")
    )
    ended = cause_candidate.rank(
        a_situation(symptoms=[a_symptom()], changes=[deploy, back], as_of=at("12:20"))
    )
    went_on = cause_candidate.rank(
        a_situation(
            symptoms=[a_symptom(), a_signature("checkout-api", "x", timestamp=at("12:15"))],
            changes=[deploy, back],
            as_of=at("12:20"),
        )
    )
    assert any("taken back at 12:04" in each.text for each in candidate(ended, deploy).supporting)
    assert any("it went on" in each.text for each in candidate(went_on, deploy).contradicting)
    assert candidate(ended, back).verdict is CauseVerdict.RULED_OUT


def test_only_a_responder_confirms_and_what_was_rejected_comes_last() -> None:
    deploy, other = a_change(), a_change("payments", timestamp=at("11:20"))
    plain = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[deploy, other]))
    said = [
        feedback(FeedbackAction.CONFIRM_CAUSE, candidate_id=candidate(plain, other).candidate_id),
        feedback(
            FeedbackAction.REJECT_CAUSE, candidate_id=candidate(plain, deploy).candidate_id, event_id="no"
        ),
    ]
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[deploy, other], said=said))
    assert finding.candidates[0].change.change_id == other.event_id
    assert finding.candidates[0].verdict is CauseVerdict.CONFIRMED
    assert finding.candidates[-1].change.change_id == deploy.event_id
    assert finding.candidates[-1].verdict is CauseVerdict.RULED_OUT
    assert finding.abstained is None


def test_the_last_word_of_the_responders_counts() -> None:
    deploy = a_change()
    plain = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[deploy]))
    which = candidate(plain, deploy).candidate_id
    said = [
        feedback(FeedbackAction.REJECT_CAUSE, candidate_id=which, timestamp=at("12:06")),
        feedback(FeedbackAction.CONFIRM_CAUSE, candidate_id=which, timestamp=at("12:05")),
    ]
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[deploy], said=said))
    assert candidate(finding, deploy).verdict is CauseVerdict.RULED_OUT


def test_a_change_that_names_no_service_is_kept_as_unknown_and_says_what_is_missing() -> None:
    change = a_change(None, change_kind=ChangeKind.INFRASTRUCTURE, name="core switch")
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[change]))
    assert candidate(finding, change).service == "unknown"
    assert any("does not name its service" in each for each in candidate(finding, change).missing)


def test_a_change_is_found_by_the_one_known_service_in_its_name() -> None:
    change = a_change(None, change_kind=ChangeKind.CONFIG, name="payments/limits.yaml")
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=[change]))
    assert candidate(finding, change).service == "payments"


CHANGES = [
    a_change(),
    a_change("payments", timestamp=at("11:30")),
    a_change("orders", change_kind=ChangeKind.CONFIG, name="limits"),
    a_change("reports", change_kind=ChangeKind.FEATURE_FLAG, name="beta"),
    a_change("payments", timestamp=at("12:03"), event_id="late"),
    a_change(None, change_kind=ChangeKind.INFRASTRUCTURE),
]
SYMPTOMS = [a_symptom(), a_signature("payments", "pool exhausted"), a_metric("payments", "cpu")]


@given(st.permutations(CHANGES), st.permutations(SYMPTOMS))
def test_the_order_of_arrival_has_no_influence(changes: list, symptoms: list) -> None:
    shuffled = cause_candidate.rank(a_situation(symptoms=symptoms, changes=changes))
    assert shuffled == cause_candidate.rank(a_situation(symptoms=SYMPTOMS, changes=CHANGES))


@given(st.integers(min_value=0, max_value=59), st.sampled_from(["reports", "orders", "elsewhere"]))
def test_an_innocent_change_elsewhere_long_before_does_not_change_the_first(
    minute: int, service: str
) -> None:
    innocent = a_change(service, timestamp=at(f"02:{minute:02}"), event_id="innocent")
    without = cause_candidate.rank(a_situation(symptoms=SYMPTOMS, changes=[a_change("payments")]))
    among = cause_candidate.rank(a_situation(symptoms=SYMPTOMS, changes=[a_change("payments"), innocent]))
    assert among.candidates[0].candidate_id == without.candidates[0].candidate_id
    assert among.candidates[0].verdict is CauseVerdict.LIKELY


@given(st.sets(st.sampled_from(range(len(CHANGES)))), st.sets(st.sampled_from(range(len(SYMPTOMS)))))
def test_ranks_scores_and_citations_hold_together(changes: set, symptoms: set) -> None:
    situation = a_situation(
        changes=[CHANGES[each] for each in sorted(changes)],
        symptoms=[SYMPTOMS[each] for each in sorted(symptoms)],
    )
    finding = cause_candidate.rank(situation)
    known = set(situation.incident.evidence) | {each.evidence_id for each in finding.evidence}
    assert [each.rank for each in finding.candidates] == list(range(1, len(finding.candidates) + 1))
    assert len({each.candidate_id for each in finding.candidates}) == len(finding.candidates)
    for each in finding.candidates:
        assert each.score == pytest.approx(sum(part.points for part in each.parts))
        for argument in [*each.supporting, *each.contradicting]:
            assert argument.evidence
            assert set(argument.evidence) <= known
    assert (finding.abstained is None) == any(
        each.verdict in (CauseVerdict.LIKELY, CauseVerdict.CONFIRMED) for each in finding.candidates
    )
    assert all("because" in each for each in finding.recommended_checks)


def test_a_hundred_changes_give_ten_candidates() -> None:
    many = [a_change(timestamp=at(f"10:{each % 60:02}"), event_id=f"c{each}") for each in range(100)]
    assert len(cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=many)).candidates) == 10


def test_services_that_call_each_other_do_not_hide_each_other() -> None:
    ring = Catalog(
        [
            CatalogEntry(service="checkout-api", owner="a", scope="shop", depends_on=["payments"]),
            CatalogEntry(service="payments", owner="b", scope="shop", depends_on=["checkout-api"]),
        ]
    )
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom(), a_symptom("payments")], catalog=ring))
    assert all(not each.contradicting for each in finding.candidates)


def test_two_deployments_of_one_version_are_told_apart_by_their_commits() -> None:
    pair = [a_change(event_id=each, commit=each * 10) for each in ("abc", "def")]
    finding = cause_candidate.rank(a_situation(symptoms=[a_symptom()], changes=pair))
    assert "(commit abcabcabca)" in finding.abstained
    assert "(commit defdefdefd)" in finding.abstained


def test_a_candidate_without_any_argument_reads_back_to_the_same_bytes() -> None:
    """Else a worker that starts anew would tell the same ranking in other bytes."""
    weighed = Weighing(a_situation()).suspect(
        cause_class=CauseClass.UNKNOWN, service="payments", text="a fault"
    )
    written = encode(weighed.candidate)
    assert encode(decode(Candidate, written)) == written
