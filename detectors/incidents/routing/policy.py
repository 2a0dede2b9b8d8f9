"""What makes somebody the owner of an incident, and when is who told?"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPolicy:
    """Whose an incident is, and who is told when; points are an order, not a fit."""

    confirmed_cause: float = 4.0
    """Owns the service where a cause lies that a responder confirmed: more than all that is inferred."""
    likely_cause: float = 3.0
    """Owns the service where the likely cause lies: mends it where it begins."""
    users_see: float = 2.0
    """Owns the service that users see failing: answers for it, and can often soften it."""
    made_change: float = 2.0
    """Made the change that leads the causes, and knows what it does."""
    cause_candidate: float = 1.0
    """Owns, or made, what a candidate says that does not lead."""
    unaffected_candidate: float = 0.5
    """The same where nothing fails at their service: innocent changes always lie near an incident."""
    dependency: float = 1.0
    """Owns an affected service that the failing one calls."""
    affected: float = 0.5
    """Owns a service that is affected."""
    resolved_similar: float = 1.0
    """For each earlier incident like it; two at most, for more is seniority."""
    most_similar: int = 2
    liaison: float = 1.0
    """Watches over security or compliance, and it is a matter of that."""
    assigned: float = 6.0
    """A responder gave it to them: more than all that is inferred together."""
    wrong_owner: float = -4.0
    """A responder said that it is not theirs: as much as a confirmed cause."""
    on_call: float = 1.0
    """Has somebody on call now, and is thus reachable."""
    nobody_on_call: float = -1.0
    """Nobody of them is on call by schedules that are known."""
    load: float = -0.5
    """For each other open incident of the scope that they hold; three at most."""
    most_load: int = 3
    most_candidates: int = 8
    """More nobody asks in the first ten minutes."""
    most_changes: int = 20
    """Changes of the owner that are listed; more is no routing any more."""

    margin: float = 0.75
    """Points between the leading cause and what lies with the present owner: what makes a cause lead."""
    cool_down: timedelta = timedelta(minutes=10)
    """After evidence moved an incident, the new owner has so long to read in before it moves again."""

    levels: int = 3
    """First responder, second responder, everybody who owns it or comes second."""
    most_steps: int = 20
    """Steps of an escalation that are listed."""


ROUTING = RoutingPolicy()
