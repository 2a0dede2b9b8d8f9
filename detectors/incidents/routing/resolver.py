"""Who ended earlier incidents like this one?"""

from collections.abc import Iterator
from typing import NamedTuple

from detectors.incidents import evidence, history
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.state import Situation
from detectors.incidents.wording import day_and_clock
from models.evidence import Evidence


class Ended(NamedTuple):
    """An earlier incident that showed much of the same, and who ended it."""

    handles: list[str]
    text: str
    """What it shared, without a name."""
    made: Evidence


def similar(situation: Situation) -> Iterator[Ended]:
    """Give the earlier incidents like this one that somebody ended, the most alike first.

    Alike by the share of alerts and symptoms in common, as for causes (`cause/recurrence.py`).
    """
    incident, shown = situation.incident, set(history.shown_by(situation.incident))
    shares = [
        (len(shown & set(past.shown)) / len(shown | set(past.shown)), past)
        for past in situation.past
        if past.ended_by and shown
    ]
    for share, past in sorted(shares, key=lambda each: (-each[0], each[1].opened_at, each[1].incident_id)):
        if share >= CAUSE.alike:
            when = day_and_clock(past.opened_at)
            text = f"{round(100 * share)} % of what an incident of {when} showed is the same"
            made = evidence.of_history(
                incident, incident.service, text, [past.incident_id], situation.as_of, situation.rules_version
            )
            yield Ended(past.ended_by, text, made)
