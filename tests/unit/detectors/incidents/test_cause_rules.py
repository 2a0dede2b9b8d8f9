"""Each argument for and against a change by itself: what it says, on which evidence, when it is silent."""

from datetime import timedelta

import pytest

from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.history import key_of
from detectors.incidents.state import PastDeploy, PastIncident, Situation
from models.cause import Candidate, CauseClass
from models.event import Change, ChangeKind
from models.signal import DeployComparison, Difference, Lift, SignatureDifference, Symptom, SymptomKind
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_metric,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
)
from tests.unit.detectors.incidents.scene import INNOCENT, SHOP, configured, deployed, error, metric, slow


def parts_of(change: Change, situation: Situation) -> dict[str, float]:
    """Give the points of each argument about a change, after checking that each argument cites evidence."""
    finding = cause_candidate.rank(situation)
    candidate = the(change, finding)
    known = set(situation.incident.evidence) | {each.evidence_id for each in finding.evidence}
    arguments = [*candidate.supporting, *candidate.contradicting]
    assert all(each.evidence and set(each.evidence) <= known for each in arguments)
    negative = {each.text for each in candidate.parts if each.points < 0}
    assert {each.text for each in candidate.contradicting} == negative
    return {each.name: each.points for each in candidate.parts}


def the(change: Change, finding: CauseFinding) -> Candidate:
    return next(
        each for each in finding.candidates if each.change and each.change.change_id == change.event_id
    )


def spread(dimension: str, **counts: int) -> Symptom:
    counts = {name.replace("_", "."): many for name, many in counts.items()}
    return a_signature("checkout-api", "boom", concentration={dimension: counts})


def lifted(dimension: str, value: str, **fields: object) -> Symptom:
    lift = Lift(dimension=dimension, value=value, count=40, of=41, usual_share=0.3, lift=3.2)
    return a_signature("checkout-api", "boom", lift=lift, **fields)


def compared(change: Change, *differences: SignatureDifference, lines: int = 900) -> Symptom:
    comparison = DeployComparison(
        change_id=change.event_id, change_kind="deploy", lines_before=lines, lines_after=lines,
        differences=list(differences),
    )  # fmt: skip
    return a_symptom(
        "checkout-api", SymptomKind.DEPLOY_COMPARISON, subject=change.event_id, comparison=comparison,
        onset_at=change.timestamp, timestamp=change.timestamp + timedelta(seconds=300),
    )  # fmt: skip


def differing(
    difference: str, severity: str = "error", before: int = 0, after: int = 30
) -> SignatureDifference:
    return SignatureDifference(
        signature_id="boom", template="boom", difference=difference, severity=severity, before=before,
        after=after, expected=float(before), score=9.0,
    )  # fmt: skip


