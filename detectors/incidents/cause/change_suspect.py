"""What speaks for and against one change?"""

from datetime import datetime

from detectors.incidents import blast_radius, changed_service, narration
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause import (
    content,
    coverage,
    earlier_sighting,
    load,
    log_comparison,
    missing_name,
    observation,
    place,
    rollback,
    serving,
    track_record,
)
from detectors.incidents.cause import score as cause_score
from detectors.incidents.cause.picture import Picture
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Suspect, Weighing
from detectors.incidents.state import evidence_id
from detectors.incidents.wording import clock, cut, listed, span, without_people
from models.cause import CauseClass, CauseVerdict, SuspectedChange
from models.event import Change, ChangeKind

CLASS_OF = {
    ChangeKind.DEPLOY: CauseClass.DEPLOYMENT,
    ChangeKind.ROLLBACK: CauseClass.DEPLOYMENT,
    ChangeKind.CONFIG: CauseClass.CONFIG,
    ChangeKind.FEATURE_FLAG: CauseClass.FEATURE_FLAG,
    ChangeKind.SCALING: CauseClass.CAPACITY,
    ChangeKind.INFRASTRUCTURE: CauseClass.INFRASTRUCTURE,
}
"""Changes that can be a cause: a commit is not live and only explains its deployment."""


def of_change(
    change: Change,
    picture: Picture,
) -> Suspect:
    """Weigh one change against what is affected; one that began after the onset is ruled out.

    Args:
        change: A live change.
        picture: What is affected, and since when.
    """
    situation, incident = picture.situation, picture.situation.incident
    known = situation.catalog.services(incident.scope, situation.as_of)
    service = changed_service.of_change(change, known)
    onsets = picture.onsets
    first = min(onsets.values(), default=None)
    own = onsets.get(service, first)
    weighing, cited = Weighing(situation), [evidence_id(change.event_id)]
    is_late = False
    if own is not None and first is not None:
        is_late = cause_score.is_after(_began(change), own.at)
        if is_late:
            _weigh_lateness(weighing, change, own)
        else:
            _weigh_time(weighing, change, service, own, first, picture)
    _weigh_distance(weighing, service, picture, cited)
    place.weigh(weighing, change, cited)
    coverage.weigh(weighing, picture, service, cited)
    found = content.of_change(change, picture)
    content.weigh(weighing, picture, change, service, cited, found)
    if not is_late:
        missing_name.weigh(weighing, cited, found.read)
        load.weigh(weighing, picture, service, cited, found)
        observation.weigh(weighing, service, cited)
        serving.weigh(weighing, change, service, cited, own)
        log_comparison.weigh(weighing, change, service, cited, own)
        earlier_sighting.weigh(weighing, _began(change), service, cited)
        track_record.weigh(weighing, change, _began(change), service, cited)
    taken_back = None if is_late else rollback.of_change(change, service, situation)
    if taken_back is not None:
        weighing.weigh("rollback", taken_back.points, taken_back.text, taken_back.evidence)
    content.weigh_nothing(weighing, cited, found)
    if service != changed_service.UNKNOWN_SERVICE and service not in onsets:
        weighing.missing.append(f"no alert or symptom of {service} itself: its logs and spans would decide")
    commit = f" (commit {change.commit[:10]})" if change.commit else ""
    return weighing.suspect(
        cause_class=CLASS_OF[change.change_kind],
        service=service,
        event_id=change.event_id,
        text=f"the {narration.change_phrase(change, service)}{commit} at {clock(change.timestamp)}",
        verdict=CauseVerdict.RULED_OUT if is_late else CauseVerdict.CANDIDATE,
        change=SuspectedChange(
            change_id=change.event_id,
            change_kind=change.change_kind.value,
            finished_at=change.timestamp,
            service=change.service,
            version=change.version,
            previous_version=change.previous_version,
            commit=change.commit,
            summary=cut(without_people(change.summary, [change.author])) if change.summary else None,
        ),
    )


def _weigh_lateness(weighing: Weighing, change: Change, own: Onset) -> None:
    after = span(_began(change) - own.at)
    text = f"it began {after} after the onset ({clock(own.at)}): what came later is no cause"
    weighing.weigh("after_onset", CAUSE.after_onset, text, [evidence_id(change.event_id), own.evidence])


