"""Which services are affected, and since when?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from detectors.incidents.state import Episode, OpenIncident, SymptomTrack, evidence_id
from detectors.incidents.wording import clock, listed, span


class Onset(NamedTuple):
    """When a service first deviated, and what shows it."""

    at: datetime
    evidence: str


def services(incident: OpenIncident) -> list[str]:
    """Give the services with an alert or a symptom, in alphabetical order."""
    return sorted(onsets(incident))


def onsets(incident: OpenIncident) -> dict[str, Onset]:
    """Give the first deviation of each affected service, in alphabetical order of the services.

    The onset of a symptom, or the start of an alert where that is earlier or all there is.
    """
    found: dict[str, Onset] = {}
    for service, onset in sorted(_all(incident)):
        found.setdefault(service, onset)
    return found


def first_onset(incident: OpenIncident) -> Onset | None:
    """Give the first deviation of all; None: there is neither an alert nor a symptom."""
    return min(onsets(incident).values(), default=None)


def tracks(incident: OpenIncident, service: str | None = None) -> list[SymptomTrack]:
    """Give the symptoms, of one service if asked, in the order of their keys."""
    own = [each for each in incident.symptoms.items() if service in (None, each[1].first.service)]
    return [track for _, track in sorted(own, key=lambda each: each[0])]


def episodes(incident: OpenIncident, service: str | None = None) -> list[Episode]:
    """Give the alerts, of one service if asked, in the order in which they first fired."""
    own = [each for each in incident.alerts.values() if service in (None, each.first.service)]
    return sorted(own, key=lambda each: (each.first.timestamp, each.first.event_id))


def _all(incident: OpenIncident) -> list[tuple[str, Onset]]:
    by_symptom = [
        (track.first.service, Onset(track.first.onset_at, evidence_id(track.first.event_id)))
        for track in incident.symptoms.values()
    ]
    by_alert = [
        (each.first.service, Onset(began(each), evidence_id(each.first.event_id)))
        for each in incident.alerts.values()
    ]
    return by_symptom + by_alert


def began(episode: Episode) -> datetime:
    """Give since when the condition of an alert holds, as far as its sender says."""
    alert = episode.first
    # A start in the future of its own alert is a sender's mistake, not an onset.
    if alert.starts_at is not None and alert.starts_at <= alert.timestamp:
        return alert.starts_at
    return alert.timestamp


def told_first(service: str, onsets: Mapping[str, Onset], within: timedelta) -> str:
    """Say that a service deviated first, and which others did as early as far as the data tells.

    Args:
        service: One of them.
        onsets: The services that are compared, with their first deviations.
        within: Less says nothing of the order: the width of what is judged as one.
    """
    own = onsets[service].at
    ties = [
        each for each, onset in sorted(onsets.items()) if each != service and abs(onset.at - own) <= within
    ]
    text = f"{service} deviated first, at {clock(own)}"
    return f"{text}, and {listed(ties[:3])} within {span(within)} of it" if ties else text
