"""What is remembered of earlier deployments and incidents of a scope, to compare a new incident with?

Bounded by event time and by count; what is beyond a bound is counted with what the scope left out. Of
feedback only the handles that ended an incident enter, to be asked again: what responders say of causes are
labels, and no rule learns from them while it runs.
"""

from datetime import datetime, timedelta
from hashlib import blake2b

from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.state import OpenIncident, PastDeploy, PastIncident, ScopeState
from detectors.incidents.wording import is_handle
from models.event import Change, ChangeKind, FeedbackAction
from models.signal import Difference, Symptom

WATCHED = timedelta(minutes=10)
"""What deviates within so long of a deployment follows it: restarts, cold caches, the longest comparison."""

_KEPT = timedelta(days=30)
"""Older deployments were of another program."""
_MOST_DEPLOYS = 100
"""Deployments of a scope that are remembered, some 250 bytes each."""
_MOST_OF_SERVICE = 10
"""Of one service, so that one that is deployed each hour crowds out no other."""
_MOST_FOLLOWED = 10
_MOST_COMPARISONS = 20
"""Comparisons of logs, some 1.5 kB each."""
_MOST_PAST = 20
_MOST_SHOWN = 20
_MOST_HANDLES = 5
_ENDING = (FeedbackAction.MITIGATE, FeedbackAction.RESOLVE)


def note_change(state: ScopeState, change: Change, *, is_calm: bool) -> None:
    """Remember a deployment; a rollback marks the one that it takes back.

    Args:
        state: The scope.
        change: Any change; what is no deployment of a named service is not remembered.
        is_calm: No incident is going on.
    """
    if change.service is None:
        return
    if change.change_kind is ChangeKind.ROLLBACK:
        alike = [each for each in state.deploys if each.service == change.service]
        meant = [each for each in alike if change.previous_version in (None, each.version)]
        if meant:
            meant[-1].taken_back = True
    if change.change_kind is not ChangeKind.DEPLOY:
        return
    past = PastDeploy(
        change_id=change.event_id, service=change.service, version=change.version, at=change.timestamp,
        calm=is_calm,
    )  # fmt: skip
    state.deploys = [each for each in state.deploys if change.timestamp - each.at <= _KEPT]
    state.deploys.append(past)
    state.deploys.sort(key=lambda each: (each.at, each.change_id))
    alike = [each for each in state.deploys if each.service == change.service]
    surplus = alike[:-_MOST_OF_SERVICE] or state.deploys[:-_MOST_DEPLOYS]
    state.left_out += len(surplus)
    state.deploys = [each for each in state.deploys if each not in surplus]


def note_symptom(state: ScopeState, symptom: Symptom) -> None:
    """Remember what a symptom says of deployments: that it followed them, or how logs differ since one."""
    if symptom.comparison is not None:
        _note_comparison(state, symptom)
        return
    for each in state.deploys:
        if each.service == symptom.service and timedelta(0) <= symptom.onset_at - each.at <= WATCHED:
            _follow(each, key_of(symptom.service, symptom.subject))


def note_opening(state: ScopeState, opened_at: datetime) -> None:
    """Remember that the latest deployments were followed by an incident."""
    for each in state.deploys:
        if opened_at - each.at <= LIFECYCLE.changes_told:
            each.calm = False


def note_closing(state: ScopeState, incident: OpenIncident) -> None:
    """Remember an incident that was closed with a leading cause, or that a responder ended."""
    causes = incident.causes
    if incident.noise or causes is None:
        return
    first = causes.candidates[0] if causes.candidates and causes.abstained is None else None
    ended_by = {each.actor or "" for each in incident.feedback if each.action in _ENDING}
    handles = sorted(each.strip() for each in ended_by if is_handle(each))[:_MOST_HANDLES]
    if first is None and not handles:
        return
    past = PastIncident(
        incident_id=incident.incident_id,
        opened_at=incident.opened_at,
        shown=shown_by(incident),
        service=incident.service if first is None else first.service,
        cause_class=None if first is None else first.cause_class,
        text="" if first is None else first.text,
        ended_by=handles,
    )
    kept = [each for each in state.past if incident.opened_at - each.opened_at <= _KEPT]
    state.left_out += max(len(kept) + 1 - _MOST_PAST, 0)
    state.past = [*kept, past][-_MOST_PAST:]


def forgotten_at(state: ScopeState) -> datetime | None:
    """Give when the last of the earlier incidents is too long ago (event time); None: none is remembered."""
    return max((each.opened_at + _KEPT for each in state.past), default=None)


def shown_by(incident: OpenIncident) -> list[int]:
    """Give the hashes of an incident's alerts and symptoms: the smallest ones, whatever came first."""
    found = {key_of(each.first.service, each.first.subject) for each in incident.symptoms.values()}
    found |= {key_of(each.first.service, each.first.name) for each in incident.alerts.values()}
    return sorted(found)[:_MOST_SHOWN]


def key_of(service: str, subject: str) -> int:
    """Name by a number what deviates at a service, new or surging: a signature, an operation, a metric."""
    return int.from_bytes(blake2b(f"{service}|{subject}".encode(), digest_size=7).digest())


def _note_comparison(state: ScopeState, symptom: Symptom) -> None:
    compared = symptom.comparison
    assert compared is not None  # asked by the caller
    newest: dict[str, Symptom] = {}
    for each in sorted([*state.comparisons, symptom], key=lambda each: (each.timestamp, each.event_id)):
        if each.comparison is not None and symptom.timestamp - each.timestamp <= LIFECYCLE.changes_before:
            newest.pop(each.comparison.change_id, None)
            newest[each.comparison.change_id] = each
    state.left_out += max(len(newest) - _MOST_COMPARISONS, 0)
    state.comparisons = list(newest.values())[-_MOST_COMPARISONS:]
    for past in state.deploys:
        if past.change_id == compared.change_id:
            for found in compared.differences:
                if found.difference in (Difference.NEW, Difference.UP):
                    _follow(past, key_of(symptom.service, found.signature_id))


def _follow(past: PastDeploy, key: int) -> None:
    past.followed = sorted({*past.followed, key})[:_MOST_FOLLOWED]
