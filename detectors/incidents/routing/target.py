"""Who answers at a level of an escalation, and why somebody else where nobody does?"""

from typing import NamedTuple

from detectors.incidents.routing.contender import Field
from detectors.incidents.routing.known import is_known
from detectors.incidents.routing.policy import ROUTING
from detectors.incidents.state import Situation
from models.routing import CandidateKind


class Target(NamedTuple):
    """Who should be told at a level."""

    tell: list[str]
    text: str
    """The same without handles."""


def of_level(situation: Situation, field: Field, level: int) -> Target:
    """Name who answers at a level: the owner's on call, those behind them, then everybody concerned.

    Where a level has nobody on call, the next who can act stands in, and the text says why. Where nothing
    is known of the one to whom a responder gave the incident, the second best is told too.
    """
    owner, oncall, as_of = situation.incident.routing.owner, situation.oncall, situation.as_of
    known, second = is_known(situation, owner), _second(field, owner)
    named = shown(situation, field, owner) if known else "whoever it was given to"
    theirs = [each.handle for each in oncall.on_call(second, as_of)] if second else []
    others = f", and {second}" if second else ""
    if level >= ROUTING.levels:
        teams = [owner, *([second] if second else [])]
        handles = [each.handle for each in oncall.on_call(owner, as_of)]
        return Target(
            list(dict.fromkeys([*handles, *theirs, *teams])), f"everybody on call of {named}{others}"
        )
    on_call = [each.handle for each in oncall.on_call(owner, as_of) if each.level == level]
    if on_call:
        which = "the on-call responder" if level == 1 else "the second on-call responder"
        return Target(on_call, f"{which} of {named}")
    if level == 1 and not known:
        return Target([owner, *(theirs[:1] or ([second] if second else []))], f"{named}{others}")
    if level == 1:
        has_gap = level in oncall.levels(owner)
        return Target([owner], f"{named}, of whom nobody is on call now," if has_gap else named)
    why = _why_nobody(situation, owner, named, level)
    if second:
        return Target(theirs[:1] or [second], f"{second}, for {why},")
    return Target([owner], f"all of {named}, for {why},")


def shown(situation: Situation, field: Field, owner: str) -> str:
    """Name the owner if it is a team; a handle is a person's, whom no timeline names."""
    handles = {each.who for each in field.candidates if each.candidate_kind is CandidateKind.RESPONDER}
    if owner not in handles:
        return owner
    if is_known(situation, owner):
        return "the responder who has it"
    return "somebody whom neither the catalog nor a schedule knows"


def _why_nobody(situation: Situation, owner: str, named: str, level: int) -> str:
    """Say why nobody answers at a level."""
    levels = situation.oncall.levels(owner)
    if level in levels:
        return f"{named} has no second responder on call now"
    if levels:
        return f"the on-call schedule of {named} has no level {level}"
    return f"no on-call schedule of {named} is known"


def _second(field: Field, owner: str) -> str | None:
    teams = [
        each for each in field.candidates if each.candidate_kind is CandidateKind.TEAM and each.who != owner
    ]
    able = [each for each in teams if each.can_act] or teams
    return able[0].who if able else None
