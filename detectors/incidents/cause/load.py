"""Does a change load what it calls, or is what it calls short of something by itself?"""

from collections.abc import Sequence

from detectors.incidents import blast_radius
from detectors.incidents.cause import calls, mechanism
from detectors.incidents.cause.circumstance import Circumstance
from detectors.incidents.cause.circumstance_kind import TRAFFIC
from detectors.incidents.cause.content import Content
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.policy import CAUSE
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import clock, quantity
from models.cause import CauseClass


def weigh(
    weighing: Weighing,
    service: str,
    cited: list[str],
    content: Content,
    circumstances: Sequence[Circumstance],
) -> None:
    """Weigh a change by who is called more since, and by what is short behind the changed service."""
    situation = weighing.situation
    is_traffic = any(each.kind is TRAFFIC for each in circumstances)
    if not is_traffic and not content.is_innocent and _weigh_calls(weighing, service, cited):
        return
    if content.fitting is None:
        _weigh_short_callee(weighing, service, cited, situation)


def _weigh_calls(weighing: Weighing, service: str, cited: list[str]) -> bool:
    situation = weighing.situation
    for called, symptom in sorted(calls.risen(situation).items()):
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


def _weigh_short_callee(weighing: Weighing, service: str, cited: list[str], situation: Situation) -> None:
    onsets = blast_radius.onsets(situation.incident)
    if service not in onsets:
        return
    for callee, onset in onsets.items():
        chain = situation.catalog.path(service, callee, situation.as_of)
        named = mechanism.of_service(situation.incident, callee)
        if callee == service or chain is None or named is None or named.cause_class is CauseClass.TRAFFIC:
            continue
        if onset.at > onsets[service].at + CAUSE.onset_tolerance:
            continue
        text = f"{callee}, which {service} calls, was short of something already at {clock(onset.at)} "
        text += f"({named.symptom.text}), and nothing that it changed explains that"
        ids = [*cited, onset.evidence, evidence_id(named.symptom.event_id), *weighing.depends(chain)]
        weighing.weigh("short_callee", CAUSE.short_callee, text, ids)
        return
