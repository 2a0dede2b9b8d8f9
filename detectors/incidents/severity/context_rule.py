"""How far has it spread, over which services, and what changed shortly before?"""

from detectors.incidents import blast_radius, changed_service, narration, urgency
from detectors.incidents.experiment import is_experiment
from detectors.incidents.maintenance import freeze_of
from detectors.incidents.severity.measurement import WHOLE, Measurement, Told, clause, counts, ids
from detectors.incidents.severity.symptom_rule import is_failure
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import ago, clock, listed
from models.event import ChangeKind
from models.measure import Measure
from models.signal import SymptomKind

_NOT_LIVE = (ChangeKind.COMMIT, ChangeKind.MAINTENANCE)
"""A commit is merged, not live; maintenance is announced work, not a change of what runs."""


def spread(situation: Situation) -> Told | None:
    """The number of affected services, told from two on; those that fail, not merely deviate, weigh more."""
    incident = situation.incident
    onsets = blast_radius.onsets(incident)
    many = len(onsets)
    if not many:
        return None
    evidence = tuple(onset.evidence for onset in onsets.values())
    failing = [each for each in onsets if fails(situation, each)]
    erring = [each for each in failing if _errs(situation, each)]
    live = [each for each in onsets if is_live(situation, each)]
    measured = [
        Measurement(Measure.AFFECTED_SERVICES, float(len(live)), WHOLE, evidence),
        Measurement(
            Measure.FAILING_SERVICES, float(len(failing)), WHOLE,
            tuple(onsets[each].evidence for each in failing) or evidence,
        ),
        Measurement(
            Measure.ERRING_SERVICES, float(len(erring)), WHOLE,
            tuple(onsets[each].evidence for each in erring) or evidence,
        ),
    ]  # fmt: skip
    for service, onset in onsets.items():
        measured.append(Measurement(Measure.FAILING, float(service in failing), service, (onset.evidence,)))
    if many < 2:
        return Told(None, measured)
    verb = "are" if incident.resolved_at is None else "were"
    names = listed(list(onsets)[:3] + ([f"{many - 3} more"] if many > 3 else []))
    text = f"{many} services {verb} affected ({names})"
    failed = [each for each in onsets if _fails(situation, each, now=False)]
    if len(failed) < many:
        text += f", {len(failed)} of them with failures" if failed else ", none of them with failures"
    since = min(each.at for each in onsets.values())
    told = clause("blast_radius", text, since, evidence, value=float(many), threshold=2.0, unit="services")
    return Told(told, measured)


def dependency(situation: Situation) -> Told | None:
    """An alert of a service that the entry service depends on."""
    entry = situation.incident.service
    episodes = blast_radius.episodes(situation.incident)
    for episode in sorted(episodes, key=lambda each: each.resolved_at is not None):
        service = episode.first.service
        if service != entry and situation.catalog.hops(entry, service, situation.as_of) is not None:
            is_now = episode.resolved_at is None
            text = f"the {service} dependency {'is' if is_now else 'was'} alerting"
            until = episode.resolved_at or situation.as_of
            told = clause(
                "dependency_alerting", text, episode.first.timestamp, ids(episode),
                value=(until - episode.first.timestamp).total_seconds() / 60, unit="minutes",
            )  # fmt: skip
            counted = is_now and urgency.of_alert(episode.first) <= Urgency.WARNING
            return Told(told, [Measurement(Measure.DEPENDENCY_ALERTING, 1.0, WHOLE, ids(episode), counted)])
    return None


def announced_work(situation: Situation) -> Told | None:
    """The announced work that holds the alerts of this record back, and until when."""
    incident = situation.incident
    if incident.held_until is None:
        return None
    minutes = (incident.held_until - situation.as_of).total_seconds() / 60
    text = f"announced work holds its alerts back until {clock(incident.held_until, situation.as_of)}"
    told = clause(
        "announced_work", text, incident.opened_at, [evidence_id(incident.held_by)],
        value=minutes, unit="minutes",
    )  # fmt: skip
    return Told(told, [])


def experiment(situation: Situation) -> Told | None:
    """That alerts of this record are tagged as caused on purpose, by whom they were sent."""
    tagged = [each for each in blast_radius.episodes(situation.incident) if is_experiment(each.first)]
    if not tagged or not situation.incident.noise:
        return None
    many = f"{len(tagged)} {'alert is' if len(tagged) == 1 else 'alerts are'}"
    told = clause(
        "experiment", f"{many} tagged as caused on purpose", blast_radius.began(tagged[0]), ids(tagged[0]),
        value=float(len(tagged)), unit="alerts",
    )  # fmt: skip
    return Told(told, [])


def recent_change(situation: Situation) -> Told | None:
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
    noun = narration.change_noun(change)
    noun = f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
    text = f"{noun}{elsewhere} finished {ago(change.timestamp, situation.as_of)}"
    minutes = (situation.as_of - change.timestamp).total_seconds() / 60
    cited = [evidence_id(change.event_id)]
    freeze = freeze_of(situation.changes, change)
    if freeze is not None:
        text += f" although changes are frozen until {clock(freeze.ends, situation.as_of)}"
        cited.append(evidence_id(freeze.by.event_id))
    told = clause("recent_change", text, change.timestamp, cited, value=minutes, unit="minutes")
    return Told(told, [Measurement(Measure.RECENT_CHANGE, minutes, WHOLE, tuple(cited))])


def fails(situation: Situation, service: str) -> bool:
    """Whether a service fails now: a symptom that users may notice, or an alert of at least a warning."""
    return _fails(situation, service, now=True)


def _fails(situation: Situation, service: str, *, now: bool) -> bool:
    incident = situation.incident
    urgencies = [
        urgency.of_alert(each.first)
        for each in blast_radius.episodes(incident, service)
        if each.resolved_at is None or not now
    ]
    return any(each <= Urgency.WARNING for each in urgencies) or any(
        is_failure(track) and (counts(situation, track) or not now)
        for track in blast_radius.tracks(incident, service)
    )


def _errs(situation: Situation, service: str) -> bool:
    incident = situation.incident
    return any(
        each.resolved_at is None and urgency.of_alert(each.first) <= Urgency.WARNING
        for each in blast_radius.episodes(incident, service)
    ) or any(
        is_failure(track) and counts(situation, track) and track.worst.symptom_kind is not SymptomKind.LATENCY
        for track in blast_radius.tracks(incident, service)
    )


def is_live(situation: Situation, service: str) -> bool:
    """Whether an alert of a service fires, or a symptom of it has been seen recently."""
    incident = situation.incident
    return any(each.resolved_at is None for each in blast_radius.episodes(incident, service)) or any(
        counts(situation, track) for track in blast_radius.tracks(incident, service)
    )
