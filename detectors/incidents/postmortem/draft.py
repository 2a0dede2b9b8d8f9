"""What does the draft of the postmortem say, sentence by sentence, and on which evidence?"""

from datetime import datetime

from detectors.incidents import blast_radius, evidence
from detectors.incidents.impact import business
from detectors.incidents.impact import scope as impact_scope
from detectors.incidents.narration import anchors
from detectors.incidents.postmortem import prevention
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import cut, day_and_clock, listed, sentence, span
from models.cause import Candidate, Causes
from models.event import FeedbackAction
from models.evidence import EvidenceKind
from models.postmortem import Postmortem, Statement
from models.timeline import Timeline
from models.triage import Triage

_HARM = ("errors", "latency", "overshoot")
"""Rules whose evidence tells what users met."""
_WHOSE = (EvidenceKind.OWNERSHIP, EvidenceKind.SCHEDULE, EvidenceKind.LOAD)
"""Evidence of who could have acted: in the draft only as far as it tells of it."""


def draft(
    situation: Situation, triage: Triage, causes: Causes, timeline: Timeline, version: int
) -> Postmortem:
    """Give the draft of an incident: every statement cites evidence that the draft carries.

    Args:
        situation: The incident at the moment of the draft.
        triage: The triage that the draft tells of, the one with the worst severity.
        causes: The causes as last published.
        timeline: The whole timeline.
        version: Counts the drafts of the incident, from 1.
    """
    incident = situation.incident
    told = {each.evidence_id for each in timeline.entries} | set(triage.owner.evidence)
    pieces = sorted(
        (
            each
            for each in incident.evidence.values()
            if each.evidence_kind not in _WHOSE or each.evidence_id in told
        ),
        key=lambda each: (each.occurred_at, each.evidence_id),
    )
    known = {each.evidence_id for each in pieces}
    return Postmortem(
        incident_id=incident.incident_id,
        as_of=situation.as_of,
        rules_version=situation.rules_version,
        version=version,
        title=f"{triage.severity.name} of {incident.service} on {day_and_clock(incident.opened_at)}",
        status=incident.status,
        opened_at=incident.opened_at,
        summary=evidence.cited(_summary(triage, causes), known),
        impact=evidence.cited(_impact(situation, triage), known),
        detection=evidence.cited(_detection(situation), known),
        response=evidence.cited(_response(situation), known),
        triage=triage,
        causes=causes,
        timeline=timeline,
        evidence=pieces,
        action_items=evidence.cited(prevention.action_items(situation, causes), known),
        open_questions=prevention.open_questions(situation, triage, causes),
    )


def _summary(triage: Triage, causes: Causes) -> list[Statement]:
    cited = list(dict.fromkeys(each for reason in triage.reasons for each in reason.evidence))
    told = f"at {day_and_clock(triage.as_of)} the triage was: {triage.headline}"
    found = [Statement(text=sentence(told), evidence=cited)]
    leading = causes.candidates[0] if causes.candidates else None
    if leading is None:
        return found
    if causes.abstained:
        text = f"no cause is decisive: {causes.abstained}"
    else:
        why = f": {leading.supporting[0].text}" if leading.supporting else ""
        text = f"the {leading.verdict.value} cause is {leading.text}{why}"
    return [*found, Statement(text=sentence(text), evidence=_arguments(leading))]


def _arguments(candidate: Candidate) -> list[str]:
    arguments = [*candidate.supporting, *candidate.contradicting]
    return list(dict.fromkeys(each for argument in arguments for each in argument.evidence))


