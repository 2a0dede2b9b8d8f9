"""The same alert again: re-sent, from a copy, flapping, or in a storm."""

from datetime import timedelta

import msgspec
import pytest

from detectors.incidents import crowd, memory
from detectors.incidents.identity import fingerprint
from detectors.incidents.policy import LIFECYCLE
from models import topic
from models.event import Alert, AlertStatus
from models.evidence import EvidenceKind
from models.incident import IncidentStatus
from tests.unit.detectors.incidents.builders import a_signature, an_alert, at
from tests.unit.detectors.incidents.scope import Scope

SECOND = timedelta(seconds=1)
RESOLVED = AlertStatus.RESOLVED


def message(time: str, status: AlertStatus = AlertStatus.FIRING, **fields: object) -> Alert:
    return an_alert(timestamp=at(time), event_id=f"{status}-{time}", status=status, **fields)


@pytest.mark.parametrize("label", ["replica", "prometheus_replica", "__replica__"])
def test_the_copies_of_one_monitoring_system_send_one_alert(label: str) -> None:
    copies = [
        an_alert(labels={"pod": "p-1", label: name}, fingerprint=f"sender-{name}", event_id=name)
        for name in "ab"
    ]
    scope = Scope()
    scope.told(*copies)
    assert len(scope.incident.alerts) == 1
    assert next(iter(scope.incident.alerts.values())).repeats == 1


def test_how_bad_it_is_is_no_part_of_the_identity_and_what_it_watches_is() -> None:
    warning, critical, other = (
        an_alert(labels={"severity": severity, "pod": pod})
        for severity, pod in (("warning", "a"), ("critical", "a"), ("warning", "b"))
    )
    assert fingerprint(warning) == fingerprint(critical) != fingerprint(other)


def test_the_identity_that_a_sender_gives_is_taken() -> None:
    assert fingerprint(an_alert(fingerprint="theirs")) == "theirs"


def flap(scope: Scope, times: int, every: timedelta) -> None:
    for number in range(times):
        moment = at("12:00") + number * every
        scope.told(an_alert(timestamp=moment, event_id=f"f{number}"))
        scope.told(an_alert(timestamp=moment + every / 2, event_id=f"r{number}", status=RESOLVED))


def test_a_firing_within_the_grace_is_the_same_episode_and_recorded() -> None:
    scope = Scope()
    flap(scope, 2, timedelta(minutes=2))
    scope.passes(at("12:04"))
    assert scope.statuses() == [IncidentStatus.OPEN]
    assert scope.incidents()[0].flaps == 1


def test_an_alert_that_flaps_for_hours_is_one_open_incident_that_says_so() -> None:
    scope = Scope()
    flap(scope, 40, timedelta(minutes=10))
    assert len(scope.incidents()) == 1
    assert scope.incidents()[0].flaps >= 38
    reopened = [each for each in scope.statuses() if each is IncidentStatus.RESOLVED]
    assert len(reopened) == LIFECYCLE.flapping - 1
    (timeline,) = scope.values(topic.TIMELINE)[-1:]
    (told,) = [each.text for each in timeline.entries if each.source == "flapping"]
    assert "HighErrorRate of checkout-api flaps: it fired 3 times within 20 minutes" in told
    assert len(timeline.entries) < 20
    assert "flapping" in {each.rule for each in scope.values(topic.TRIAGE)[-1].reasons}


def test_a_flapping_alert_that_stays_calm_is_over() -> None:
    scope = Scope()
    flap(scope, 4, timedelta(minutes=1))
    scope.passes(at("12:13"))
    assert scope.incident.status is IncidentStatus.OPEN
    scope.passes(at("12:14"))
    assert scope.incident.status is IncidentStatus.RESOLVED


def storm(scope: Scope, many: int, *, status: AlertStatus = AlertStatus.FIRING, minute: int = 0) -> None:
    for number in range(many):
        moment = at("12:00") + timedelta(minutes=minute) + number * SECOND / 100
        alert = an_alert(
            "payments",
            timestamp=moment,
            labels={"pod": str(number)},
            event_id=f"{status}{number}",
            status=status,
        )
        scope.sent += list(scope.stage.fold(scope.state, alert))
    scope.passes(at("12:00") + timedelta(minutes=minute + 2))


