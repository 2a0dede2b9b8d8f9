"""Signals and situations in which only what matters need be said."""

from datetime import UTC, datetime, timedelta
from typing import Any

from detectors.incidents import evidence
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.impact import spread
from detectors.incidents.routing import contender, ownership, route
from detectors.incidents.severity import failure_count
from detectors.incidents.state import Episode, OpenIncident, ScopeState, Situation, SymptomTrack, symptom_key
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.event import Alert, AlertStatus, Change, ChangeKind, Feedback, FeedbackAction
from models.incident import IncidentStatus
from models.policy import Policy
from models.signal import Symptom, SymptomKind
from models.triage import Owner, Severity
from tests.policy import POLICY

RULES = "test"

CATALOG = Catalog(
    [
        CatalogEntry(
            service="checkout-api", owner="team-checkout", scope="shop", depends_on=["orders", "payments"],
            tier=1, customer_facing=True, runbook="https://runbooks.example/checkout-api",
        ),
        CatalogEntry(
            service="payments", owner="team-payments", scope="shop", depends_on=["card-network"], tier=2,
            customer_facing=False,
        ),
        CatalogEntry(service="orders", owner="team-orders", scope="shop", customer_facing=False),
        CatalogEntry(service="reports", owner="team-reports", scope="shop", customer_facing=False),
    ]
)  # fmt: skip


def at(time: str) -> datetime:
    """Give a moment of the day on which everything happens, for example at("12:03")."""
    return datetime.fromisoformat(f"2026-06-23T{time}").replace(tzinfo=UTC)


def an_alert(service: str = "checkout-api", **fields: Any) -> Alert:
    fields = {"timestamp": at("12:00"), "name": "HighErrorRate", "severity": "critical"} | fields
    fields = {"status": AlertStatus.FIRING} | fields
    return Alert(service=service, **_named("alert", service, fields))


def a_symptom(
    service: str = "checkout-api", kind: SymptomKind = SymptomKind.ERROR_RATE, **fields: Any
) -> Symptom:
    onset = fields.setdefault("onset_at", at("12:00"))
    usual: dict[str, Any] = {
        "timestamp": onset + timedelta(seconds=60),
        "subject": "POST /pay",
        "text": "POST /pay",
        "window_s": 60.0,
        "value": 18.0,
        "baseline": 0.5,
        "threshold": 5.0,
        "unit": "%",
        "sample_size": 400,
        "score": 12.0,
        "statistic": "binomial",
        "severity": "error",
        "sources": ["spans:0"],
    }
    return Symptom(
        service=service, symptom_kind=kind, **_named("symptom", f"{service}-{kind}", usual | fields)
    )


def a_signature(service: str, text: str, **fields: Any) -> Symptom:
    fields = {"unit": "lines", "value": 12.0, "baseline": 0.0, "threshold": 1.0} | fields
    return a_symptom(service, SymptomKind.NEW_SIGNATURE, subject=text, text=text, sample=text, **fields)


def a_metric(service: str, name: str, **fields: Any) -> Symptom:
    fields = {"value": 98.0, "baseline": 40.0, "threshold": 70.0, "severity": "unknown"} | fields
    return a_symptom(service, SymptomKind.METRIC_SHIFT, subject=name, text=name, **fields)


def a_change(service: str | None = "checkout-api", **fields: Any) -> Change:
    fields = {"timestamp": at("11:56"), "change_kind": ChangeKind.DEPLOY} | fields
    if fields["change_kind"] is ChangeKind.DEPLOY:
        fields = {"version": "v42", "previous_version": "v41"} | fields
    return Change(service=service, **_named("change", f"{service}-{fields['change_kind']}", fields))


def feedback(action: FeedbackAction, **fields: Any) -> Feedback:
    return Feedback(action=action, **_named("feedback", action, {"timestamp": at("12:05")} | fields))


def a_situation(
    *,
    alerts: list[Alert] | None = None,
    symptoms: list[Symptom] | None = None,
    changes: list[Change] | None = None,
    said: list[Feedback] | None = None,
    service: str = "checkout-api",
    as_of: datetime | None = None,
    catalog: Catalog = CATALOG,
    policy: Policy = POLICY,
    resolved_at: datetime | None = None,
    held: Severity | None = None,
    lower_since: datetime | None = None,
    status: IncidentStatus = IncidentStatus.OPEN,
    **remembered: Any,
) -> Situation:
    """Give a situation whose incident has collected all its evidence."""
    moment = as_of or at("12:10")
    alerts, symptoms, changes = alerts or [], symptoms or [], changes or []
    incident = OpenIncident(
        incident_id="incident-1",
        scope="shop",
        service=service,
        opened_at=at("12:00"),
        last_signal_at=moment,
        resolved_at=resolved_at,
        status=status,
        held=held,
        lower_since=lower_since,
        alerts={
            f"{each.service}|{each.name}": Episode(first=each, latest=each, resolved_at=resolved_at)
            for each in alerts
        },
        symptoms=_tracks(symptoms),
        feedback=said or [],
    )
    for each in [*alerts, *symptoms, *changes, *(said or [])]:
        piece = evidence.of_signal(each, incident.incident_id, moment, RULES)
        incident.evidence[piece.evidence_id] = piece
    ordered = sorted(changes, key=lambda each: (each.timestamp, each.event_id))
    return Situation(
        incident=incident,
        as_of=moment,
        changes=ordered,
        catalog=catalog,
        policy=policy,
        rules_version=RULES,
        **remembered,
    )


def the_owner(situation: Situation, causes: CauseFinding | None = None) -> Owner:
    """Give whose a situation is, as its triage tells it."""
    list(ownership.settle(situation, causes))
    field = contender.rank(ScopeState(scope="shop"), situation, causes)
    list(route.keep(situation, field))
    return route.owner(situation, field)


def _tracks(symptoms: list[Symptom]) -> dict[str, SymptomTrack]:
    """Give one track of each symptom; several sightings of one follow each other in the order given."""
    tracks: dict[str, SymptomTrack] = {}
    for each in symptoms:
        track = tracks.setdefault(symptom_key(each), SymptomTrack(first=each, worst=each, latest=each))
        track.latest = each
        track.worst = each if each.score > track.worst.score else track.worst
        failure_count.note(track, each)
        spread.note(track, each)
    return tracks


def _named(kind: str, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"event_id": f"{kind}-{name}-{fields['timestamp']:%H%M%S}"} | fields