def _weigh_time(
    weighing: Weighing, change: Change, service: str, own: Onset, first: Onset, picture: Picture
) -> None:
    began, where = _began(change), f" ({clock(own.at)})"
    cited = [evidence_id(change.event_id), own.evidence]
    points = cause_score.recency(change.timestamp, own.at)
    weighing.weigh("recency", points, _when(change.timestamp, own.at) + where, cited)
    if cause_score.is_after(began, first.at):
        text = f"another service had deviated {span(began - first.at)} before it began"
        weighing.weigh("later_than_first", CAUSE.later_than_first, text, [*cited, first.evidence])
    elif (
        service in picture.onsets
        and own.at - first.at <= CAUSE.onset_tolerance
        and not _follows(weighing, service, own, picture)
    ):
        text = blast_radius.told_first(service, picture.onsets, CAUSE.onset_tolerance)
        weighing.weigh("deviated_first", CAUSE.deviated_first, text, [own.evidence])


def _follows(weighing: Weighing, service: str, own: Onset, picture: Picture) -> bool:
    """Tell whether something that the service depends on had deviated before it: then it was not first."""
    situation = weighing.situation
    return any(
        onset.at < own.at and situation.catalog.path(service, each, situation.as_of) is not None
        for each, onset in picture.onsets.items()
        if each != service
    )


def _began(change: Change) -> datetime:
    # A roll-out acts from its first instance on, not only when the last one is done.
    return min(change.started_at or change.timestamp, change.timestamp)


def _when(finished_at: datetime, onset_at: datetime) -> str:
    if finished_at <= onset_at:
        return f"it finished {span(onset_at - finished_at)} before the onset"
    return "it was under way at the onset"


def _weigh_distance(weighing: Weighing, service: str, picture: Picture, cited: list[str]) -> None:
    situation, onsets = weighing.situation, picture.onsets
    if service == changed_service.UNKNOWN_SERVICE:
        weighing.missing.append("the change does not name its service: where it took effect would decide")
        return
    if service in onsets:
        text = f"it changed {service}, which is affected itself"
        weighing.weigh("distance", cause_score.distance(0), text, [*cited, onsets[service].evidence])
        return
    chains = [situation.catalog.path(affected, service, situation.as_of) for affected in onsets]
    chain = min(
        (each for each in chains if each is not None), key=lambda each: (len(each), each), default=None
    )
    if chain is not None:
        text = f"{chain[0]}, which is affected, depends on {service}"
        ids = [*cited, onsets[chain[0]].evidence, *weighing.depends(chain)]
        weighing.weigh("distance", cause_score.distance(len(chain) - 1), text, ids)
        _weigh_named(weighing, service, picture, cited)
    elif (loaded := _loaded(service, picture)) is not None:
        text = f"{service} calls {loaded[-1]}, which is short of something"
        ids = [*cited, onsets[loaded[-1]].evidence, *weighing.depends(loaded)]
        weighing.weigh("distance", cause_score.distance(len(loaded) - 1), text, ids)
    elif any(situation.catalog.entry(affected, situation.as_of) for affected in onsets):
        text = f"no affected service depends on {service}, as far as the catalog says"
        weighing.weigh("distance", CAUSE.unrelated, text, cited)
    else:
        weighing.missing.append(f"the catalog knows no affected service: whether any depends on {service}")


def _weigh_named(weighing: Weighing, service: str, picture: Picture, cited: list[str]) -> None:
    callers = {each: picture.naming(service, each) for each in picture.onsets}
    found = {each: ids for each, ids in callers.items() if ids}
    if found:
        text = f"what fails at {listed(list(found)[:3])} names {service}"
        ids = [*cited, *(each for shown in found.values() for each in shown[:2])]
        weighing.weigh("named_by_failure", CAUSE.named_by_failure, text, ids)


def _loaded(service: str, picture: Picture) -> list[str] | None:
    """Give the chain from a service that shows nothing itself to what it calls that is short of something."""
    situation = picture.situation
    chains = [situation.catalog.path(service, each, situation.as_of) for each in picture.mechanisms]
    return min(
        (each for each in chains if each is not None), key=lambda each: (len(each), each), default=None
    )
