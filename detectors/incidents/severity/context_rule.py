"""How far has it spread, over which services, and what changed shortly before?"""

from detectors.incidents import blast_radius, changed_service, narration, urgency
from detectors.incidents.maintenance import freeze_of
from detectors.incidents.policy import SEVERITY
from detectors.incidents.severity.exposure import exposure
from detectors.incidents.severity.raised import Raised, ids, raised
from detectors.incidents.severity.symptom_rule import is_failure
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import ago, clock, listed
from models.event import ChangeKind
from models.triage import Severity

_NOT_LIVE = (ChangeKind.COMMIT, ChangeKind.MAINTENANCE)
"""A commit is merged, not live; maintenance is announced work, not a change of what runs."""


def spread(situation: Situation) -> Raised | None:
    """The number of affected services, from two on; those that fail, not merely deviate, make it severe."""
    incident = situation.incident
    onsets = blast_radius.onsets(incident)
    many = len(onsets)
    if many < 2:
        return None
    failing = [each for each in onsets if _fails(situation, each)]
    is_critical = any(
        urgency.of_alert(each.first) <= Urgency.CRITICAL for each in blast_radius.episodes(incident)
    )
    is_exposed = any(exposure(situation, each).may_face_users for each in failing)
    severity = Severity.SEV3
    if len(failing) >= SEVERITY.widespread_services and is_critical and is_exposed:
        severity = Severity.SEV1
    elif len(failing) >= SEVERITY.wide_services:
        severity = Severity.SEV2
    verb = "are" if incident.resolved_at is None else "were"
    names = listed(list(onsets)[:3] + ([f"{many - 3} more"] if many > 3 else []))
    text = f"{many} services {verb} affected ({names})"
    if len(failing) < many:
        text += f", {len(failing)} of them with failures" if failing else ", none of them with failures"
    evidence = [onset.evidence for onset in onsets.values()]
    return raised("blast_radius", text, severity, evidence, value=float(many), threshold=2.0, unit="services")


def tier(situation: Situation) -> Raised | None:
    """An affected service of tier 1: never less than SEV3."""
    for service, onset in blast_radius.onsets(situation.incident).items():
        known = situation.catalog.entry(service, situation.as_of)
        if known is not None and known.tier == 1:
            text = f"{service}, affected since {clock(onset.at)}, is a tier 1 service"
            return raised("tier", text, Severity.SEV3, [onset.evidence], value=1.0, unit="tier")
    return None


def dependency(situation: Situation) -> Raised | None:
    """An alert of a service that the entry service depends on."""
    entry = situation.incident.service
    for episode in blast_radius.episodes(situation.incident):
        service = episode.first.service
        if service != entry and situation.catalog.hops(entry, service, situation.as_of) is not None:
            is_now = episode.resolved_at is None
            text = f"the {service} dependency {'is' if is_now else 'was'} alerting"
            severity = Severity.SEV3 if urgency.of_alert(episode.first) <= Urgency.WARNING else None
            return raised("dependency_alerting", text, severity, ids(episode))
    return None


def announced_work(situation: Situation) -> Raised | None:
    """The announced work that holds the alerts of this record back, and until when."""
    incident = situation.incident
    if incident.held_until is None:
        return None
    minutes = (incident.held_until - situation.as_of).total_seconds() / 60
    text = f"announced work holds its alerts back until {clock(incident.held_until)}"
    return raised(
        "announced_work", text, None, [evidence_id(incident.held_by)], value=minutes, unit="minutes"
    )


def recent_change(situation: Situation) -> Raised | None:
    """The latest change before the onset: of the entry service, else an affected one, else a dependency."""
    first = blast_radius.first_onset(situation.incident)
    if first is None:
        return None
    affected = blast_radius.services(situation.incident)
    near = [
        (
            where == situation.incident.service,
            where in affected,
            change.timestamp,
            change.event_id,
            change,
            where,
        )
        for change in situation.changes
        if change.change_kind not in _NOT_LIVE and change.timestamp <= first.at
        for where in [changed_service.of_change(change, affected)]
        if any(situation.catalog.hops(each, where, situation.as_of) is not None for each in affected)
    ]
    if not near:
        return None
    *_, change, where = max(near, key=lambda each: each[:4])
    elsewhere = "" if where == situation.incident.service else f" of {where}"
    text = f"a {narration.change_noun(change)}{elsewhere} finished {ago(change.timestamp, situation.as_of)}"
    minutes = (situation.as_of - change.timestamp).total_seconds() / 60
    cited = [evidence_id(change.event_id)]
    freeze = freeze_of(situation.changes, change)
    if freeze is not None:
        text += f" although changes are frozen until {clock(freeze.ends)}"
        cited.append(evidence_id(freeze.by.event_id))
    return raised("recent_change", text, None, cited, value=minutes, unit="minutes")


def _fails(situation: Situation, service: str) -> bool:
    incident = situation.incident
    urgencies = [urgency.of_alert(each.first) for each in blast_radius.episodes(incident, service)]
    return any(each <= Urgency.WARNING for each in urgencies) or any(
        is_failure(track) for track in blast_radius.tracks(incident, service)
    )