class TestVersionsRegionsAndHosts:
    def test_the_version_that_serves_the_errors_speaks_for_its_deployment(self) -> None:
        deploy = a_change(version="v42")
        situation = a_situation(symptoms=[spread("version", v42=39, v41=1)], changes=[deploy])
        assert parts_of(deploy, situation)["serves_errors"] > 0

    def test_errors_of_other_versions_speak_against_a_deployment_whatever_its_time(self) -> None:
        new, old = a_change(version="v42"), a_change(version="v41", event_id="old", timestamp=at("09:00"))
        situation = a_situation(symptoms=[spread("version", v41=40)], changes=[new, old])
        assert parts_of(new, situation)["not_serving"] < 0
        assert parts_of(old, situation)["serves_errors"] > 0

    def test_errors_of_both_versions_say_nothing(self) -> None:
        deploy = a_change(version="v42")
        situation = a_situation(symptoms=[spread("version", v42=20, v41=20)], changes=[deploy])
        assert not {"serves_errors", "not_serving"} & set(parts_of(deploy, situation))

    def test_a_handful_of_lines_with_a_version_is_too_few(self) -> None:
        deploy = a_change(version="v42")
        situation = a_situation(symptoms=[spread("version", v41=4)], changes=[deploy])
        assert "not_serving" not in parts_of(deploy, situation)
        assert any("too few" in each for each in the(deploy, cause_candidate.rank(situation)).missing)

    @pytest.mark.parametrize(("version", "part"), [("42", "serves_errors"), ("v7", "not_serving")])
    def test_the_version_label_of_an_alert_counts_where_no_line_names_one(
        self, version: str, part: str
    ) -> None:
        deploy = a_change(version="v42")
        alert = an_alert(labels={"version": version})
        assert part in parts_of(deploy, a_situation(alerts=[alert], symptoms=[a_symptom()], changes=[deploy]))

    @pytest.mark.parametrize("dimension", ["region", "host"])
    def test_one_failing_place_among_healthy_ones_speaks_against_a_change_that_is_live_on_all(
        self, dimension: str
    ) -> None:
        deploy = a_change()
        situation = a_situation(symptoms=[lifted(dimension, "one")], changes=[deploy])
        assert parts_of(deploy, situation)["healthy_elsewhere"] < 0

    def test_the_only_region_that_fails_speaks_for_the_change_that_was_made_there(self) -> None:
        here, there = (a_change(event_id=each, attributes={"region": each}) for each in ("eu", "us"))
        situation = a_situation(symptoms=[lifted("region", "eu")], changes=[here, there])
        assert parts_of(here, situation)["serves_errors"] > 0
        assert parts_of(there, situation)["elsewhere"] < 0

    def test_a_roll_out_under_way_is_not_live_on_all_hosts(self) -> None:
        deploy = a_change(started_at=at("11:57"), timestamp=at("12:05"))
        situation = a_situation(symptoms=[lifted("host", "first")], changes=[deploy])
        assert "healthy_elsewhere" not in parts_of(deploy, situation)


class TestTheLogBeforeAndAfter:
    def test_an_error_that_fails_now_and_was_new_after_the_change_supports_it(self) -> None:
        deploy = a_change()
        situation = a_situation(
            symptoms=[a_signature("checkout-api", "boom")], changes=[deploy],
            comparisons=[compared(deploy, differing(Difference.NEW))],
        )  # fmt: skip
        assert parts_of(deploy, situation)["new_error"] > 0

    def test_a_usual_line_that_is_gone_supports_it_less(self) -> None:
        deploy = a_change()
        gone = compared(deploy, differing(Difference.GONE, "info", before=400, after=0))
        situation = a_situation(symptoms=[a_symptom()], changes=[deploy], comparisons=[gone])
        assert 0 < parts_of(deploy, situation)["line_is_gone"] < 1.5

    def test_the_same_log_before_and_after_contradicts_it_only_if_it_failed_meanwhile(self) -> None:
        deploy = a_change()
        same, few = compared(deploy), compared(deploy, lines=12)
        soon = a_situation(symptoms=[a_symptom()], changes=[deploy], comparisons=[same])
        later = a_situation(
            symptoms=[a_symptom(onset_at=at("12:09"))],
            changes=[deploy],
            comparisons=[same],
            as_of=at("12:30"),
        )
        unknown = a_situation(symptoms=[a_symptom()], changes=[deploy], comparisons=[few])
        assert parts_of(deploy, soon)["same_log"] < 0
        assert "same_log" not in parts_of(deploy, later)
        assert "same_log" not in parts_of(deploy, unknown)
        assert any("too few lines" in each for each in the(deploy, cause_candidate.rank(unknown)).missing)

    def test_an_error_that_was_seen_before_the_change_contradicts_it(self) -> None:
        deploy = a_change()
        seen = {"before": at("10:00"), "after": at("11:57")}
        found = {
            name: parts_of(
                deploy,
                a_situation(
                    symptoms=[a_signature("checkout-api", "boom", first_seen_at=when)], changes=[deploy]
                ),
            )
            for name, when in seen.items()
        }
        assert found["before"]["error_is_older"] < 0
        assert "error_is_older" not in found["after"]


