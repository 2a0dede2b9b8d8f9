"""Who can act on the incident, and what speaks for and against each?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from detectors.incidents import blast_radius
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.policy import TELLING
from detectors.incidents.routing import liaison, resolver, witness, word
from detectors.incidents.routing.known import is_known, kind_of
from detectors.incidents.routing.place import DECIDED, cited, leading, owner_of, places
from detectors.incidents.routing.policy import ROUTING
from detectors.incidents.state import OpenIncident, ScopeState, Situation, evidence_id
from detectors.incidents.wording import clock, cut, is_handle
from models.cause import Candidate, CauseVerdict
from models.event import Change, ChangeKind
from models.evidence import Evidence
from models.incident import IncidentStatus
from models.oncall import Shift
from models.routing import CandidateKind, Part, RoutingCandidate, RoutingPart

_POINTS = {
    Part.USERS_SEE: ROUTING.users_see,
    Part.CAUSE_CANDIDATE: ROUTING.cause_candidate,
    Part.DEPENDENCY: ROUTING.dependency,
    Part.AFFECTED: ROUTING.affected,
}
_CONCERNED = {*_POINTS, Part.LEADING_CAUSE, Part.MADE_CHANGE, Part.ASSIGNED}
"""By any of these somebody owns a service or a change that is concerned."""


class Field(NamedTuple):
    """All who may act, and the evidence that was made for saying so."""

    candidates: list[RoutingCandidate]
    left_out: int
    missing: list[str]
    informed: list[str]
    """Liaisons: to be told, whether or not they act."""
    evidence: list[Evidence]


@dataclass(slots=True)
class _Scales:
    """What lies for and against each, until it is summed."""

    situation: Situation
    kinds: dict[str, CandidateKind] = field(default_factory=dict)
    parts: dict[str, list[RoutingPart]] = field(default_factory=dict)
    made: list[Evidence] = field(default_factory=list)

    def weigh(
        self, who: str, kind: CandidateKind, part: Part, points: float, text: str, cites: list[str]
    ) -> None:
        """Put a part on somebody's scales, each part once: what is said first is the strongest."""
        parts = self.parts.setdefault(who, [])
        self.kinds.setdefault(who, kind)
        known = self.situation.incident.evidence.keys() | {each.evidence_id for each in self.made}
        ids = [each for each in dict.fromkeys(cites) if each in known]
        if ids and points and not any(each.name is part for each in parts):
            parts.append(RoutingPart(name=part, points=points, text=text, evidence=ids))

    def keeps(self, made: Evidence) -> list[str]:
        """Keep a piece of evidence that was made; give its id."""
        self.made.append(made)
        return [made.evidence_id]


def rank(state: ScopeState, situation: Situation, causes: CauseFinding | None) -> Field:
    """Rank teams and responders by what speaks for them; equal ones by name, teams first."""
    scales = _Scales(situation)
    _owners(scales, causes)
    _authors(scales, causes)
    _resolvers(scales)
    informed, missing = _liaisons(scales, causes)
    _words(scales, missing)
    for who in sorted(scales.parts):
        _reachable(scales, who)
        _load(scales, state, who)
    found = [_candidate(scales, who) for who in scales.parts if scales.parts[who]]
    found.sort(key=lambda each: (-each.score, each.candidate_kind is CandidateKind.RESPONDER, each.who))
    listed = found[: ROUTING.most_candidates]
    ranked = [msgspec.structs.replace(each, rank=place) for place, each in enumerate(listed, start=1)]
    owner = situation.incident.routing.owner
    if situation.oncall.is_known and scales.kinds.get(owner) is CandidateKind.TEAM:
        if not situation.oncall.levels(owner):
            missing.append(f"an on-call schedule of {owner}: add one to the folder in HEADWATER_ONCALL")
    elif not situation.oncall.is_known:
        missing.append("on-call schedules: name a folder of them in HEADWATER_ONCALL")
    return Field(ranked, len(found) - len(ranked), missing, informed, scales.made)


