"""Was a change taken back, and did what it should explain end with it?"""

from datetime import datetime
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import clock
from models.event import Change, ChangeKind


class TakenBack(NamedTuple):
    """What a rollback says of the change that it took back."""

    points: float
    text: str
    evidence: list[str]


def of_change(change: Change, service: str, situation: Situation) -> TakenBack | None:
    """Say what the first rollback of a change shows; None: there was none, or it is too early to tell."""
    undone = next((each for each in situation.changes if _undoes(each, change, service)), None)
    if undone is None:
        return None
    last = _last_seen(situation)
    settled_at = undone.timestamp + CAUSE.settle
    if last is None or situation.as_of < settled_at:
        return None
    cited = [evidence_id(undone.event_id), last[1]]
    if last[0] > settled_at:
        text = (
            f"it was taken back at {clock(undone.timestamp)}, and it went on until {clock(last[0])} at least"
        )
        return TakenBack(CAUSE.outlived_rollback, text, cited)
    is_over = not _any_firing(situation) and situation.as_of - last[0] >= CAUSE.settle
    if not is_over:
        return None
    text = f"it was taken back at {clock(undone.timestamp)}, and nothing was seen after {clock(last[0])}"
    return TakenBack(CAUSE.ended_after_rollback, text, cited)


def _undoes(later: Change, change: Change, service: str) -> bool:
    if later.timestamp <= change.timestamp or later.event_id == change.event_id:
        return False
    if change.change_kind is ChangeKind.FEATURE_FLAG:
        same_flag = later.name is not None and later.name == change.name and later.service == change.service
        return later.change_kind is ChangeKind.FEATURE_FLAG and same_flag
    if later.change_kind is not ChangeKind.ROLLBACK or later.service != service:
        return False
    took_back = later.previous_version is None or later.previous_version == change.version
    returned = later.version is None or later.version != change.version
    return change.change_kind is ChangeKind.DEPLOY and took_back and returned


def _last_seen(situation: Situation) -> tuple[datetime, str] | None:
    incident = situation.incident
    seen = [
        (each.latest.timestamp, evidence_id(each.latest.event_id)) for each in blast_radius.tracks(incident)
    ]
    seen += [
        (each.resolved_at or each.latest.timestamp, evidence_id(each.latest.event_id))
        for each in blast_radius.episodes(incident)
    ]
    return max(seen, default=None)


def _any_firing(situation: Situation) -> bool:
    return any(each.resolved_at is None for each in blast_radius.episodes(situation.incident))
