"""Who should be told now, who next if nobody answers, and when?

A state machine in event time. It begins as soon as the triage says that it is an incident, or that it may
be one and an alert is sent as one that pages. It waits at each
level for an acknowledgement, and tells the next level when the wait is over: the due time is a deadline
of the scope, so it fires in order with the signals, at its own time, and a restart loses nothing. An
acknowledgement or a mitigation stops it; a higher severity or another owner begins it anew where it had
stopped, and shortens the wait where it had not. When the shift ends of those who were told, whoever comes
on call is told, and has to acknowledge unless users are no longer hit; whoever goes is kept informed. The
end of the incident ends it. Headwater pages nobody.
"""

from collections.abc import Iterator
from datetime import datetime

from detectors.incidents import memory, narration, urgency
from detectors.incidents.routing import witness
from detectors.incidents.routing.contender import Field
from detectors.incidents.routing.policy import ROUTING
from detectors.incidents.routing.state import Escalation
from detectors.incidents.routing.target import Target, of_level, shown
from detectors.incidents.state import OpenIncident, Situation
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import is_handle, is_machine, span
from models.event import Feedback, FeedbackAction
from models.incident import IncidentStatus
from models.routing import EscalationPhase, EscalationStanding, EscalationStep
from models.timeline import EntryKind
from models.topic import Outgoing
from models.triage import Triage, Verdict

_ANSWERS = (FeedbackAction.ACKNOWLEDGE, FeedbackAction.MITIGATE)
_OVER = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
_STOPPED = (EscalationPhase.ACKNOWLEDGED, EscalationPhase.EXHAUSTED)


def hear(incident: OpenIncident, feedback: Feedback) -> None:
    """Stop the escalation at once if a person has answered; a machine's acknowledgement is no answer."""
    found = incident.routing.escalation
    if found is None or found.phase in (EscalationPhase.ACKNOWLEDGED, EscalationPhase.ENDED):
        return
    if feedback.action in _ANSWERS and not is_machine(feedback.actor):
        found.phase, found.due_at = EscalationPhase.ACKNOWLEDGED, None
        found.acknowledged_at, found.acknowledged_by = feedback.timestamp, feedback.actor


def deadline(incident: OpenIncident) -> datetime | None:
    """Give when somebody is told if nobody answers, or as a shift ends (event time); None: nobody is."""
    found = incident.routing.escalation
    if found is None or incident.status in _OVER:
        return None
    return min((each for each in (found.due_at, found.duty_changes_at) if each is not None), default=None)


def advance(situation: Situation, triage: Triage, field: Field, *, owner_changed: bool) -> Iterator[Outgoing]:
    """Bring the escalation up to the moment of the decision, one step at most for each reason."""
    routing = situation.incident.routing
    found = routing.escalation
    if situation.incident.status in _OVER or triage.verdict is Verdict.NOISE:
        if found is not None:
            found.phase, found.due_at, found.duty_changes_at = EscalationPhase.ENDED, None, None
        return
    if found is None or found.phase is EscalationPhase.ENDED:
        if triage.verdict is Verdict.INCIDENT or (triage.verdict is Verdict.CANDIDATE and _pages(situation)):
            routing.escalation = _started(situation, triage, found)
            _step(situation, triage, field, f"a {triage.severity.name} incident begins")
            if found is None:
                # Somebody may have answered while it was no more than a candidate.
                for each in situation.incident.feedback:
                    hear(situation.incident, each)
        return
    raised = triage.severity < found.severity
    if owner_changed or raised:
        why = f"the incident passed to {shown(situation, field, routing.owner)}" if owner_changed else (
            f"severity {found.severity.name} became {triage.severity.name}"
        )  # fmt: skip
        if found.phase in _STOPPED:
            routing.escalation = _started(situation, triage, found)
        else:
            found.severity = triage.severity
            _shorten(situation, found)
        _step(situation, triage, field, why, routing.evidence if owner_changed else None)
    found = routing.escalation or found
    found.severity = triage.severity
    if found.duty_changes_at is not None and found.duty_changes_at <= situation.as_of:
        yield from _handed_over(situation, triage, field, found)
    elif found.due_at is not None and found.due_at <= situation.as_of:
        yield from _unanswered(situation, triage, field, found)


def _pages(situation: Situation) -> bool:
    """Tell whether the sender of an alert calls it one for which people are woken."""
    episodes = situation.incident.alerts.values()
    return any(urgency.of_alert(each.first) <= Urgency.CRITICAL for each in episodes)


def standing(incident: OpenIncident) -> EscalationStanding | None:
    """Give where the escalation stands, as it is published."""
    found = incident.routing.escalation
    if found is None:
        return None
    return EscalationStanding(
        phase=found.phase,
        severity=found.severity,
        level=found.level,
        levels=ROUTING.levels,
        started_at=found.started_at,
        due_at=found.due_at,
        peak=found.peak,
        acknowledged_at=found.acknowledged_at,
        acknowledged_by=found.acknowledged_by,
        steps=found.steps,
    )


def told_now(incident: OpenIncident) -> list[str]:
    """Give who should be told at this moment; empty: somebody has answered, or it is over."""
    found = incident.routing.escalation
    waits = found is not None and found.phase in (EscalationPhase.WAITING, EscalationPhase.EXHAUSTED)
    return found.steps[-1].tell if waits and found is not None and found.steps else []


