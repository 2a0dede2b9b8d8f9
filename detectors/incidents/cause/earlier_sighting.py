"""Were the error lines of a service there before a change?

Method: the first line of each failing error signature, as far as it is remembered, against the moment from
which the change acted. Weakness: an old error may become many by a change; that it was there
before says only that the change did not bring it into the world.
"""

from datetime import datetime

from detectors.incidents import blast_radius
from detectors.incidents.cause import score as cause_score
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import SymptomTrack, evidence_id
from detectors.incidents.wording import clock, quoted
from models.signal import SymptomKind

_SIGNATURES = (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
_ERRORS = ("error", "fatal")


def weigh(weighing: Weighing, began_at: datetime, service: str, cited: list[str]) -> None:
    """Weigh error lines of the changed service that were seen before the change began to act."""
    failing = [
        each
        for each in blast_radius.tracks(weighing.situation.incident, service)
        if each.worst.symptom_kind in _SIGNATURES and each.worst.severity in _ERRORS
    ]
    older = sorted(
        (seen, each.worst.event_id, each)
        for each in failing
        for seen in [_first_seen(each)]
        if seen is not None and cause_score.is_after(began_at, seen)
    )
    if older:
        seen, _, first = older[0]
        text = f"the error {quoted(first.worst.text)} was seen at {clock(seen)}, before it went live"
        ids = [*cited, *(evidence_id(each.worst.event_id) for _, _, each in older)]
        weighing.weigh("error_is_older", CAUSE.error_is_older * len(older) / len(failing), text, ids)


def _first_seen(track: SymptomTrack) -> datetime | None:
    seen = [each.first_seen_at for each in (track.first, track.worst, track.latest)]
    return min((each for each in seen if each is not None), default=None)
