"""Which change is to blame, or none, in outages as postmortems tell them: a change beside innocent ones."""

import pytest

from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.cause.candidate import CauseFinding
from models.cause import CauseClass, CauseVerdict
from models.event import Change, ChangeKind
from models.signal import Symptom
from tests.unit.detectors.incidents import scene
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_metric,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
)
from tests.unit.detectors.incidents.scene import INNOCENT, Diff

GUILTY = {
    "a pool": (
        Diff(["config/db.yaml"], "-  max_pool_size: 50\n+  max_pool_size: 5\n"),
        "HikariPool-1 - Connection is not available, request timed out after 30000ms",
    ),
    "a time limit": (
        Diff(["client/pay.go"], "-\tTimeout: 5 * time.Second,\n+\tTimeout: 50 * time.Millisecond,\n"),
        "call to card-network failed: context deadline exceeded",
    ),
    "a migration": (
        Diff(["migrations/0043.sql"], "+ALTER TABLE orders DROP COLUMN legacy_total;\n"),
        'pq: column "legacy_total" does not exist',
    ),
    "an authorization": (
        Diff(["auth/verify.go"], '-\taudience: "checkout",\n+\taudience: "checkout-v2",\n'),
        "token rejected: invalid audience; 401 Unauthorized",
    ),
    "a missing guard": (
        Diff(["cart/total.py"], "-    if cart is None:\n-        return 0\n     return sum(cart.rows)\n"),
        "AttributeError: 'NoneType' object has no attribute 'rows'",
    ),
    "a memory limit": (
        Diff(["deploy/checkout.yaml"], "-    memory: 2Gi\n+    memory: 256Mi\n"),
        "container killed: OOMKilled, memory limit reached",
    ),
    "a format": (
        Diff(["api/order.proto"], "-  int64 total = 3;\n+  string total = 3;\n   // decode\n"),
        "failed to unmarshal order: field total has the wrong type",
    ),
    "a renamed variable": (
        Diff(["app/settings.py"], '-KEY = os.environ["PAY_KEY"]\n+KEY = os.environ["PAYMENTS_KEY"]\n'),
        "KeyError: 'PAYMENTS_KEY' is required",
    ),
}

WITHOUT_A_CHANGE = {
    "an expired certificate": ("x509: certificate has expired or is not yet valid", CauseClass.SECURITY),
    "a resolver": ("dial tcp: lookup db.internal: no such host", CauseClass.INFRASTRUCTURE),
    "a full disk": ("write /var/lib/data/wal: no space left on device", CauseClass.CAPACITY),
    "a provider": ("POST https://api.cards.com/charge returned 503", CauseClass.EXTERNAL_PROVIDER),
    "bad data": ("malformed record at offset 17, redelivering", CauseClass.DATA),
    "used-up capacity": (
        "ProvisionedThroughputExceededException on table memory-store; write failed",
        CauseClass.CAPACITY,
    ),
    "a lost node": ("node ip-10-0-0-1 is NotReady, evicting pods", CauseClass.INFRASTRUCTURE),
    "abuse": ("credential stuffing suspected: 40000 logins from one network", CauseClass.SECURITY),
}


def deployed(diff: Diff, time: str, name: str) -> list[Change]:
    return scene.deployed("checkout-api", time, name, "tidy up", diff.files, diff.diff)


def ranked(failing: list[Symptom], changes: list[Change]) -> CauseFinding:
    return cause_candidate.rank(a_situation(alerts=[an_alert()], symptoms=failing, changes=changes))


def blamed(finding: CauseFinding) -> str | None:
    """Give the commit that the first candidate names; None: no change is named, or nothing leads."""
    first = finding.candidates[0]
    return first.change.commit if first.change and finding.abstained is None else None


@pytest.mark.parametrize("innocent", INNOCENT)
@pytest.mark.parametrize("guilty", GUILTY)
def test_the_change_that_fits_what_fails_leads_a_later_innocent_one(guilty: str, innocent: str) -> None:
    diff, failing = GUILTY[guilty]
    changes = deployed(diff, "11:50", "guilty") + deployed(INNOCENT[innocent], "11:58", "innocent")
    assert blamed(ranked([a_signature("checkout-api", failing)], changes)) == "guilty"


@pytest.mark.parametrize("innocent", INNOCENT)
@pytest.mark.parametrize("named", WITHOUT_A_CHANGE)
def test_no_change_is_blamed_for_what_needs_none(named: str, innocent: str) -> None:
    failing, cause_class = WITHOUT_A_CHANGE[named]
    finding = ranked(
        [a_signature("checkout-api", failing)], deployed(INNOCENT[innocent], "11:55", "innocent")
    )
    assert finding.candidates[0].change is None
    assert finding.candidates[0].cause_class is cause_class
    assert "no change is to blame" in finding.candidates[0].text
    assert finding.recommended_checks
    assert "checkout-api" in finding.recommended_checks[0]


def test_no_flag_is_blamed_for_an_outage_of_a_provider() -> None:
    flag = a_change(change_kind=ChangeKind.FEATURE_FLAG, name="new_banner", timestamp=at("11:57"))
    failing = a_signature("checkout-api", "POST https://api.cards.com/charge returned 503")
    assert blamed(ranked([failing], [flag])) is None
    assert ranked([failing], [flag]).candidates[0].cause_class is CauseClass.EXTERNAL_PROVIDER


def test_a_flag_whose_name_stands_in_what_fails_leads_a_later_deployment_of_logging() -> None:
    flag = a_change(
        change_kind=ChangeKind.FEATURE_FLAG, name="wallet_split_tender", timestamp=at("11:50"), commit="flag"
    )
    failing = a_signature("checkout-api", "panic in wallet.SplitTender: index out of bounds")
    assert blamed(ranked([failing], [flag, *deployed(INNOCENT["logging"], "11:58", "late")])) == "flag"