def informed_since(incident: OpenIncident) -> list[str]:
    """Give whose shift began after somebody had answered, and who need not answer again."""
    found = incident.routing.escalation
    if found is None or found.phase is not EscalationPhase.ACKNOWLEDGED or found.acknowledged_at is None:
        return []
    answered_at = found.acknowledged_at
    return [who for each in found.steps[-1:] if each.told_at > answered_at for who in each.tell]


def _started(situation: Situation, triage: Triage, before: Escalation | None) -> Escalation:
    found = Escalation(
        severity=triage.severity,
        started_at=situation.as_of,
        level_at=situation.as_of,
        relieved=before.relieved if before is not None else [],
        steps=before.steps if before is not None else [],
    )
    _wait(situation, found)
    return found


def _wait(situation: Situation, found: Escalation) -> None:
    found.peak = _peak(situation)
    wait = situation.policy.escalation.wait(found.severity, is_peak=found.peak is not None)
    found.due_at = None if wait is None else situation.as_of + wait


def _shorten(situation: Situation, found: Escalation) -> None:
    """Let the wait be that of the severity, counted from now, but never longer than it was."""
    before = found.due_at
    _wait(situation, found)
    if before is not None and (found.due_at is None or before < found.due_at):
        found.due_at = before


def _unanswered(situation: Situation, triage: Triage, field: Field, found: Escalation) -> Iterator[Outgoing]:
    silence = witness.of_no_answer(situation, found.level, found.level_at)
    waited = span(situation.as_of - found.level_at)
    yield from memory.keep(situation.incident, silence)
    cites = [silence.evidence_id]
    if found.level >= ROUTING.levels:
        found.phase, found.due_at = EscalationPhase.EXHAUSTED, None
        why = f"nobody acknowledged at any level; the last was told {waited} ago"
    else:
        found.level += 1
        found.level_at = situation.as_of
        _wait(situation, found)
        why = f"nobody acknowledged for {waited}"
    _step(situation, triage, field, why, cites)


def _handed_over(situation: Situation, triage: Triage, field: Field, found: Escalation) -> Iterator[Outgoing]:
    """Tell who comes on call at the levels that were told; where the same ones stay, nobody is told.

    Who answered goes on answering, where it is a handle that does not go: only what those who go had taken
    up is asked again.
    """
    incident, as_of = situation.incident, situation.as_of
    before, now = found.on_duty, _on_duty(situation, found.level)
    _watch(situation, found)
    gone, come = [each for each in before if each not in now], [each for each in now if each not in before]
    if not gone and not come:
        return
    cites: list[str] = []
    for each in situation.oncall.on_call(incident.routing.owner, as_of):
        if each.handle in come and not cites:
            made = witness.of_shift(situation, each)
            yield from memory.keep(incident, made)
            cites.append(made.evidence_id)
    why = "the shift of those who were told has ended" if gone else "a shift begins where nobody was on call"
    stay = [each for each in found.steps[-1].tell if each not in gone and each not in come]
    if not now:
        why += " and nobody takes over"
    if incident.status is IncidentStatus.OPEN and found.phase in _STOPPED and not _still_answers(found, gone):
        found = incident.routing.escalation = _started(situation, triage, found)
    elif found.phase is EscalationPhase.WAITING and not set(stay) & set(now):
        found.level_at = as_of
        _wait(situation, found)
    found.relieved = list(dict.fromkeys([*found.relieved, *gone]))[-ROUTING.most_steps :]
    asked = of_level(situation, field, found.level)
    if found.level > 1 and come:
        asked = Target([*come, *stay], "whoever takes over")
    _step(situation, triage, field, why, cites, asked)


def _still_answers(found: Escalation, gone: list[str]) -> bool:
    """Tell whether a handle answered that does not go; a role goes with its shift."""
    by = (found.acknowledged_by or "").removeprefix("@")
    return found.phase is EscalationPhase.ACKNOWLEDGED and is_handle(by) and by not in gone


def _watch(situation: Situation, found: Escalation) -> None:
    """Note who is on call at the levels that were told, and when that changes."""
    owner, level = situation.incident.routing.owner, found.level
    found.on_duty = _on_duty(situation, level)
    found.duty_changes_at = situation.oncall.next_change(owner, level, situation.as_of)


def _on_duty(situation: Situation, level: int) -> list[str]:
    on_call = situation.oncall.on_call(situation.incident.routing.owner, situation.as_of)
    return list(dict.fromkeys(each.handle for each in on_call if each.level <= level))


def _step(
    situation: Situation,
    triage: Triage,
    field: Field,
    why: str,
    cites: list[str] | None = None,
    asked: Target | None = None,
) -> None:
    incident, as_of = situation.incident, situation.as_of
    found = incident.routing.escalation
    assert found is not None  # a step belongs to one
    target = asked or of_level(situation, field, found.level)
    known = [each for each in (cites or []) if each in incident.evidence]
    evidence = known or list(triage.reasons[0].evidence)
    text = f"{why}: {target.text} should be told"
    step = EscalationStep(told_at=as_of, level=found.level, text=text, tell=target.tell, evidence=evidence)
    found.steps = [*found.steps, step][-ROUTING.most_steps :]
    _watch(situation, found)
    memory.tell(
        incident,
        narration.status_entry(
            entry_kind=EntryKind.ESCALATION, service=incident.routing.service or incident.service, text=text,
            rule=f"escalation.level_{found.level}", evidence_id=evidence[0],
            occurred_at=as_of, learned_at=as_of,
        ),
    )  # fmt: skip


def _peak(situation: Situation) -> str | None:
    return next((each.name for each in situation.policy.calendar if each.holds(situation.as_of)), None)
