"""What should a person do next, and why?"""

from detectors.incidents import blast_radius
from detectors.incidents.cause import check
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.policy import TELLING
from detectors.incidents.state import Situation
from detectors.incidents.wording import cut
from models.cause import Candidate, CauseVerdict
from models.event import ChangeKind
from models.triage import NextAction, Owner

_DECIDED = (CauseVerdict.LIKELY, CauseVerdict.CONFIRMED)


def propose(situation: Situation, causes: CauseFinding, owner: Owner) -> list[NextAction]:
    """Give at most five steps for a person, the most useful first; Headwater runs none of them."""
    found = _take_back(causes) + check.of_candidates(causes.candidates, situation)
    runbook = _runbook(situation, owner)
    room = TELLING.next_actions - len(runbook)
    return [each for each in found[:room] + runbook if each.evidence]


def _take_back(causes: CauseFinding) -> list[NextAction]:
    leading = causes.candidates[0] if causes.candidates else None
    if leading is None or leading.verdict not in _DECIDED or not leading.supporting:
        return []
    text = _undoing(leading)
    if text is None:
        return []
    why = f"{leading.text} is the {leading.verdict.value} cause: {leading.supporting[0].text}"
    cited = list(dict.fromkeys(each for argument in leading.supporting for each in argument.evidence))
    return [NextAction(text=f"consider {text}: a person decides", why=why, evidence=cited)]


def _undoing(candidate: Candidate) -> str | None:
    change = candidate.change
    if change is None:
        return None
    match change.change_kind:
        case ChangeKind.DEPLOY if change.previous_version:
            return f"rolling back {candidate.service} to {cut(change.previous_version, 60)}"
        case ChangeKind.DEPLOY:
            return f"rolling back {cut(change.version or 'the deployment', 60)} of {candidate.service}"
        case ChangeKind.ROLLBACK:
            return None
        case _:
            return f"taking back {candidate.text}"


def _runbook(situation: Situation, owner: Owner) -> list[NextAction]:
    cited = _shown_at(situation, owner.service)
    if not owner.runbook or not cited:
        return []
    text = f"follow the runbook of {owner.service}: {owner.runbook}"
    return [NextAction(text=text, why=owner.reason, evidence=cited)]


def _shown_at(situation: Situation, service: str) -> list[str]:
    onset = blast_radius.onsets(situation.incident).get(service) or blast_radius.first_onset(
        situation.incident
    )
    return [onset.evidence] if onset else []
