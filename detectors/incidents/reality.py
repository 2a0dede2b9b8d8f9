"""Is it real: has it held for long enough, is there a second source, did responders believe its alerts?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from detectors.incidents import blast_radius, precision, urgency
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.severity.measurement import Told, clause, ids
from detectors.incidents.severity.symptom_rule import is_failure
from detectors.incidents.state import Episode, OpenIncident, Situation, SymptomTrack, evidence_id
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import cut, is_machine, listed, number, span
from models.event import FeedbackAction
from models.incident import IncidentStatus
from models.signal import SymptomKind
from models.triage import Verdict

_TELEMETRY = {
    SymptomKind.NEW_SIGNATURE: "logs",
    SymptomKind.SURGING_SIGNATURE: "logs",
    SymptomKind.VANISHED_SIGNATURE: "logs",
    SymptomKind.METRIC_SHIFT: "metrics",
    SymptomKind.ERROR_RATE: "spans",
    SymptomKind.LATENCY: "spans",
    SymptomKind.ERROR_SHARE: "logs",
    SymptomKind.SILENT_SERVICE: "logs",
    SymptomKind.FLOW_BREAK: "spans",
    SymptomKind.NETWORK_GAP: "spans",
    SymptomKind.DEPLOY_COMPARISON: "logs",
}
"""Which telemetry a symptom is drawn from: two that agree are two witnesses."""

_TAKEN_UP = (
    FeedbackAction.ACKNOWLEDGE, FeedbackAction.ASSIGN, FeedbackAction.MITIGATE, FeedbackAction.REOPEN,
    FeedbackAction.CONFIRM_CAUSE, FeedbackAction.CONFIRM_SEVERITY,
)  # fmt: skip


def is_noise(incident: OpenIncident) -> bool:
    """Tell whether an incident is noise, as last published."""
    return incident.noise or (incident.triage is not None and incident.triage.verdict is Verdict.NOISE)


def verdict(situation: Situation) -> Verdict:
    """Say whether an incident is real, at one moment.

    A responder who resolved it as noise is believed, and one who took it up. What was confirmed once
    stays an incident. What is not yet confirmed is a candidate, and noise once it is over; so is from
    the start what only announced work, an experiment, an informational alert or an alert rule says that
    was mostly wrong.
    """
    incident = situation.incident
    if incident.noise or _resolved_as_noise(incident):
        return Verdict.NOISE
    if incident.triage is not None and incident.triage.verdict is Verdict.INCIDENT:
        return Verdict.INCIDENT
    if next(_confirmations(situation), None) is not None:
        return Verdict.INCIDENT
    is_over = incident.status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    tracks = blast_radius.tracks(incident)
    if not tracks and (is_over or not _believed(incident)):
        return Verdict.NOISE
    return Verdict.CANDIDATE


def confirmation(situation: Situation) -> Told | None:
    """What confirms that it is real; where nothing does, that it rests on one source."""
    incident = situation.incident
    if incident.noise:
        return None
    found = next(_confirmations(situation), None)
    if found is not None:
        return found
    episodes = blast_radius.episodes(incident)
    if not episodes:
        return None
    first = episodes[0]
    over = incident.status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    text = "no second source confirmed it" if over else "no second source confirms it yet"
    told = clause(
        "unconfirmed", text, blast_radius.began(first), ids(first),
        value=_held_s(situation, first), threshold=LIFECYCLE.confirm.total_seconds(), unit="s",
    )  # fmt: skip
    return Told(told, [])


def precision_of_rules(situation: Situation) -> Told | None:
    """An alert rule whose incidents responders mostly called noise."""
    incident = situation.incident
    for rule, known in sorted(incident.imprecise.items()):
        judged = known.real + known.noise
        name = cut(rule.partition("|")[2], 80)
        text = f"responders called {known.noise} of {judged} earlier incidents of {name} noise"
        told = clause(
            "rule_precision", text, known.latest.timestamp, [evidence_id(known.latest.event_id)],
            value=known.real / judged, threshold=LIFECYCLE.imprecise, unit="ratio", sample_size=judged,
        )  # fmt: skip
        return Told(told, [])
    return None


def flapping(situation: Situation) -> Told | None:
    """The alert that came and went most often."""
    flapped = [each for each in blast_radius.episodes(situation.incident) if each.fired >= LIFECYCLE.flapping]
    if not flapped:
        return None
    worst = max(flapped, key=lambda each: each.fired)
    text = (
        f"the alert {cut(worst.first.name, 80)} of {worst.first.service} flaps: it fired {worst.fired} times"
    )
    told = clause(
        "flapping", text, worst.first.timestamp, [evidence_id(worst.first.event_id)],
        value=float(worst.fired), threshold=float(LIFECYCLE.flapping), unit="firings",
    )  # fmt: skip
    return Told(told, [])


def _confirmations(situation: Situation) -> Iterator[Told]:
    """Give everything that shows by itself that it is real, what people said first."""
    incident = situation.incident
    for said in incident.feedback:
        if said.action in _TAKEN_UP and not is_machine(said.actor):
            yield _confirmed("a responder took it up", said.timestamp, [evidence_id(said.event_id)])
    episodes = [
        each
        for each in blast_radius.episodes(incident)
        if urgency.of_alert(each.first) is not Urgency.INFORMATIONAL
    ]
    tracks = blast_radius.tracks(incident)
    yield from _second_source(episodes, tracks)
    if incident.crowd_fires:
        yield _confirmed(
            f"{number(incident.crowd_fires)} more alerts fire",
            incident.opened_at,
            ids(episodes[0]) if episodes else [],
        )
    believed = [each for each in episodes if precision.rule_of(each.first) not in incident.imprecise]
    many = Counter(precision.rule_of(each.first) for each in believed)
    for each in believed:
        targets = many[precision.rule_of(each.first)]
        if targets >= LIFECYCLE.confirm_alerts:
            text = f"{number(targets)} targets of {cut(each.first.name, 80)} alert"
            yield _confirmed(text, blast_radius.began(each), ids(each), value=float(targets), unit="alerts")
        if each.fired >= LIFECYCLE.confirm_alerts:
            text = f"{cut(each.first.name, 80)} fired {number(each.fired)} times"
            yield _confirmed(
                text, blast_radius.began(each), ids(each), value=float(each.fired), unit="firings"
            )
        held_s = _held_s(situation, each)
        if held_s >= LIFECYCLE.confirm.total_seconds():
            text = f"{cut(each.first.name, 80)} has held for {span(_held(situation, each))}"
            yield _confirmed(text, blast_radius.began(each), ids(each), value=held_s, unit="s")


def _second_source(episodes: list[Episode], tracks: list[SymptomTrack]) -> Iterator[Told]:
    """Give independent sources that agree: other alerts, telemetry beside an alert, two of telemetry."""
    if episodes:
        first = episodes[0]
        others = [
            each
            for each in episodes
            if each.first.service != first.first.service
            or precision.rule_of(each.first) != precision.rule_of(first.first)
        ]
        for each in others:
            text = f"{cut(each.first.name, 80)} of {each.first.service} alerts too"
            yield _confirmed(text, blast_radius.began(each), [*ids(first), *ids(each)])
        alerting = {each.first.service for each in episodes}
        for track in tracks:
            if is_failure(track) or track.first.service in alerting:
                source = _TELEMETRY[track.first.symptom_kind]
                text = f"the {source} of {track.first.service} show it too"
                yield _confirmed(text, track.first.onset_at, [*ids(first), evidence_id(track.first.event_id)])
    services = sorted({track.first.service for track in tracks})
    witnesses = sorted({_TELEMETRY[track.first.symptom_kind] for track in tracks})
    for several in (services, witnesses):
        if len(several) >= 2:
            cited = [evidence_id(track.first.event_id) for track in tracks]
            since = min(track.first.onset_at for track in tracks)
            yield _confirmed(f"{listed(several[:3])} agree", since, cited[:4])


def _confirmed(
    text: str, since: datetime, evidence: Iterable[str], *, value: float | None = None, unit: str = "sources"
) -> Told:
    """Give a clause; without a value of its own it tells how many pieces of evidence agree."""
    cited = list(dict.fromkeys(evidence))
    threshold = float(LIFECYCLE.confirm_alerts)
    if value is None:
        value, threshold = float(len(cited)), 1.0
    elif unit == "s":
        threshold = LIFECYCLE.confirm.total_seconds()
    return Told(clause("confirmed", text, since, cited, value=value, threshold=threshold, unit=unit), [])


def _held(situation: Situation, episode: Episode) -> timedelta:
    """Give how long it fires, or fired last: what came and went has not held all the time."""
    ends = (episode.resolved_at, situation.incident.resolved_at, situation.as_of)
    began = episode.back_at or blast_radius.began(episode)
    return max(min(each for each in ends if each is not None) - began, timedelta(0))


def _held_s(situation: Situation, episode: Episode) -> float:
    return _held(situation, episode).total_seconds()


def _believed(incident: OpenIncident) -> bool:
    """Tell whether any of its alerts is of a rule that responders did not mostly call noise."""
    return any(
        urgency.of_alert(each.first) is not Urgency.INFORMATIONAL
        and precision.rule_of(each.first) not in incident.imprecise
        for each in incident.alerts.values()
    )


def _resolved_as_noise(incident: OpenIncident) -> bool:
    """Tell whether the last word of a responder on the end of it was that nothing was wrong."""
    last = [
        each for each in incident.feedback if each.action in (FeedbackAction.RESOLVE, FeedbackAction.REOPEN)
    ]
    return bool(last) and precision.says_noise(last[-1])