def _impact(situation: Situation, triage: Triage) -> list[Statement]:
    incident = situation.incident
    first = blast_radius.first_onset(incident)
    if first is None:
        return []
    over = incident.resolved_at
    lasted = (
        f"it lasted {span(over - first.at)}, from {day_and_clock(first.at)} to {day_and_clock(over)}"
        if over is not None
        else f"it began at {day_and_clock(first.at)} and is not over"
    )
    found = [Statement(text=sentence(lasted), evidence=[first.evidence, *_recovery_evidence(situation)])]
    onsets = blast_radius.onsets(incident)
    many = f"{len(onsets)} services were" if len(onsets) > 1 else "1 service was"
    affected = f"{many} affected: {listed(list(onsets))}"
    found.append(Statement(text=sentence(affected), evidence=[each.evidence for each in onsets.values()]))
    for reason in triage.reasons:
        seen = [incident.evidence[each] for each in reason.evidence if each in incident.evidence]
        if reason.rule in _HARM and seen:
            found.append(Statement(text=seen[0].text, evidence=[seen[0].evidence_id]))
    return [*found, *_whom_and_how_much(situation)]


def _whom_and_how_much(situation: Situation) -> list[Statement]:
    """Tell whom it hit and what it cost, each figure with its range and whether it was measured."""
    hit, cost = impact_scope.find(situation), business.find(situation)
    found = []
    if hit is not None:
        cited = sorted({each for one in hit.hits for each in one.evidence})
        found.append(Statement(text=sentence(hit.text), evidence=cited))
    figures = cost.figures if cost is not None else []
    return found + [Statement(text=sentence(each.text), evidence=each.evidence) for each in figures]


def _detection(situation: Situation) -> list[Statement]:
    incident, moments = situation.incident, anchors(situation.incident)
    alerts = blast_radius.episodes(incident)
    symptom = min(
        ((each.first.onset_at, evidence_id(each.first.event_id)) for each in blast_radius.tracks(incident)),
        default=None,
    )
    if not alerts:
        if symptom is None:
            return []
        text = f"no alert fired; Headwater saw the first symptom, which began at {day_and_clock(symptom[0])}"
        return [Statement(text=sentence(text), evidence=[symptom[1]])]
    alert = alerts[0].first
    by = f" of {cut(alert.source, 60)}" if alert.source else ""
    text = f"detected by the alert {cut(alert.name, 80)}{by} at {day_and_clock(alert.timestamp)}"
    cited = [evidence_id(alert.event_id)]
    if symptom is not None and moments.first_alert_at is not None:
        order = "after" if symptom[0] <= moments.first_alert_at else "before"
        text += f", {span(moments.first_alert_at - symptom[0])} {order} the first symptom"
        cited.append(symptom[1])
    return [Statement(text=sentence(text), evidence=cited)]


def _response(situation: Situation) -> list[Statement]:
    incident, moments = situation.incident, anchors(situation.incident)
    first = blast_radius.first_onset(incident)
    if first is None:
        return []
    began = moments.first_alert_at or first.at
    found = []
    for action, verb in (
        (FeedbackAction.ACKNOWLEDGE, "acknowledged"),
        (FeedbackAction.MITIGATE, "mitigated"),
    ):
        acts = [each for each in incident.feedback if each.action is action]
        if acts:
            act = min(acts, key=lambda each: (each.timestamp, each.event_id))
            cited = [evidence_id(act.event_id), first.evidence]
            found.append(Statement(text=_took(verb, act.timestamp, began), evidence=cited))
    if incident.resolved_at is not None:
        cited = _recovery_evidence(situation) or [first.evidence]
        found.append(Statement(text=_took("recovered", incident.resolved_at, began), evidence=cited))
    return found


def _took(verb: str, moment: datetime, began: datetime) -> str:
    order = "after" if moment >= began else "before"
    return sentence(f"{verb} at {day_and_clock(moment)}, {span(moment - began)} {order} the detection")


def _recovery_evidence(situation: Situation) -> list[str]:
    incident = situation.incident
    if incident.resolved_at is None:
        return []
    quiet = [
        each.evidence_id for each in incident.evidence.values() if each.evidence_kind is EvidenceKind.QUIET
    ]
    said = [evidence_id(each.event_id) for each in incident.feedback if each.action is FeedbackAction.RESOLVE]
    ended = [
        evidence_id(each.latest.event_id)
        for each in blast_radius.episodes(incident)
        if each.resolved_at is not None
    ]
    return sorted(quiet) + sorted(said) + ended
