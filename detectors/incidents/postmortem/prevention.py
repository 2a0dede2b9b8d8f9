"""What would have prevented, shown earlier or shortened it, and what is still not known?"""

from detectors.incidents import blast_radius, urgency
from detectors.incidents.cause import mechanism
from detectors.incidents.policy import TELLING
from detectors.incidents.routing.ownership import UNKNOWN_OWNER
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.urgency import Urgency
from detectors.incidents.wording import cut, quoted, sentence, span
from models.cause import Candidate, CauseClass, Causes, CauseVerdict
from models.postmortem import ActionItem
from models.signal import Symptom, SymptomKind
from models.triage import Triage

_DECIDED = (CauseVerdict.LIKELY, CauseVerdict.CONFIRMED)
_SIGNATURES = (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)


def action_items(situation: Situation, causes: Causes) -> list[ActionItem]:
    """Give what a person may decide to do about it, each from the evidence of this incident."""
    found = []
    leading = causes.candidates[0] if causes.candidates else None
    if leading is not None and leading.verdict in _DECIDED:
        found += _against(leading, situation)
    return found + _earlier_alert(situation) + _unknown_services(situation)


def open_questions(situation: Situation, triage: Triage, causes: Causes) -> list[str]:
    """Give what the draft cannot answer: abstention, missing evidence, what was not understood or kept."""
    found = []
    if causes.abstained:
        found.append(f"what caused it? {sentence(causes.abstained)}")
    for candidate in causes.candidates[: TELLING.checked_candidates]:
        if candidate.verdict is not CauseVerdict.RULED_OUT:
            found += [f"about {candidate.text}: {missing}" for missing in candidate.missing]
    if triage.owner.owner == UNKNOWN_OWNER:
        found.append(f"who owns {triage.owner.service}? {sentence(triage.owner.reason)}")
    for episode in blast_radius.episodes(situation.incident):
        if urgency.of_alert(episode.first) is Urgency.UNKNOWN:
            told = urgency.told(episode.first)
            found.append(f"how severe is the alert {cut(episode.first.name, 80)}? It was {told}")
    if situation.incident.left_out:
        found.append(
            f"{situation.incident.left_out:,} records beyond the bounds of one incident were left out"
        )
    return [sentence(each) for each in dict.fromkeys(found)]


def _against(leading: Candidate, situation: Situation) -> list[ActionItem]:
    service = leading.service
    cited = list(dict.fromkeys(each for argument in leading.supporting for each in argument.evidence))
    match leading.cause_class:
        case CauseClass.DEPLOYMENT:
            kind, text = "prevent", f"add a canary check for {service} that stops a release whose errors rise"
        case CauseClass.CONFIG:
            kind, text = "prevent", f"check configuration of {service} on one instance before it reaches all"
        case CauseClass.FEATURE_FLAG:
            kind, text = (
                "prevent",
                f"roll flags of {service} out in steps with a condition that takes them back",
            )
        case CauseClass.CAPACITY:
            kind, text = "detect", f"alert on {_scarce(service, situation)} before it runs out"
        case CauseClass.TRAFFIC:
            kind, text = "mitigate", f"limit what {service} accepts from one sender"
        case CauseClass.DEPENDENCY | CauseClass.EXTERNAL_PROVIDER:
            entry = situation.incident.service
            kind, text = (
                "mitigate",
                f"give the calls of {entry} to {service} a deadline and an answer for its absence",
            )
        case _:
            kind, text = (
                "investigate",
                f"find what would have shown the fault at {service} before users met it",
            )
    why = f"{leading.text} is the {leading.verdict.value} cause"
    return [ActionItem(text=text, why=why, action_class=kind, evidence=cited)]


def _scarce(service: str, situation: Situation) -> str:
    named = mechanism.of_service(situation.incident, service)
    return f"{cut(named.symptom.text, 80)} of {service}" if named else f"what is scarce at {service}"


def _earlier_alert(situation: Situation) -> list[ActionItem]:
    alerts = blast_radius.episodes(situation.incident)
    tracks = blast_radius.tracks(situation.incident)
    if not tracks:
        return []
    first = min(tracks, key=lambda each: (each.first.onset_at, each.first.event_id)).first
    cited = [evidence_id(first.event_id)]
    if not alerts:
        why = "no alert fired during the incident, and this was the first symptom"
        return [
            ActionItem(text=f"alert on {_subject(first)}", why=why, action_class="detect", evidence=cited)
        ]
    alert = alerts[0].first
    lead = alert.timestamp - first.onset_at
    if lead < TELLING.early_signature:
        return []
    why = f"it appeared {span(lead)} before the first alert"
    cited.append(evidence_id(alert.event_id))
    return [ActionItem(text=f"alert on {_subject(first)}", why=why, action_class="detect", evidence=cited)]


def _subject(symptom: Symptom) -> str:
    if symptom.symptom_kind in _SIGNATURES:
        return f"the log signature {quoted(symptom.text)} at {symptom.service}"
    return f"{symptom.symptom_kind.value.replace('_', ' ')} of {cut(symptom.text, 80)} at {symptom.service}"


def _unknown_services(situation: Situation) -> list[ActionItem]:
    return [
        ActionItem(
            text=f"add {service} with its owner and dependencies to the catalog",
            why=f"{service} was affected, and nothing says whose it is",
            action_class="investigate",
            evidence=[onset.evidence],
        )
        for service, onset in blast_radius.onsets(situation.incident).items()
        if situation.catalog.entry(service, situation.as_of) is None
    ]