def test_a_storm_is_counted_sampled_and_over_when_its_last_alert_is() -> None:
    scope = Scope()
    storm(scope, 1_000)
    (incident,) = scope.incidents()
    assert (incident.alerts, incident.alerts_kept) == (1_000, memory.MOST_ALERTS)
    storm(scope, 999, status=RESOLVED, minute=5)
    scope.passes(at("12:30"))
    assert scope.incident.status is IncidentStatus.OPEN
    last = an_alert(
        "payments", timestamp=at("12:31"), labels={"pod": "999"}, event_id="last", status=RESOLVED
    )
    scope.told(last)
    scope.passes(at("12:34"))
    assert scope.incident.status is IncidentStatus.RESOLVED


def test_an_alert_of_the_crowd_that_fires_again_reopens_the_incident() -> None:
    scope = Scope()
    storm(scope, 200)
    storm(scope, 200, status=RESOLVED, minute=5)
    scope.passes(at("12:10"))
    assert scope.incident.status is IncidentStatus.RESOLVED
    scope.told(an_alert("payments", timestamp=at("12:11"), labels={"pod": "150"}, event_id="again"))
    assert scope.incident.status is IncidentStatus.OPEN
    assert (scope.incidents()[0].alerts, scope.incident.crowd_fires) == (200, 1)


def test_a_service_that_alerts_late_in_a_storm_is_kept_with_its_evidence() -> None:
    scope = Scope()
    storm(scope, 500)
    scope.told(an_alert("checkout-api", timestamp=at("12:02"), event_id="late service"))
    kept = {each.first.service for each in scope.incident.alerts.values()}
    assert kept == {"payments", "checkout-api"}
    assert "late service" in str(scope.values(topic.EVIDENCE)[-1].sources)
    assert len(scope.incident.alerts) == memory.MOST_ALERTS


def test_a_service_that_fails_late_gets_in_however_noisy_another_one_is() -> None:
    scope = Scope()
    scope.told(an_alert("payments"))
    for number in range(400):
        scope.told(
            a_signature(
                "payments", f"failure {number}", onset_at=at("12:00") + number * SECOND, score=float(number),
                event_id=f"noisy-{number}",
            )
        )  # fmt: skip
    scope.told(a_signature("checkout-api", "late", onset_at=at("12:10"), score=0.1, event_id="late"))
    assert "checkout-api" in {each.first.service for each in scope.incident.symptoms.values()}
    assert "late" in {source for each in scope.incident.evidence.values() for source in each.sources}
    told = [each.service for each in scope.incident.timeline if each.source == "late"]
    assert told == ["checkout-api"]


def test_the_evidence_of_all_incidents_of_a_scope_is_bounded_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("detectors.incidents.room.MOST_PIECES", 30)
    scope = Scope()
    storm(scope, 40)
    scope.told(an_alert("reports", timestamp=at("12:30"), event_id="other", name="Other"))
    assert len(scope.state.incidents) == 2
    assert sum(len(each.evidence) for each in scope.state.incidents) <= 30
    large, small = scope.state.incidents
    assert len(small.alerts) == 1
    assert len(large.alerts) + crowd.size(large) == 40


def test_the_crowd_reads_back_from_the_table() -> None:
    scope = Scope()
    storm(scope, 300)
    again = msgspec.json.decode(msgspec.json.encode(scope.state), type=type(scope.state))
    assert again == scope.state
    assert crowd.size(again.incidents[0]) == 300 - memory.MOST_ALERTS


def test_ten_thousand_alerts_of_a_scope_stay_well_under_a_megabyte() -> None:
    scope = Scope()
    storm(scope, 10_100)
    assert scope.incidents()[0].alerts >= crowd.MOST
    assert scope.incident.left_out
    assert len(msgspec.json.encode(scope.state)) < 500_000
    kinds = [each.evidence_kind for each in scope.incident.evidence.values()]
    assert kinds.count(EvidenceKind.ALERT) == memory.MOST_ALERTS
