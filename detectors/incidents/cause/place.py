"""Was a change made in the same environment and region as what fails?"""

from detectors.incidents import blast_radius
from detectors.incidents.cause import touched_words
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.wording import cut, listed
from models.event import Change

_PLACES = (
    ("environment", "env", "deployment.environment", "deployment.environment.name", "stage"),
    ("region", "cloud.region", "aws_region"),
    ("zone", "availability_zone", "cloud.availability_zone"),
    ("cluster", "k8s.cluster.name", "kubernetes_cluster"),
)
"""Labels and attributes that name a place, the usual name first."""
_ELSEWHERE = {"staging", "stage", "dev", "development", "sandbox", "qa", "preview", "uat", "local"}


def weigh(weighing: Weighing, change: Change, cited: list[str]) -> None:
    """Weigh a change that took effect elsewhere; a place that one side does not tell says nothing."""
    situation = weighing.situation
    alerts = blast_radius.episodes(situation.incident)
    for names in _PLACES:
        changed = {str(change.attributes[name]) for name in names if change.attributes.get(name)}
        failing = {
            str(each.first.labels[name]) for each in alerts for name in names if name in each.first.labels
        }
        if changed and failing and not changed & failing:
            text = f"it was made in {names[0]} {_said(changed)}, and what fails is in {_said(failing)}"
            weighing.weigh("elsewhere", CAUSE.elsewhere, text, cited)
            return
    touched = touched_words.files(change, situation.changes)
    if touched and all(not _ELSEWHERE.isdisjoint(name.lower().split("/")[:-1]) for name in touched):
        text = (
            f"it touched only files of other environments ({listed([cut(each, 60) for each in touched[:3]])})"
        )
        weighing.weigh("elsewhere", CAUSE.elsewhere, text, cited)


def _said(names: set[str]) -> str:
    return listed([cut(each, 40) for each in sorted(names)])
