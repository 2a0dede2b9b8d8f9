"""What does a responder read of each incident: what it is, why, what belongs together, what to do?"""

from collections.abc import Iterable

from models.cause import Causes
from models.incident import Incident
from models.membership import Apart, Member
from models.routing import IncidentRouting
from models.timeline import Certainty, Timeline
from models.topic import Outgoing
from models.triage import Triage

_SHOWN = 10
"""Services, and reasons, that are shown; the rest is counted."""


def cards(sent: Iterable[Outgoing]) -> str:
    """Write a card for each incident, in the order in which they opened."""
    told = [each.value for each in sent]
    last = {each.incident_id: each for each in told if isinstance(each, Incident)}
    opened = sorted(last.values(), key=lambda each: (each.opened_at, each.incident_id))
    names = {each.incident_id: f"incident {number}" for number, each in enumerate(opened, start=1)}
    text = "\n\n\n".join("\n".join(_card(each, told, names)) for each in opened)
    for incident_id, name in names.items():
        text = text.replace(incident_id, name)
    return (text or "no incident") + "\n"


def _card(incident: Incident, told: list[object], names: dict[str, str]) -> Iterable[str]:
    own = [each for each in told if getattr(each, "incident_id", "") == incident.incident_id]
    triages = [each for each in own if isinstance(each, Triage)]
    worst = min(triages, key=lambda each: (each.severity, each.status != "open", -each.version))
    yield f"{names[incident.incident_id]}: {incident.verdict}, {incident.status}"
    yield ""
    for before, each in zip([None, *triages], triages, strict=False):
        if before is None or (before.headline, before.status) != (each.headline, each.status):
            yield f"  {each.as_of:%H:%M:%S} {each.status}, {each.verdict}: {each.headline}"
    yield ""
    yield f"  why, as of {worst.as_of:%H:%M:%S}"
    yield from _listed([f"{each.rule}: {each.text}" for each in worst.reasons])
    yield from _alerts(incident)
    if incident.members:
        yield "  together, because"
        yield from _listed([_member(each) for each in incident.members])
    if incident.apart:
        yield "  apart, because"
        yield from _listed([_apart(each) for each in incident.apart])
    if incident.previous_incident:
        yield f"  before: {incident.previous_incident}"
    causes = [each for each in own if isinstance(each, Causes)]
    if causes:
        first = causes[-1].candidates[0].text if causes[-1].candidates else ""
        yield f"  cause: {causes[-1].abstained or first}"
    routings = [each for each in own if isinstance(each, IncidentRouting)]
    if routings:
        yield f"  owner: {routings[-1].owner}, {routings[-1].reason}"
    yield "  next"
    yield from _listed([f"{each.text}; {each.why}" for each in worst.next_actions])
    yield "  what was concluded"
    timelines = [each for each in own if isinstance(each, Timeline)]
    for entry in timelines[-1].entries:
        if entry.certainty is Certainty.INFERENCE:
            yield f"    {entry.learned_at:%H:%M:%S} {entry.text}"


def _alerts(incident: Incident) -> Iterable[str]:
    if incident.alerts:
        kept = (
            f", {incident.alerts_kept:,} of them kept whole" if incident.alerts_kept < incident.alerts else ""
        )
        again = f", sent again {incident.repeated_alerts:,} times" if incident.repeated_alerts else ""
        flaps = f", back {incident.flaps:,} times" if incident.flaps else ""
        yield f"  alerts: {incident.alerts:,}{kept}{again}{flaps}"


def _member(member: Member) -> str:
    parts = ", ".join(f"{each.text} ({each.points:+g})" for each in member.parts)
    if member.via == member.service:
        return f"{member.service}: {parts.replace(' (+0)', '')}"
    return f"{member.service}: {member.score:g} points (from {member.threshold:g} on): {parts}"


def _apart(apart: Apart) -> str:
    parts = ", ".join(f"{each.text} ({each.points:+g})" for each in apart.parts)
    return f"{apart.incident_id}: {apart.score:g} points (together from {apart.threshold:g} on): {parts}"


def _listed(lines: list[str]) -> Iterable[str]:
    yield from (f"    {each}" for each in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"    and {len(lines) - _SHOWN} more"