class TestWhatIsRemembered:
    KEY = key_of("checkout-api", "POST /pay")

    def deploys(self, many: int, *, taken_back: int = 0, calm: bool = True) -> list[PastDeploy]:
        return [
            PastDeploy(
                change_id=f"past-{place}", service="checkout-api", at=at("11:00") - timedelta(days=place + 1),
                followed=[self.KEY], taken_back=place < taken_back, calm=calm,
            )
            for place in range(many)
        ]  # fmt: skip

    def test_what_follows_every_deployment_without_an_incident_speaks_against_this_one(self) -> None:
        deploy = a_change()
        situation = a_situation(symptoms=[a_symptom()], changes=[deploy], deploys=self.deploys(4))
        assert parts_of(deploy, situation)["usual_after_deploy"] < 0

    @pytest.mark.parametrize(
        ("many", "calm"), [(2, True), (4, False)], ids=["two are too few", "incidents followed"]
    )
    def test_nothing_is_usual_after_too_few_or_after_bad_deployments(self, many: int, calm: bool) -> None:
        deploy = a_change()
        past = self.deploys(many, calm=calm)
        assert "usual_after_deploy" not in parts_of(
            deploy, a_situation(symptoms=[a_symptom()], changes=[deploy], deploys=past)
        )

    def test_another_deviation_than_the_usual_one_is_weighed_less(self) -> None:
        deploy = a_change()
        both = [a_symptom(), a_symptom(subject="GET /cart")]
        alone = parts_of(deploy, a_situation(symptoms=both[:1], changes=[deploy], deploys=self.deploys(4)))
        beside = parts_of(deploy, a_situation(symptoms=both, changes=[deploy], deploys=self.deploys(4)))
        assert alone["usual_after_deploy"] < beside["usual_after_deploy"] < 0

    def test_deployments_that_were_taken_back_are_a_prior_below_the_margin(self) -> None:
        deploy = a_change()
        past = self.deploys(4, taken_back=4)
        parts = parts_of(deploy, a_situation(symptoms=[a_symptom()], changes=[deploy], deploys=past))
        assert 0 < parts["taken_back_before"] < CAUSE.margin

    def test_an_alike_incident_before_is_a_prior_for_its_cause_alone(self) -> None:
        deploy = a_change()
        past = PastIncident(
            incident_id="inc-0", opened_at=at("09:00") - timedelta(days=2), shown=[self.KEY],
            service="checkout-api", cause_class=CauseClass.DEPLOYMENT, text="the deployment of v40",
        )  # fmt: skip
        alike = a_situation(symptoms=[a_symptom()], changes=[deploy], past=[past])
        other = a_situation(symptoms=[a_symptom(subject="GET /cart")], changes=[deploy], past=[past])
        assert 0 < parts_of(deploy, alike)["recurrence"] < CAUSE.margin
        assert "recurrence" not in parts_of(deploy, other)


class TestCallersAndCallees:
    CALLED = metric("catalog-db", "queries_per_sec", 9000, 1000)

    def shop(self, *symptoms: Symptom, changes: list[Change]) -> Situation:
        return a_situation(symptoms=list(symptoms), changes=changes, catalog=SHOP, service="storefront")

    def test_more_calls_point_to_the_caller_and_away_from_who_is_called(self) -> None:
        caller = configured("product-catalog", "11:50", "a", "loading")
        called = configured("catalog-db", "11:55", "b", "settings")
        situation = self.shop(self.CALLED, slow("product-catalog", "GET"), changes=[*caller, *called])
        assert parts_of(caller[0], situation)["calls_more"] > 0
        assert parts_of(called[0], situation)["called_more"] < 0

    def test_a_caller_that_gets_more_requests_itself_passes_them_on(self) -> None:
        caller = configured("product-catalog", "11:50", "a", "loading")
        traffic = metric("product-catalog", "requests_per_sec", 9000, 1000)
        assert "calls_more" not in parts_of(caller[0], self.shop(self.CALLED, traffic, changes=caller))

    def test_a_change_of_logging_makes_no_more_calls(self) -> None:
        kind = INNOCENT["logging"]
        changes = deployed("product-catalog", "11:50", "log", "words", kind.files, kind.diff)
        situation = self.shop(self.CALLED, slow("product-catalog", "GET"), changes=changes)
        assert "calls_more" not in parts_of(changes[1], situation)

    def test_a_callee_that_was_short_of_something_first_speaks_against_an_unrelated_change(self) -> None:
        change = configured("cart", "11:55", "a", "labels")
        short = metric("sessions-cache", "memory_used_percent", 99, 40, "11:58")
        situation = self.shop(short, slow("cart", "GET", "11:59"), changes=change)
        assert parts_of(change[0], situation)["short_callee"] < 0

    def test_a_callee_that_callers_name_in_their_errors_is_as_near_as_they_are(self) -> None:
        change = configured("payments", "11:50", "a", "settings")
        named = self.shop(error("checkout", "payments answered 500"), changes=change)
        unnamed = self.shop(error("checkout", "something answered 500"), changes=change)
        assert parts_of(change[0], named)["named_by_failure"] > 0
        assert "named_by_failure" not in parts_of(change[0], unnamed)


