"""What usually follows the deployments of a service, and how often was one taken back?

Method: what deviated within minutes of each remembered deployment, and whether an incident followed
(`detectors.incidents.history`). A service whose every deployment makes its latency rise for a minute tells
nothing by that. Weakness: it takes some deployments without an incident before anything is usual.
"""

from datetime import datetime

from detectors.incidents import blast_radius, evidence
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.history import WATCHED, key_of
from detectors.incidents.state import PastDeploy, evidence_id
from detectors.incidents.wording import cut
from models.event import Change, ChangeKind


def weigh(weighing: Weighing, change: Change, began_at: datetime, service: str, cited: list[str]) -> None:
    """Weigh a deployment by what followed the earlier ones of its service."""
    if change.change_kind is not ChangeKind.DEPLOY:
        return
    earlier = [
        each
        for each in weighing.situation.deploys
        if each.service == service and each.change_id != change.event_id and each.at + WATCHED <= began_at
    ]
    _weigh_usual(weighing, service, cited, [each for each in earlier if each.calm and not each.taken_back])
    _weigh_taken_back(weighing, service, cited, earlier)


def _weigh_usual(weighing: Weighing, service: str, cited: list[str], calm: list[PastDeploy]) -> None:
    if len(calm) < CAUSE.fewest_deploys:
        return
    tracks = blast_radius.tracks(weighing.situation.incident, service)
    usual = [
        (sum(key_of(service, each.first.subject) in past.followed for past in calm), each) for each in tracks
    ]
    found = [(many, each) for many, each in usual if many >= CAUSE.usual_share * len(calm)]
    if found:
        many, track = max(found, key=lambda each: (each[0], each[1].worst.event_id))
        text = f"{cut(track.worst.text, 60)} of {service} deviated after {many} of {len(calm)} earlier "
        text += "deployments, too, without an incident"
        ids = [*cited, *(evidence_id(each.worst.event_id) for _, each in found)]
        ids.append(_remembered(weighing, service, text, calm))
        weighing.weigh("usual_after_deploy", CAUSE.usual_after_deploy * len(found) / len(tracks), text, ids)


def _weigh_taken_back(weighing: Weighing, service: str, cited: list[str], earlier: list[PastDeploy]) -> None:
    back = [each for each in earlier if each.taken_back]
    if back and len(earlier) >= CAUSE.fewest_deploys:
        text = (
            f"{len(back)} of the {len(earlier)} deployments of {service} that are remembered were taken back"
        )
        ids = [*cited, _remembered(weighing, service, text, back)]
        weighing.weigh("taken_back_before", CAUSE.taken_back_before * len(back) / len(earlier), text, ids)


def _remembered(weighing: Weighing, service: str, text: str, deploys: list[PastDeploy]) -> str:
    situation = weighing.situation
    made = evidence.of_history(
        situation.incident, service, text, [each.change_id for each in deploys], situation.as_of,
        situation.rules_version,
    )  # fmt: skip
    weighing.made.append(made)
    return made.evidence_id
