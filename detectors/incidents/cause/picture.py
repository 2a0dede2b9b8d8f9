"""What fails, and where? Drawn once for a ranking, for each change is weighed against the same."""

from dataclasses import dataclass

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause import calls, circumstance, mechanism, touched_words
from detectors.incidents.cause.circumstance import Circumstance
from detectors.incidents.cause.mechanism import Mechanism
from detectors.incidents.state import OpenIncident, Situation, evidence_id
from detectors.incidents.wording import words
from models.signal import Symptom


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The failing side of an incident, as far as arguments about changes ask for it."""

    situation: Situation
    onsets: dict[str, Onset]
    """First deviation of each affected service, in alphabetical order."""
    mechanisms: dict[str, Mechanism]
    """How affected services fail, where their metrics name it."""
    risen: dict[str, Symptom]
    """Services that are called more than before by those that call them."""
    circumstances: list[Circumstance]
    failing_words: frozenset[str]
    """Telling words of what fails."""
    failing_text: str
    """All that is said of what fails."""
    said: dict[str, list[tuple[str, str]]]
    """By affected service: the words of each symptom and alert, between spaces, and its evidence."""

    def naming(self, named: str, at_service: str) -> list[str]:
        """Give the evidence of what fails at a service and names another one."""
        name = f" {' '.join(words(named))} "
        if named == at_service:
            return []
        return [evidence for text, evidence in self.said.get(at_service, ()) if name in text]


def of_situation(situation: Situation) -> Picture:
    """Draw the picture of an incident at one moment."""
    incident = situation.incident
    onsets = blast_radius.onsets(incident)
    named = {each: mechanism.of_service(incident, each) for each in onsets}
    return Picture(
        situation=situation,
        onsets=onsets,
        mechanisms={service: found for service, found in named.items() if found is not None},
        risen=calls.risen(situation),
        circumstances=circumstance.found(situation),
        failing_words=touched_words.failing(incident),
        failing_text=touched_words.failing_text(incident),
        said=_said(incident),
    )


def _said(incident: OpenIncident) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for track in blast_radius.tracks(incident):
        worst = track.worst
        text = f" {' '.join(words(f'{worst.subject} {worst.text} {worst.sample}'))} "
        found.setdefault(worst.service, []).append((text, evidence_id(worst.event_id)))
    for episode in blast_radius.episodes(incident):
        alert = episode.first
        text = f" {' '.join(words(f'{alert.name} {alert.summary or str()}'))} "
        found.setdefault(alert.service, []).append((text, evidence_id(alert.event_id)))
    return found
