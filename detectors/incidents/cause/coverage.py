"""How much of what is affected can a change at one service explain?"""

from detectors.incidents import changed_service
from detectors.incidents.cause.picture import Picture
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import Situation
from detectors.incidents.wording import listed
from models.cause import CauseClass


def weigh(weighing: Weighing, picture: Picture, service: str, cited: list[str]) -> None:
    """Weigh the affected services that neither depend on the changed one, nor are called by it, nor name it.

    Services that the catalog does not know, or of which it knows no dependency, are not counted: nothing
    can be said of them.
    """
    if service == changed_service.UNKNOWN_SERVICE:
        return
    affected = picture.onsets
    others = [each for each in affected if each != service]
    left = [each for each in others if not _is_explained(each, service, picture)]
    if not left:
        return
    text = f"{listed(left[:3])}, affected too, {'do' if len(left) > 1 else 'does'} not depend on {service}"
    ids = [*cited, *(affected[each].evidence for each in left[:3])]
    weighing.weigh("uncovered", CAUSE.uncovered * len(left) / len(affected), text, ids)


def _is_explained(affected: str, service: str, picture: Picture) -> bool:
    situation = picture.situation
    catalog, as_of = situation.catalog, situation.as_of
    if catalog.path(affected, service, as_of) or catalog.path(service, affected, as_of):
        return True
    if catalog.entry(affected, as_of) is None:
        return True
    if not catalog.dependencies(affected, as_of) and not _has_caller(affected, situation):
        return True
    if picture.naming(service, affected):
        return True
    # Both call what is short of something: who loads it explains what fails at the other one.
    named = picture.mechanisms.items()
    short = [each for each, found in named if found.cause_class is CauseClass.CAPACITY]
    return any(catalog.path(service, each, as_of) and catalog.path(affected, each, as_of) for each in short)


def _has_caller(service: str, situation: Situation) -> bool:
    known = situation.catalog.services(situation.incident.scope, situation.as_of)
    return any(service in situation.catalog.dependencies(each, situation.as_of) for each in known)