def _owners(scales: _Scales, causes: CauseFinding | None) -> None:
    situation, leader = scales.situation, leading(causes)
    affected, counted = blast_radius.onsets(situation.incident), set[str]()
    for place in places(situation, causes):
        owner = owner_of(situation, place.service)
        if owner is None or place.service in counted:
            continue
        counted.add(place.service)  # by what it counts for most: the places come in that order
        points = _POINTS.get(place.part, ROUTING.likely_cause)
        if place.part is Part.CAUSE_CANDIDATE and place.service not in affected:
            points = ROUTING.unaffected_candidate
        if place.part is Part.LEADING_CAUSE and leader and leader.verdict is CauseVerdict.CONFIRMED:
            points = ROUTING.confirmed_cause
        made = witness.of_owner(situation, place.service, owner)
        text = f"owns {place.service}, {place.why}"
        scales.weigh(
            owner, CandidateKind.TEAM, place.part, points, text, [*place.evidence, *scales.keeps(made)]
        )


def _authors(scales: _Scales, causes: CauseFinding | None) -> None:
    situation = scales.situation
    open_ones = [
        each for each in (causes.candidates if causes else [])
        if each.change is not None and each.verdict is not CauseVerdict.RULED_OUT
    ]  # fmt: skip
    for candidate in open_ones[: TELLING.checked_candidates]:
        for change in _changes(candidate, situation):
            if is_handle(change.author):
                is_leading = candidate.verdict in DECIDED
                points = ROUTING.made_change if is_leading else ROUTING.cause_candidate
                text = f"made {candidate.text}, and knows what it does"
                cites = [*cited(candidate), evidence_id(change.event_id)]
                author = cut(change.author or "", 80)
                scales.weigh(author, CandidateKind.RESPONDER, Part.MADE_CHANGE, points, text, cites)


def _changes(candidate: Candidate, situation: Situation) -> Iterator[Change]:
    """Give the change of a candidate, and the commits that it carries."""
    told = candidate.change
    for each in situation.changes:
        carried = (
            each.change_kind is ChangeKind.COMMIT and told and told.commit and each.commit == told.commit
        )
        if told and (each.event_id == told.change_id or carried):
            yield each


def _resolvers(scales: _Scales) -> None:
    told: dict[str, list[resolver.Ended]] = {}
    for ended in resolver.similar(scales.situation):
        for handle in ended.handles:
            told.setdefault(handle, []).append(ended)
    for handle, several in told.items():
        first = several[: ROUTING.most_similar]
        cites = [one for each in first for one in scales.keeps(each.made)]
        many = "an earlier incident" if len(several) == 1 else f"{len(several)} earlier incidents"
        points = ROUTING.resolved_similar * len(first)
        text = f"ended {many} like this one: {first[0].text}"
        scales.weigh(handle, CandidateKind.RESPONDER, Part.RESOLVED_SIMILAR, points, text, cites)


def _liaisons(scales: _Scales, causes: CauseFinding | None) -> tuple[list[str], list[str]]:
    informed, missing = [], []
    for each in liaison.liaisons(scales.situation, causes):
        if not each.who:
            missing.append(f"the annotation {each.annotation} of {each.service}: {each.why}")
            continue
        if each.made is not None:
            scales.keeps(each.made)
        text, kind = (
            f"is named in {each.annotation} of {each.service}: {each.why}",
            kind_of(scales.situation, each.who),
        )
        scales.weigh(each.who, kind, Part.LIAISON, ROUTING.liaison, text, each.evidence)
        informed.append(each.who)
    return list(dict.fromkeys(informed)), missing


def _words(scales: _Scales, missing: list[str]) -> None:
    situation = scales.situation
    given, wrong = word.assignment(situation.incident.routing), word.refused(situation.incident.routing)
    if given is not None:
        kind = kind_of(situation, given.assigned)
        cites = [evidence_id(given.event_id)]
        text = "was given the incident by a responder"
        scales.weigh(given.assigned, kind, Part.ASSIGNED, ROUTING.assigned, text, cites)
        if not is_known(situation, given.assigned):
            missing.append(
                f"who {cut(given.assigned, 80)} is, to whom a responder gave the incident:"
                " neither the catalog nor an on-call schedule has this name; assign it again with one that"
                " they have, or add this one"
            )
    lost = word.unnamed(situation)
    if lost is not None:
        missing.append(
            f"to whom a responder assigned it at {clock(lost.timestamp)}: name a team or a handle as the"
            ' text, in one word ("team-payments", "@kim.lee")'
        )
    for who, said in sorted(wrong.items()):
        if who in scales.parts:
            text, cites = "is not the owner, as a responder said", [evidence_id(said.event_id)]
            scales.weigh(who, scales.kinds[who], Part.WRONG_OWNER, ROUTING.wrong_owner, text, cites)


