"""Does a change load what it calls, or is what it calls short of something by itself?"""

from detectors.incidents.cause.circumstance_kind import TRAFFIC
from detectors.incidents.cause.content import Content
from detectors.incidents.cause.picture import Picture
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import evidence_id
from detectors.incidents.wording import clock, quantity
from models.cause import CauseClass


def weigh(weighing: Weighing, picture: Picture, service: str, cited: list[str], content: Content) -> None:
    """Weigh a change by who is called more since, and by what is short behind the changed service."""
    is_traffic = any(each.kind is TRAFFIC for each in picture.circumstances)
    if not is_traffic and not content.is_innocent and _weigh_calls(weighing, picture, service, cited):
        return
    if content.fitting is None:
        _weigh_short_callee(weighing, picture, service, cited)


def _weigh_calls(weighing: Weighing, picture: Picture, service: str, cited: list[str]) -> bool:
    situation = picture.situation
    for called, symptom in sorted(picture.risen.items()):
        level = (
            f"{quantity(symptom.value, symptom.unit)} (baseline {quantity(symptom.baseline, symptom.unit)})"
        )
        ids = [*cited, evidence_id(symptom.event_id)]
        if called == service:
            text = f"{symptom.text} of {service} rose to {level}, and its callers decide on that"
            weighing.weigh("called_more", CAUSE.called_more, text, ids)
            return True
        if called in situation.catalog.dependencies(service, situation.as_of):
            text = (
                f"{symptom.text} of {called}, which it calls, rose to {level}, and no more came from outside"
            )
            weighing.weigh("calls_more", CAUSE.calls_more, text, [*ids, *weighing.depends([service, called])])
            return True
    return False


def _weigh_short_callee(weighing: Weighing, picture: Picture, service: str, cited: list[str]) -> None:
    situation, onsets = picture.situation, picture.onsets
    if service not in onsets:
        return
    for callee, named in picture.mechanisms.items():
        onset, chain = onsets[callee], situation.catalog.path(service, callee, situation.as_of)
        if callee == service or chain is None or named.cause_class is CauseClass.TRAFFIC:
            continue
        if onset.at > onsets[service].at + CAUSE.onset_tolerance:
            continue
        text = f"{callee}, which {service} calls, was short of something already at {clock(onset.at)} "
        text += f"({named.symptom.text}), and nothing that it changed explains that"
        ids = [*cited, onset.evidence, evidence_id(named.symptom.event_id), *weighing.depends(chain)]
        weighing.weigh("short_callee", CAUSE.short_callee, text, ids)
        return
