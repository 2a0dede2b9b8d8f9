"""Which of what fails at one service names another one?"""

from detectors.incidents import blast_radius
from detectors.incidents.state import OpenIncident, evidence_id
from detectors.incidents.wording import words


def of(named: str, at_service: str, incident: OpenIncident) -> list[str]:
    """Give the evidence of the symptoms and alerts of a service whose words hold the name of another one."""
    name = f" {' '.join(words(named))} "
    said = [
        (f"{each.worst.subject} {each.worst.text} {each.worst.sample}", each.worst.event_id)
        for each in blast_radius.tracks(incident, at_service)
    ]
    said += [
        (f"{each.first.name} {each.first.summary or ''}", each.first.event_id)
        for each in blast_radius.episodes(incident, at_service)
    ]
    found = [evidence_id(event_id) for text, event_id in said if name in f" {' '.join(words(text))} "]
    return found if named != at_service else []