class TestContent:
    @pytest.mark.parametrize(
        "diff",
        ['-\tregistry.add("thread_title")\n \twarm()\n', '+\tq := "SELECT * FROM thread_title"\n'],
        ids=["removed", "first used"],
    )
    def test_a_name_that_fails_to_be_found_speaks_for_the_change_that_has_it(self, diff: str) -> None:
        changes = deployed("checkout-api", "11:56", "a", "x", ["a.go"], diff)
        failing = a_signature("checkout-api", "lookup failed: 'thread-title' not found")
        assert parts_of(changes[1], a_situation(symptoms=[failing], changes=changes))["missing_name"] > 0

    def test_a_rule_of_the_alert_may_be_changed_by_a_configuration_without_files(self) -> None:
        change = configured(
            "checkout-api", "11:56", "a", "alerts/HighErrorRate", "-  above: 0.05\n+  above: 0.0005\n"
        )
        assert parts_of(change[0], a_situation(alerts=[an_alert()], changes=change))["alarm"] > 0

    @pytest.mark.parametrize("kind", [each for each in INNOCENT if each != "an extracted helper"])
    def test_what_a_program_does_not_do_is_no_cause(self, kind: str) -> None:
        found = INNOCENT[kind]
        changes = deployed("checkout-api", "11:56", "a", "x", found.files, found.diff)
        parts = parts_of(changes[1], a_situation(symptoms=[a_symptom()], changes=changes))
        assert parts.get("inert", parts.get("harmless_files", 0.0)) < 0

    @pytest.mark.parametrize(
        ("before", "after"),
        [("if n < limit {", "if n <= limit {"), ("copy(source, target)", "copy(target, source)")],
        ids=["an operator", "an order"],
    )
    def test_the_same_names_with_another_operator_or_in_another_order_do_something_else(
        self, before: str, after: str
    ) -> None:
        changes = deployed("checkout-api", "11:56", "a", "x", ["a.go"], f"-\t{before}\n+\t{after}\n")
        parts = parts_of(changes[1], a_situation(symptoms=[a_symptom()], changes=changes))
        assert parts["behaviour"] > 0

    def test_what_runs_at_once_instead_of_in_turn_is_a_change_although_all_names_are_there(self) -> None:
        diff = "-\thandle(order)\n+\tworkers.submit(handle, order)\n"
        changes = deployed("checkout-api", "11:56", "a", "x", ["a.py"], diff)
        failing = a_signature("checkout-api", "deadlock detected while waiting for orders")
        assert parts_of(changes[1], a_situation(symptoms=[failing], changes=changes))["hint"] > 0

    def test_the_same_lines_in_another_layout_do_the_same(self) -> None:
        diff = "-\tcall(first, second)\n+\tcall(\n+\t\tfirst,\n+\t\tsecond,\n+\t)\n"
        changes = deployed("checkout-api", "11:56", "a", "x", ["a.go"], diff)
        assert parts_of(changes[1], a_situation(symptoms=[a_symptom()], changes=changes))["kept"] < 0

    def test_a_change_that_does_nothing_comes_after_a_service_that_fails_for_an_unknown_reason(self) -> None:
        kind = INNOCENT["logging"]
        changes = deployed("checkout-api", "11:59", "a", "x", kind.files, kind.diff)
        finding = cause_candidate.rank(
            a_situation(symptoms=[a_signature("checkout-api", "odd")], changes=changes)
        )
        assert finding.candidates[0].change is None
        assert "none of the changes explains this" in (finding.abstained or "")

    def test_a_version_in_a_configuration_chooses_what_runs(self) -> None:
        change = configured(
            "checkout-api", "11:56", "a", "engine", "-engine:\n-  version: 13.2\n+  version: 14.0\n"
        )
        assert "inert" not in parts_of(change[0], a_situation(symptoms=[a_symptom()], changes=change))

    @pytest.mark.parametrize(("to", "fits"), [("128Mi", True), ("2Gi", False)])
    def test_only_less_of_what_is_short_explains_a_shortage(self, to: str, fits: bool) -> None:
        change = configured("checkout-api", "11:56", "a", "resources", f"-  memory: 1Gi\n+  memory: {to}\n")
        failing = a_signature("checkout-api", "container killed: OOMKilled")
        assert ("hint" in parts_of(change[0], a_situation(symptoms=[failing], changes=change))) is fits


