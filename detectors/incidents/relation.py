"""Does a signal belong to an incident, and which points say so?"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import fuzz

from detectors.incidents.policy import LIFECYCLE, RELATION
from detectors.incidents.state import OpenIncident
from detectors.incidents.trait import CONFINING, Trait
from detectors.incidents.wording import listed, span
from detectors.topology import Catalog
from models.cause import ScorePart
from models.event import Change, ChangeKind
from models.membership import Member

_NOT_LIVE = (ChangeKind.COMMIT, ChangeKind.MAINTENANCE)
_MOST_LABELS = 3
"""Values of a dimension up to which an incident counts as confined to them."""


class Way(StrEnum):
    """How the service of a signal is connected with one of an incident."""

    SAME = "same"
    CALLS = "calls"
    """It calls the other: the failure of the other reaches it."""
    CALLED = "called"
    """It is called by the other: its failure reaches the other."""
    SHARED = "shared"
    """Both call a third one."""
    NONE = "none"
    """The catalog knows both, and no way between them."""
    UNKNOWN = "unknown"

    @property
    def ties(self) -> bool:
        """Whether there is a way."""
        return self not in (Way.NONE, Way.UNKNOWN)


class Relation(NamedTuple):
    """How much a signal has to do with an incident."""

    parts: list[ScorePart]
    way: Way
    via: str
    """The service of the incident that it is closest to."""

    @property
    def score(self) -> float:
        """Sum of the parts."""
        return round(sum((each.points for each in self.parts), 0.0), 2)

    @property
    def joins(self) -> bool:
        """Whether it belongs to the incident."""
        return self.score >= RELATION.threshold


class Surroundings(NamedTuple):
    """What a relation is judged with, apart from the signal and the incident."""

    catalog: Catalog
    as_of: datetime
    changed: frozenset[str]
    """Services that were changed within the hour before; empty name: a change of all."""


def surroundings(catalog: Catalog, as_of: datetime, changes: Iterable[Change]) -> Surroundings:
    """Give what relations at one moment of event time are judged with."""
    oldest = as_of - LIFECYCLE.changes_told
    changed = frozenset(
        each.service or ""
        for each in changes
        if oldest <= each.timestamp <= as_of and each.change_kind not in _NOT_LIVE
    )
    return Surroundings(catalog, as_of, changed)


def relate(trait: Trait, incident: OpenIncident, around: Surroundings) -> Relation:
    """Give how much a signal has to do with an incident, from the incident's summary of its services.

    The cost does not depend on how many alerts and symptoms the incident holds.
    """
    way, via, part = _connection(trait, incident.members.values(), around)
    parts = [part, *_time(trait, incident.members.values())]
    if way is not Way.SAME:
        parts += _change(trait, incident, around)
        parts += _text(trait, incident)
    parts += _labels(trait, incident)
    return Relation([each for each in parts if each.points], way, via)


def _connection(
    trait: Trait, members: Collection[Member], around: Surroundings
) -> tuple[Way, str, ScorePart]:
    """Give the strongest connection with one of the services."""
    best = (Way.UNKNOWN, "", ScorePart(name="way_unknown", points=0.0, text="the catalog knows no way"))
    own = around.catalog.reach(trait.service, around.as_of)
    is_known = _is_known(trait.service, around)
    unrelated = False
    for member in members:
        if member.service == trait.service:
            text = f"{trait.service} belongs to it already"
            points = RELATION.same_service
            return Way.SAME, member.service, ScorePart(name="same_service", points=points, text=text)
        found = _between(trait, member, own, members, around)
        if found is None:
            unrelated = unrelated or (is_known and member.tied and _is_known(member.service, around))
        elif found[1].points > best[2].points:
            best = (found[0], member.service, found[1])
    if best[0] is Way.UNKNOWN and unrelated:
        text = f"the catalog knows no way between {trait.service} and what is affected"
        return Way.NONE, "", ScorePart(name="unrelated", points=RELATION.unrelated, text=text)
    return best


def _is_known(service: str, around: Surroundings) -> bool:
    """Tell whether the catalog knows any edge of a service: one without any was merely not described."""
    return bool(
        around.catalog.dependencies(service, around.as_of) or around.catalog.callers(service, around.as_of)
    )


def _between(
    trait: Trait,
    member: Member,
    own: Mapping[str, int],
    members: Collection[Member],
    around: Surroundings,
) -> tuple[Way, ScorePart] | None:
    catalog, as_of = around.catalog, around.as_of
    its = catalog.reach(member.service, as_of)
    if (calls := own.get(member.service)) is not None:
        points = RELATION.dependency / calls
        if member.first_at > trait.at + RELATION.together_within:
            points *= RELATION.late_callee
        return Way.CALLS, _way(trait.service, member.service, calls, points)
    if (calls := its.get(trait.service)) is not None:
        points = RELATION.dependency / calls
        if trait.at > member.first_at + RELATION.together_within:
            if _is_explained(trait, member, own, members, around):
                return None
            points *= RELATION.late_callee
        return Way.CALLED, _way(member.service, trait.service, calls, points)
    shared = min(
        (
            (own[each] + its[each], each)
            for each in own.keys() & its.keys()
            if each in around.changed or catalog.callers(each, as_of) <= RELATION.shared_by
        ),
        default=None,
    )
    if shared is None:
        return None
    points = RELATION.shared_dependency * 2 / shared[0]
    text = f"{trait.service} and {member.service} both depend on {shared[1]}"
    return Way.SHARED, ScorePart(name="shared_dependency", points=round(points, 2), text=text)


def _is_explained(
    trait: Trait, caller: Member, own: Mapping[str, int], members: Collection[Member], around: Surroundings
) -> bool:
    """Tell whether a caller failed with another service that it calls, and that the signal's has no way to.

    That one explains it. What fails behind the same caller later is no consequence of it, and no
    explanation: two faults may meet in one caller.
    """
    called = around.catalog.reach(caller.service, around.as_of)
    return any(
        each.tied
        and each.service != caller.service
        and each.service in called
        and each.first_at <= caller.first_at + RELATION.together_within
        and each.service not in own
        and trait.service not in around.catalog.reach(each.service, around.as_of)
        for each in members
    )


def _way(caller: str, callee: str, calls: int, points: float) -> ScorePart:
    how = "calls" if calls == 1 else "depends on"
    through = "" if calls == 1 else f" ({calls} calls away)"
    return ScorePart(name="dependency", points=round(points, 2), text=f"{caller} {how} {callee}{through}")


def _time(trait: Trait, members: Iterable[Member]) -> Iterator[ScorePart]:
    """Measure from what began the incident or is tied to it: mere neighbours in time make endless chains."""
    gap = min((abs(trait.at - each.first_at) for each in members if each.tied), default=None)
    if gap is not None:
        points = RELATION.together * 0.5 ** (gap / RELATION.half_life)
        text = "it began at the same time" if gap < timedelta(seconds=1) else f"it began {span(gap)} apart"
        yield ScorePart(name="time", points=round(points, 2), text=text)


def _change(trait: Trait, incident: OpenIncident, around: Surroundings) -> Iterator[ScorePart]:
    """A change of a service reaches itself and all that depend on it; one of no service reaches all."""
    own = around.changed & around.catalog.reach(trait.service, around.as_of).keys()
    if not around.changed:
        return
    both = sorted(
        changed
        for changed in own
        if any(changed in around.catalog.reach(each, around.as_of) for each in incident.members)
    )
    if both:
        text = f"a change of {both[0]} reached both"
    elif "" in around.changed:
        text = "a change that names no service reached both"
    else:
        return
    yield ScorePart(name="shared_change", points=RELATION.shared_change, text=text)


def _text(trait: Trait, incident: OpenIncident) -> Iterator[ScorePart]:
    if not trait.text:
        return
    alike = max((fuzz.token_sort_ratio(trait.text, each) for each in incident.texts), default=0.0)
    if alike >= RELATION.resembling:
        points = RELATION.shared_text if alike >= RELATION.alike else RELATION.shared_text / 2
        yield ScorePart(name="shared_text", points=points, text=f"the words are alike ({alike:.0f} of 100)")


def _labels(trait: Trait, incident: OpenIncident) -> Iterator[ScorePart]:
    for dimension, value in sorted(trait.labels.items()):
        known = incident.labels.get(dimension, [])
        if value in known:
            text = f"the same {dimension} {value}"
            points = RELATION.shared_place if dimension == "place" else RELATION.shared_label
            yield ScorePart(name="shared_label", points=points, text=text)
        elif known and len(known) <= _MOST_LABELS and dimension in CONFINING:
            text = f"the {dimension} {value}, and not {listed(known)}"
            yield ScorePart(name="other_label", points=RELATION.other_label, text=text)
