"""Whose is an incident that others turned out to be part of, and has anybody answered for them?"""

from detectors.incidents.state import OpenIncident
from models.routing import EscalationPhase


def take_over(incident: OpenIncident, other: OpenIncident) -> None:
    """Bring what is known of the owner of an incident into the one that it is part of.

    The owner of the whole stays; that of the part is kept informed. What responders said of the owner
    of the part is not said of the whole. Somebody who answered for the part has answered for the whole
    only where both have the same owner.
    """
    ours, theirs = incident.routing, other.routing
    known = {each.event_id for each in ours.words}
    ours.unsaid = sorted(
        {
            *ours.unsaid,
            *theirs.unsaid,
            *(each.event_id for each in theirs.words if each.event_id not in known),
        }
    )
    owners = (*ours.joined, theirs.owner, *theirs.joined)
    ours.joined = [each for each in dict.fromkeys(owners) if each and each != ours.owner]
    waits, answered = ours.escalation, theirs.escalation
    if waits is None or answered is None or ours.owner != theirs.owner:
        return
    if waits.phase is EscalationPhase.WAITING and answered.phase is EscalationPhase.ACKNOWLEDGED:
        waits.phase, waits.due_at = answered.phase, None
        waits.acknowledged_at, waits.acknowledged_by = answered.acknowledged_at, answered.acknowledged_by
