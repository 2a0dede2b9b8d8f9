"""What of a triage or of a ranking is news to those who read the last one?"""

from typing import Any

from models.cause import Candidate, Causes, CauseVerdict
from models.triage import Difference, Triage


def standing(abstained: str | None, candidates: list[Candidate]) -> tuple[Any, ...]:
    """Give what of a ranking is news when it changes; the newest value of a symptom is not."""
    return abstained, *(_rank(each) for each in candidates)


def _rank(candidate: Candidate) -> tuple[Any, ...]:
    counts = len(candidate.supporting), len(candidate.contradicting), len(candidate.missing)
    return candidate.candidate_id, candidate.verdict, candidate.score, counts


def told_apart(before: Triage, after: Triage) -> list[Difference]:
    """Give what differs between two versions of a triage, apart from how it is worded."""
    return differences(
        {
            "verdict": (before.verdict.value, after.verdict.value),
            "severity": (before.severity.name, after.severity.name),
            "status": (before.status, after.status),
            "service": (before.service, after.service),
            "owner": (before.owner.owner, after.owner.owner),
            "impact_scope": (_scope(before), _scope(after)),
            "blast_radius": (", ".join(before.blast_radius), ", ".join(after.blast_radius)),
            "next_actions": (_texts(before), _texts(after)),
        }
    )


def _scope(triage: Triage) -> str:
    """Tell whom it hits: only who is hit alone is news, not each count."""
    scope = triage.impact_scope
    return (
        ""
        if scope is None
        else ", ".join(each for each in (scope.single_tenant, scope.single_region) if each)
    )


def _texts(triage: Triage) -> str:
    return "; ".join(each.text for each in triage.next_actions)


def differences(fields: dict[str, tuple[str, str]]) -> list[Difference]:
    """Give the fields whose value changed, from (before, after) by name."""
    return [
        Difference(field=field, before=before, after=after)
        for field, (before, after) in fields.items()
        if before != after
    ]


def leading_of(candidates: list[Candidate], abstained: str | None) -> str:
    """Give the first candidate as a sentence; empty where none leads."""
    return candidates[0].text if candidates and abstained is None else ""


def leader_of(causes: Causes | None) -> str:
    """Give the first candidate of a published ranking as a sentence; empty where none leads."""
    return leading_of(causes.candidates, causes.abstained) if causes else ""


def moved(before: Causes, candidates: list[Candidate], led: str, leading: str) -> list[Difference]:
    """Give what differs between two rankings: who leads, who confirmed or rejected, and what moved scores.

    Args:
        before: The ranking as last published.
        candidates: The candidates in their new order.
        led: What led before, as a sentence; empty where nothing did.
        leading: What leads now.
    """
    known = {each.candidate_id: each for each in before.candidates}
    fields = {"leading_cause": (led, leading)}
    for each in candidates[:_TOLD]:
        old = known.get(each.candidate_id)
        fields[f"rank of {each.text}"] = ("" if old is None else str(old.rank), str(each.rank))
        if old is not None:
            fields[f"score of {each.text}"] = (_parts(old, each), _parts(each, old))
    for each in candidates:
        old = known.get(each.candidate_id)
        if old is not None and {old.verdict, each.verdict} & _BY_PEOPLE:
            fields[f"verdict of {each.text}"] = (old.verdict.value, each.verdict.value)
    return differences(fields)


_BY_PEOPLE = {CauseVerdict.CONFIRMED, CauseVerdict.RULED_OUT}
"""Verdicts that a responder may have turned; they are told wherever the candidate ranks."""
_TOLD = 3
"""Candidates whose moves are told: those of the headline."""


def _parts(one: Candidate, other: Candidate) -> str:
    same = {(each.name, each.points) for each in other.parts}
    own = (each for each in one.parts if (each.name, each.points) not in same)
    return ", ".join(f"{each.name} {each.points:+g}" for each in own)
