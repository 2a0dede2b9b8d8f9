"""What probably caused it, what was ruled out, and is the answer decisive?"""

import msgspec

from detectors.incidents import evidence
from detectors.incidents.cause import (
    abstention,
    change_suspect,
    check,
    circumstance,
    fault_suspect,
    picture,
    recurrence,
)
from detectors.incidents.cause.change_suspect import CLASS_OF
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.state import Situation
from models.cause import Argument, Candidate, CauseVerdict
from models.event import FeedbackAction
from models.evidence import Evidence
from models.record import Record


class CauseFinding(Record, frozen=True, kw_only=True):
    """The candidates in rank order, or why none of them leads."""

    candidates: list[Candidate]
    """Ranks from 1; confirmed ones first, rejected ones last, between them by score, then by id."""
    abstained: str | None
    """Why no candidate leads; None: the first one does."""
    confidence: float | None = None
    """How probable it is, as stated, that the first candidate is right (0 to 1); None: there is none."""
    no_change_to_blame: str | None = None
    """Why none of the changes is to blame, where something else leads; None: one leads, or nothing does."""
    recommended_checks: list[str]
    """What to look at next, each with its reason."""
    evidence: list[Evidence]
    """What the candidates cite of changes, the catalog and the past, each piece once, by id."""


def rank(situation: Situation) -> CauseFinding:
    """Rank what may have caused an incident: the changes of the lookback and faults at services.

    The order of changes, alerts and symptoms has no influence; equal scores are ordered by candidate id.
    Only a responder's word confirms a candidate; one whose change began after the onset is ruled out.
    """
    changes = [each for each in situation.changes if each.change_kind in CLASS_OF]
    seen = picture.of_situation(situation)
    suspects = [change_suspect.of_change(each, seen) for each in changes]
    suspects += fault_suspect.of_situation(situation)
    suspects += circumstance.of_situation(situation)
    alike = recurrence.most_alike(situation)
    suspects = [recurrence.weighed(each, alike, situation) for each in suspects]
    said = _said_by_responders(situation)
    judged = [_heard(each.candidate, said) for each in suspects]
    ordered = sorted(judged, key=_place)[: CAUSE.most_candidates]
    abstained = abstention.reason(ordered, situation)
    if abstained is None and ordered[0].verdict is CauseVerdict.CANDIDATE:
        ordered[0] = msgspec.structs.replace(ordered[0], verdict=CauseVerdict.LIKELY)
    ranked = [msgspec.structs.replace(each, rank=place) for place, each in enumerate(ordered, start=1)]
    made = [each for suspect in suspects for each in suspect.evidence]
    return CauseFinding(
        candidates=ranked,
        abstained=abstained,
        confidence=abstention.confidence(ranked, situation),
        no_change_to_blame=abstention.no_change_to_blame(ranked) if abstained is None else None,
        recommended_checks=check.sentences(ranked, situation),
        evidence=_cited_evidence(ranked, made, situation),
    )


def _said_by_responders(situation: Situation) -> dict[str, tuple[CauseVerdict, Argument]]:
    said: dict[str, tuple[CauseVerdict, Argument]] = {}
    for each in sorted(situation.incident.feedback, key=lambda one: (one.timestamp, one.event_id)):
        cites = [evidence.evidence_id(each.event_id)]
        if each.candidate_id and each.action is FeedbackAction.CONFIRM_CAUSE:
            confirmed = Argument(text="a responder confirmed it", evidence=cites)
            said[each.candidate_id] = (CauseVerdict.CONFIRMED, confirmed)
        elif each.candidate_id and each.action is FeedbackAction.REJECT_CAUSE:
            rejected = Argument(text="a responder rejected it", evidence=cites)
            said[each.candidate_id] = (CauseVerdict.RULED_OUT, rejected)
    return said


def _heard(candidate: Candidate, said: dict[str, tuple[CauseVerdict, Argument]]) -> Candidate:
    if candidate.candidate_id not in said:
        return candidate
    verdict, argument = said[candidate.candidate_id]
    if verdict is CauseVerdict.CONFIRMED:
        return msgspec.structs.replace(
            candidate, verdict=verdict, supporting=[argument, *candidate.supporting]
        )
    return msgspec.structs.replace(
        candidate, verdict=verdict, contradicting=[argument, *candidate.contradicting]
    )


def _place(candidate: Candidate) -> tuple[int, float, str]:
    by_verdict = {CauseVerdict.CONFIRMED: 0, CauseVerdict.RULED_OUT: 2}
    return by_verdict.get(candidate.verdict, 1), -candidate.score, candidate.candidate_id


def _cited_evidence(ranked: list[Candidate], made: list[Evidence], situation: Situation) -> list[Evidence]:
    cites = {
        each
        for candidate in ranked
        for argument in [*candidate.supporting, *candidate.contradicting]
        for each in argument.evidence
    }
    known = [*situation.changes, *situation.comparisons]
    told = {evidence.evidence_id(each.event_id) for each in known} & cites
    pieces = {each.evidence_id: each for each in made if each.evidence_id in cites}
    pieces |= {each.evidence_id: each for each in evidence.of_cited(situation, told)}
    return [pieces[each] for each in sorted(pieces)]
