"""Did an earlier incident show the same, and what was its cause?

Method: the share of alerts and symptoms in common (Jaccard) with each incident that was closed with a leading
cause. A prior: its weight is below the margin, so that it decides nothing by itself. Weakness: the
same symptoms have many causes, and the earlier answer may have been wrong.
"""

from typing import NamedTuple

import msgspec

from detectors.incidents import evidence, history
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Suspect, Weighing
from detectors.incidents.state import PastIncident, Situation
from detectors.incidents.wording import cut, day_and_clock


class Alike(NamedTuple):
    """An earlier incident, and the share (0 to 1) of what both showed that they have in common."""

    share: float
    past: PastIncident


def most_alike(situation: Situation) -> Alike | None:
    """Give the earlier incident that showed most of the same; None: none is alike."""
    shown = set(history.shown_by(situation.incident))
    shares = [
        Alike(len(shown & set(past.shown)) / len(shown | set(past.shown)), past)
        for past in situation.past
        if shown and past.cause_class is not None
    ]
    alike = [each for each in shares if each.share >= CAUSE.alike]
    return max(alike, key=lambda each: (each.share, each.past.opened_at, each.past.incident_id), default=None)


def weighed(suspect: Suspect, alike: Alike | None, situation: Situation) -> Suspect:
    """Give a suspect with the prior where an alike incident had its cause at this service, of this class."""
    candidate = suspect.candidate
    if alike is None or (alike.past.service, alike.past.cause_class) != (
        candidate.service,
        candidate.cause_class,
    ):
        return suspect
    when = day_and_clock(alike.past.opened_at)
    text = f"{round(100 * alike.share)} % of what an incident of {when} showed is the same, and "
    text += f"{cut(alike.past.text, 100)} led then"
    made = evidence.of_history(
        situation.incident, candidate.service, text, [alike.past.incident_id], situation.as_of,
        situation.rules_version,
    )  # fmt: skip
    prior = Weighing(situation)
    prior.weigh("recurrence", CAUSE.recurrence * alike.share, text, [made.evidence_id])
    parts = [*candidate.parts, *prior.parts]
    again = msgspec.structs.replace(
        candidate,
        parts=parts,
        score=round(sum((each.points for each in parts), 0.0), 3),
        supporting=[*candidate.supporting, *prior.supporting],
    )
    return Suspect(again, [*suspect.evidence, made])
