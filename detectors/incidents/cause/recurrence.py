"""Did an earlier incident show the same, and what was its cause?

Method: the share of alerts and symptoms in common (Jaccard) with each incident that was closed with a leading
cause. A prior: its weight is below the margin, so that it decides nothing by itself. Weakness: the
same symptoms have many causes, and the earlier answer may have been wrong.
"""

from detectors.incidents import evidence, history
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.policy import CAUSE
from detectors.incidents.state import PastIncident, Situation
from detectors.incidents.wording import cut, day_and_clock
from models.cause import CauseClass


def weigh(weighing: Weighing, service: str, cause_class: CauseClass) -> None:
    """Weigh that the most alike of the earlier incidents had its cause at this service and of this class."""
    found = _most_alike(weighing.situation)
    if found is None or (found[1].service, found[1].cause_class) != (service, cause_class):
        return
    share, past = found
    situation, when = weighing.situation, day_and_clock(past.opened_at)
    text = f"{round(100 * share)} % of what an incident of {when} showed is the same, and what led then was "
    text += cut(past.text, 100)
    made = evidence.of_history(
        situation.incident, service, text, [past.incident_id], situation.as_of, situation.rules_version
    )
    weighing.made.append(made)
    weighing.weigh("recurrence", CAUSE.recurrence * share, text, [made.evidence_id])


def _most_alike(situation: Situation) -> tuple[float, PastIncident] | None:
    shown = set(history.shown_by(situation.incident))
    shares = [
        (len(shown & set(past.shown)) / len(shown | set(past.shown)), past)
        for past in situation.past
        if shown
    ]
    alike = [each for each in shares if each[0] >= CAUSE.alike]
    return max(alike, key=lambda each: (each[0], each[1].opened_at, each[1].incident_id), default=None)
