"""What probably caused it, what was ruled out, and is the answer decisive?"""

from collections.abc import Sequence

import msgspec

from detectors.incidents import evidence
from detectors.incidents.cause import change_suspect, check, circumstance, fault_suspect, touched_words
from detectors.incidents.cause import score as cause_score
from detectors.incidents.cause.change_suspect import CLASS_OF
from detectors.incidents.policy import CAUSE, UNDECIDED
from detectors.incidents.state import Situation
from detectors.incidents.wording import number
from models.cause import Argument, Candidate, CauseClass, CauseVerdict
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
    recommended_checks: list[str]
    """What to look at next, each with its reason."""
    evidence: list[Evidence]
    """What the candidates cite of changes and of the catalog, each piece once, by id."""


def rank(situation: Situation) -> CauseFinding:
    """Rank what may have caused an incident: the changes of the lookback and faults at services.

    The order of changes, alerts and symptoms has no influence; equal scores are ordered by candidate id.
    Only a responder's word confirms a candidate; one whose change began after the onset is ruled out.
    """
    changes = [each for each in situation.changes if each.change_kind in CLASS_OF]
    failing_words = touched_words.failing(situation.incident)
    needless = circumstance.found(situation)
    suspects = [change_suspect.of_change(each, situation, failing_words, needless) for each in changes]
    suspects += fault_suspect.of_situation(situation)
    suspects += circumstance.of_situation(situation)
    said = _said_by_responders(situation)
    judged = [_heard(each.candidate, said) for each in suspects]
    ordered = sorted(judged, key=_place)[: CAUSE.most_candidates]
    abstained = _abstention(ordered, situation)
    if abstained is None and ordered[0].verdict is CauseVerdict.CANDIDATE:
        ordered[0] = msgspec.structs.replace(ordered[0], verdict=CauseVerdict.LIKELY)
    ranked = [msgspec.structs.replace(each, rank=place) for place, each in enumerate(ordered, start=1)]
    made = [each for suspect in suspects for each in suspect.evidence]
    return CauseFinding(
        candidates=ranked,
        abstained=abstained,
        confidence=_confidence(ranked, situation),
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


def _abstention(ordered: Sequence[Candidate], situation: Situation) -> str | None:
    open_ones = [each for each in ordered if each.verdict is not CauseVerdict.RULED_OUT]
    if not open_ones:
        ruled_out = f"{len(ordered)} ruled out" if ordered else "none in the lookback"
        return f"none of the changes explains this ({ruled_out}), and no affected service shows how it fails"
    best = open_ones[0]
    if best.verdict is CauseVerdict.CONFIRMED:
        return None
    if best.score < CAUSE.floor:
        scores = f"{number(best.score)} points where {number(CAUSE.floor)} are needed"
        return f"none of the changes explains this: the best candidate, {best.text}, has {scores}"
    if best.cause_class is CauseClass.UNKNOWN:
        return (
            f"none of the changes explains this: it points to {best.service}, but nothing shows how it fails"
        )
    if best.change is not None and _is_innocent(best):
        return f"none of the changes explains this: {best.text} comes first by time and place alone"
    rival = _rival(best, open_ones, situation)
    if rival is not None and best.score == rival.score:
        return f"nothing is decisive: {best.text} and {rival.text} tie at {number(best.score)} points"
    if rival is not None and best.score - rival.score < CAUSE.margin:
        told = f"{best.text} ({number(best.score)} points) and {rival.text} ({number(rival.score)})"
        return f"nothing is decisive: {told} are closer than {number(CAUSE.margin)} points"
    return None


_INNOCENT = {"harmless_files", "inert", "kept"}
_TELLING = {"shared_words", "hint"}


def _is_innocent(candidate: Candidate) -> bool:
    parts = {each.name for each in candidate.parts}
    return bool(parts & _INNOCENT) and not parts & _TELLING


def _rival(best: Candidate, open_ones: Sequence[Candidate], situation: Situation) -> Candidate | None:
    return next((each for each in open_ones[1:] if not _same_story(best, each, situation)), None)


def _same_story(best: Candidate, other: Candidate, situation: Situation) -> bool:
    # A fault seen where a cause acts is how the cause shows, not another one.
    if other.change is not None or circumstance.is_one(other):
        return False
    if best.change is None:
        return circumstance.is_one(best)
    if best.service == other.service:
        return True
    is_telling = any(each.name in _TELLING for each in best.parts)
    return is_telling and situation.catalog.path(best.service, other.service, situation.as_of) is not None


def _confidence(ranked: Sequence[Candidate], situation: Situation) -> float | None:
    open_ones = [each for each in ranked if each.verdict is not CauseVerdict.RULED_OUT]
    if not open_ones:
        return None
    best = open_ones[0]
    if best.verdict is CauseVerdict.CONFIRMED:
        return 1.0
    stated = cause_score.confidence(best.score)
    rival = _rival(best, open_ones, situation)
    is_close = rival is not None and best.score - rival.score < CAUSE.margin
    return min(stated, UNDECIDED) if is_close or _is_innocent(best) else stated


def _cited_evidence(ranked: list[Candidate], made: list[Evidence], situation: Situation) -> list[Evidence]:
    cites = {
        each
        for candidate in ranked
        for argument in [*candidate.supporting, *candidate.contradicting]
        for each in argument.evidence
    }
    changes = {evidence.evidence_id(each.event_id) for each in situation.changes} & cites
    pieces = {each.evidence_id: each for each in made if each.evidence_id in cites}
    pieces |= {each.evidence_id: each for each in evidence.of_cited(situation, changes)}
    return [pieces[each] for each in sorted(pieces)]
