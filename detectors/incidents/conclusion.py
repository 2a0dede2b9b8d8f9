"""What goes on record when something is concluded? The evidence it cites, and an entry of the timeline."""

from collections.abc import Iterable, Iterator

from detectors.incidents import evidence
from detectors.incidents.memory import keep, tell
from detectors.incidents.narration import status_entry
from detectors.incidents.state import Situation
from models.evidence import Evidence
from models.timeline import EntryKind
from models.topic import Outgoing


def keep_cited(situation: Situation, ids: Iterable[str], found: list[Evidence]) -> Iterator[Outgoing]:
    """Send the evidence of these ids that the incident does not keep yet; it is made from what was found."""
    wanted = set(ids) - set(situation.incident.evidence)
    given = [each for each in found if each.evidence_id in wanted]
    for each in (*given, *evidence.of_cited(situation, wanted)):
        yield from keep(situation.incident, each)


def conclude(situation: Situation, kind: EntryKind, text: str, rule: str, cites: str) -> None:
    """Put a conclusion into the timeline, at the moment (event time) at which it is drawn."""
    incident, as_of = situation.incident, situation.as_of
    tell(
        incident,
        status_entry(
            entry_kind=kind,
            service=incident.service,
            text=text,
            rule=rule,
            evidence_id=cites,
            occurred_at=as_of,
            learned_at=as_of,
        ),
    )