class TestTooFewAndOutside:
    def test_a_single_line_hardly_shows_that_a_service_is_affected(self) -> None:
        deploy = a_change("payments")
        one, many = (a_signature("payments", "odd", value=each) for each in (1.0, 40.0))
        assert parts_of(deploy, a_situation(symptoms=[one], changes=[deploy]))["few_observations"] < 0
        assert "few_observations" not in parts_of(deploy, a_situation(symptoms=[many], changes=[deploy]))
        alerting = a_situation(alerts=[an_alert("payments")], symptoms=[one], changes=[deploy])
        assert "few_observations" not in parts_of(deploy, alerting)

    def test_an_alert_of_an_outside_party_is_a_cause_that_needs_no_change(self) -> None:
        deploy = a_change("payments", timestamp=at("11:40"))
        situation = a_situation(
            alerts=[an_alert("acme-pay", name="degraded performance"), an_alert("payments")],
            changes=[deploy],
            symptoms=[a_symptom("payments")],
            catalog=SHOP,
            service="payments",
        )
        finding = cause_candidate.rank(situation)
        assert finding.candidates[0].cause_class is CauseClass.EXTERNAL_PROVIDER
        assert parts_of(deploy, situation)["circumstance"] < 0


class TestAbstention:
    def test_no_change_to_blame_is_an_answer_with_the_reason_against_the_nearest_change(self) -> None:
        kind = INNOCENT["logging"]
        changes = deployed("checkout-api", "11:56", "a", "x", kind.files, kind.diff)
        failing = a_signature("checkout-api", "ProvisionedThroughputExceededException on table memory-store")
        finding = cause_candidate.rank(a_situation(symptoms=[failing], changes=changes))
        assert finding.abstained is None
        assert finding.no_change_to_blame is not None
        assert finding.no_change_to_blame.startswith("no change is to blame; capacity that is used up at")
        assert "the nearest change, the deployment of v-a" in finding.no_change_to_blame

    def test_without_any_change_nobody_says_that_none_is_to_blame(self) -> None:
        failing = a_signature("checkout-api", "no space left on device")
        assert cause_candidate.rank(a_situation(symptoms=[failing])).no_change_to_blame is None

    def test_a_change_whose_service_shows_nothing_lacks_the_evidence_to_be_expected(self) -> None:
        finding = cause_candidate.rank(
            a_situation(symptoms=[a_symptom()], changes=[a_change("orders", timestamp=at("11:59"))])
        )
        assert "expected evidence is missing" in (finding.abstained or "")
        assert finding.confidence is not None
        assert finding.confidence <= 0.5

    def test_a_metric_of_the_same_service_makes_the_change_lead(self) -> None:
        symptoms = [a_symptom(), a_metric("orders", "cpu_used_percent", onset_at=at("11:59"))]
        change = a_change("orders", timestamp=at("11:58"), change_kind=ChangeKind.CONFIG, name="cpu limit")
        assert cause_candidate.rank(a_situation(symptoms=symptoms, changes=[change])).abstained is None