def test_a_change_of_the_certificate_is_not_excused_by_an_expired_certificate() -> None:
    diff = Diff(["deploy/tls.yaml"], "-  cert: pay-2027\n+  cert: pay-2025\n")
    failing = a_signature("checkout-api", "x509: certificate has expired")
    finding = ranked([failing], deployed(diff, "11:58", "guilty"))
    (change,) = [each for each in finding.candidates if each.change]
    assert "circumstance" not in {each.name for each in change.parts}
    assert finding.candidates[0] == change


def test_more_traffic_from_outside_needs_no_change() -> None:
    surge = [
        a_metric(each, "requests_per_sec", value=5700.0, baseline=900.0)
        for each in ("checkout-api", "payments")
    ]
    finding = ranked(surge, deployed(INNOCENT["an extracted helper"], "11:55", "innocent"))
    assert finding.candidates[0].cause_class is CauseClass.TRAFFIC
    assert finding.candidates[0].service == "checkout-api"


def test_requests_that_a_caller_made_are_no_traffic_from_outside() -> None:
    failing = [
        a_metric("payments", "requests_per_sec", value=5700.0, baseline=900.0),
        a_symptom("checkout-api"),
    ]
    retries = Diff(["client.go"], "-\tretries: 1,\n+\tretries: 9,\n")
    finding = ranked([*failing, a_signature("payments", "overloaded")], deployed(retries, "11:55", "guilty"))
    assert all(each.cause_class is not CauseClass.TRAFFIC or each.change for each in finding.candidates[:1])
    assert blamed(finding) == "guilty"


def test_the_order_and_repetition_of_what_came_have_no_influence() -> None:
    diff, failing = GUILTY["a migration"]
    changes = deployed(diff, "11:50", "guilty") + deployed(INNOCENT["logging"], "11:58", "innocent")
    symptoms = [a_signature("checkout-api", failing), a_symptom("payments")]
    assert ranked(symptoms, changes) == ranked(symptoms[::-1], changes[::-1])


def test_a_change_that_does_the_same_as_before_is_not_likely_although_it_is_the_only_one() -> None:
    finding = ranked([a_symptom()], deployed(INNOCENT["an extracted helper"], "11:59", "innocent"))
    assert finding.abstained is not None
    assert all(each.verdict is not CauseVerdict.LIKELY for each in finding.candidates)


def test_equal_scores_are_said_to_tie() -> None:
    twins = [a_change(event_id=each, commit=each) for each in ("one", "two")]
    assert "tie at" in (ranked([a_symptom()], twins).abstained or "")


def test_the_stated_confidence_never_falls_as_a_lone_leader_gains_points() -> None:
    unexplained = ranked([a_symptom()], deployed(Diff([], ""), "11:58", "x"))
    diff, failing = GUILTY["a pool"]
    explained = ranked([a_signature("checkout-api", failing)], deployed(diff, "11:58", "x"))
    assert unexplained.confidence is not None
    assert explained.confidence is not None
    assert unexplained.confidence <= explained.confidence


def test_a_leak_of_last_night_leads_an_innocent_deployment_of_just_now() -> None:
    leak = Diff(["pool/conn.go"], "-\tdefer conn.Close()\n-\tpool.Release(conn)\n")
    failing = a_signature("checkout-api", "connection pool exhausted: 100 of 100 in use")
    changes = deployed(leak, "03:10", "leak") + deployed(INNOCENT["logging"], "11:58", "innocent")
    assert blamed(ranked([failing], changes)) == "leak"


def test_a_change_in_another_environment_does_not_lead() -> None:
    diff, failing = GUILTY["a pool"]
    staging = Diff([f"deploy/staging/{each}" for each in diff.files], diff.diff)
    finding = ranked(
        [a_signature("checkout-api", failing)],
        deployed(staging, "11:58", "staging") + deployed(diff, "11:50", "production"),
    )
    assert blamed(finding) == "production"


def test_a_change_in_another_region_than_the_alert_is_contradicted() -> None:
    regions = ("eu-west-1", "us-east-1")
    here, there = (a_change(event_id=each, commit=each, attributes={"region": each}) for each in regions)
    situation = a_situation(
        alerts=[an_alert(labels={"region": "eu-west-1"})], symptoms=[a_symptom()], changes=[here, there]
    )
    finding = cause_candidate.rank(situation)
    assert blamed(finding) == "eu-west-1"
    assert any("us-east-1" in each.text for each in finding.candidates[1].contradicting)


def test_a_threshold_that_was_changed_explains_the_alert_that_fires() -> None:
    rule = Diff(
        ["monitoring/alerts/checkout.yaml"],
        "-  HighErrorRate: error > 0.05\n+  HighErrorRate: error > 0.0005\n",
    )
    finding = ranked([], deployed(rule, "11:58", "rule") + deployed(INNOCENT["logging"], "11:59", "other"))
    assert blamed(finding) == "rule"
    assert any("rule of the alert" in each.text for each in finding.candidates[0].supporting)


def test_a_change_after_the_onset_never_leads_however_well_it_fits() -> None:
    for diff, failing in GUILTY.values():
        finding = ranked([a_signature("checkout-api", failing)], deployed(diff, "12:03", "late"))
        assert blamed(finding) is None


def test_an_innocent_service_that_is_gone_does_not_move_the_first_candidate() -> None:
    diff, failing = GUILTY["a time limit"]
    symptoms, guilty = [a_signature("checkout-api", failing)], deployed(diff, "11:55", "guilty")
    innocent = a_change("reports", timestamp=at("11:58"))
    assert ranked(symptoms, [*guilty, innocent]).candidates[0] == ranked(symptoms, guilty).candidates[0]
