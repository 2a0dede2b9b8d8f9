"""Is a name one that is known: a team's, or a responder's?"""

from detectors.incidents.state import Situation
from models.routing import CandidateKind


def kind_of(situation: Situation, who: str) -> CandidateKind:
    """Say whether a name is a team's; any other is taken for a handle, which no timeline names."""
    is_team = who in situation.catalog.owners(situation.as_of) or bool(situation.oncall.levels(who))
    return CandidateKind.TEAM if is_team else CandidateKind.RESPONDER


def is_known(situation: Situation, who: str) -> bool:
    """Tell whether a name is a team's, or a responder's who is on call about now or did something here."""
    if kind_of(situation, who) is CandidateKind.TEAM:
        return True
    acted = {each.author for each in situation.changes} | {each.actor for each in situation.incident.feedback}
    acted |= {handle for each in situation.past for handle in each.ended_by}
    return who in acted or situation.oncall.knows(who, situation.as_of)
