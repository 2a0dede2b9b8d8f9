"""What does the draft say once the incident is over?"""

from models.cause import Causes
from models.event_time import EventTime
from models.evidence import Evidence
from models.incident import IncidentStatus
from models.output import Output
from models.record import Record
from models.timeline import Timeline
from models.triage import Triage


class ActionItem(Record, frozen=True, kw_only=True):
    """One proposal for prevention; a person decides."""

    text: str
    why: str
    action_class: str
    """prevent, detect, mitigate or investigate."""
    evidence: list[str]


class Statement(Record, frozen=True, kw_only=True):
    """One sentence of the draft with the evidence it rests on."""

    text: str
    evidence: list[str]


class Postmortem(Output, tag="postmortem", tag_field="kind", frozen=True, kw_only=True):
    """The whole draft: every sentence cites evidence, no person is named."""

    version: int
    title: str
    status: IncidentStatus
    opened_at: EventTime
    summary: list[Statement]
    impact: list[Statement]
    detection: list[Statement]
    response: list[Statement]
    triage: Triage
    causes: Causes
    timeline: Timeline
    evidence: list[Evidence]
    action_items: list[ActionItem]
    open_questions: list[str]
