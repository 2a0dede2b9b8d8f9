"""What has a responder said of the severity?"""

import re

from detectors.incidents.severity.measurement import Told, clause
from detectors.incidents.state import Confirmed, OpenIncident, Situation, evidence_id
from detectors.incidents.wording import clock, is_machine
from models.event import Feedback, FeedbackAction
from models.triage import Severity

_NAMED = re.compile(r"\bSEV-?([1-4])\b", re.IGNORECASE)


def hear(incident: OpenIncident, feedback: Feedback) -> None:
    """Note a severity that a person confirms: the one that the text names, else the one that holds.

    The latest word counts. From then on the severity goes no lower by itself; it still goes up where what is
    measured calls for it. A machine confirms nothing.
    """
    if feedback.action is not FeedbackAction.CONFIRM_SEVERITY or is_machine(feedback.actor):
        return
    named = _NAMED.search(feedback.text or "")
    severity = Severity(int(named[1])) if named else incident.held
    if severity is not None:
        incident.confirmed = Confirmed(severity=severity, event_id=feedback.event_id, at=feedback.timestamp)


def confirmed(situation: Situation) -> Told | None:
    """The severity that a responder confirmed last."""
    said = situation.incident.confirmed
    if said is None:
        return None
    text = f"a responder confirmed {said.severity.name} at {clock(said.at, situation.as_of)}"
    told = clause(
        "confirmed_severity", text, said.at, [evidence_id(said.event_id)],
        value=float(said.severity), unit="severity",
    )  # fmt: skip
    return Told(told, [])