def _reachable(scales: _Scales, who: str) -> None:
    situation = scales.situation
    if not situation.oncall.is_known:
        return
    shifts = _shifts(situation, who, scales.kinds[who])
    if shifts:
        cites = scales.keeps(witness.of_shift(situation, shifts[0]))
        of = "" if scales.kinds[who] is CandidateKind.TEAM else f" for {shifts[0].team}"
        text = f"is on call{of} at level {shifts[0].level}" if of else "has somebody on call now"
        scales.weigh(who, scales.kinds[who], Part.ON_CALL, ROUTING.on_call, text, cites)
    elif situation.oncall.levels(who):
        cites = scales.keeps(witness.of_nobody(situation, who))
        text = "has nobody on call now by the schedules that are known"
        scales.weigh(who, scales.kinds[who], Part.NOBODY_ON_CALL, ROUTING.nobody_on_call, text, cites)


def _load(scales: _Scales, state: ScopeState, who: str) -> None:
    incident = scales.situation.incident
    held = [
        each.incident_id for each in state.incidents
        if who in _holders(each) and each.incident_id != incident.incident_id and not each.noise
        and each.status in (IncidentStatus.OPEN, IncidentStatus.MITIGATED)
    ]  # fmt: skip
    if held:
        cites = scales.keeps(witness.of_load(scales.situation, who, scales.kinds[who], held))
        points = ROUTING.load * min(len(held), ROUTING.most_load)
        text = f"holds {len(held)} other open {'incident' if len(held) == 1 else 'incidents'}"
        scales.weigh(who, scales.kinds[who], Part.LOAD, points, text, cites)


def _holders(incident: OpenIncident) -> tuple[str, str | None]:
    escalation = incident.routing.escalation
    return incident.routing.owner, escalation.acknowledged_by if escalation else None


def _candidate(scales: _Scales, who: str) -> RoutingCandidate:
    situation, kind, parts = scales.situation, scales.kinds[who], scales.parts[who]
    shifts = _shifts(situation, who, kind)
    can_act, why = _can_act(situation, who, kind, parts, shifts)
    return RoutingCandidate(
        rank=0,
        who=who,
        candidate_kind=kind,
        score=round(sum((each.points for each in parts), 0.0), 3),
        parts=parts,
        can_act=can_act,
        can_act_text=why,
        on_call=list(dict.fromkeys(each.handle for each in shifts)),
    )


def _can_act(
    situation: Situation, who: str, kind: CandidateKind, parts: Iterable[RoutingPart], shifts: list[Shift]
) -> tuple[bool, str]:
    names = {each.name for each in parts}
    if Part.WRONG_OWNER in names:
        return False, "a responder said that it is not theirs"
    if not names & _CONCERNED:
        is_on_call = Part.ON_CALL in names
        return is_on_call, "on call" if is_on_call else "owns nothing that is concerned: to be asked or told"
    if Part.ASSIGNED in names and Part.MADE_CHANGE not in names and not is_known(situation, who):
        told = "was given the incident by a responder, but is not known: no team of the catalog"
        known = " and on no on-call schedule" if situation.oncall.is_known else ""
        return False, f"{told}{known}"
    if kind is CandidateKind.RESPONDER:
        change = "made the change" if Part.MADE_CHANGE in names else "was given the incident"
        return True, f"{change}, {'on call' if shifts else 'not on call'}"
    if not situation.oncall.levels(who):
        return True, "owns what is concerned; who is on call is not known"
    return bool(shifts), "on call" if shifts else "nobody on call"


def _shifts(situation: Situation, who: str, kind: CandidateKind) -> list[Shift]:
    oncall, as_of = situation.oncall, situation.as_of
    return oncall.on_call(who, as_of) if kind is CandidateKind.TEAM else oncall.shifts_of(who, as_of)
