"""What speaks for a fault of an outside party that sends no telemetry, and how is a fault named?"""

from detectors.incidents import blast_radius
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Suspect, Weighing
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import listed, words
from models.cause import CauseClass

_NAME = {
    CauseClass.CAPACITY: "a shortage of capacity at",
    CauseClass.NETWORK: "a network fault at",
    CauseClass.TRAFFIC: "a surge of traffic at",
    CauseClass.EXTERNAL_PROVIDER: "a fault of the outside party",
    CauseClass.DEPENDENCY: "a fault at the dependency",
}


def of_situation(situation: Situation, affected: list[str]) -> list[Suspect]:
    """Weigh every outside party that what fails at an affected caller names."""
    return [_of_outsider(name, callers, situation) for name, callers in _named_outsiders(situation, affected)]


def _named_outsiders(situation: Situation, affected: list[str]) -> list[tuple[str, dict[str, list[str]]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for caller in affected:
        for callee in situation.catalog.dependencies(caller, situation.as_of):
            if callee in affected or not _is_outside(callee, situation):
                continue
            naming = _naming(callee, caller, situation)
            if naming:
                found.setdefault(callee, {})[caller] = naming
    return sorted(found.items())


def _is_outside(service: str, situation: Situation) -> bool:
    entry = situation.catalog.entry(service, situation.as_of)
    return entry is None or entry.scope != situation.incident.scope or entry.is_external


def _naming(callee: str, caller: str, situation: Situation) -> list[str]:
    incident, name = situation.incident, f" {' '.join(words(callee))} "
    said = [
        (f"{each.worst.subject} {each.worst.text} {each.worst.sample}", each.worst.event_id)
        for each in blast_radius.tracks(incident, caller)
    ]
    said += [
        (f"{each.first.name} {each.first.summary or ''}", each.first.event_id)
        for each in blast_radius.episodes(incident, caller)
    ]
    return [evidence_id(event_id) for text, event_id in said if name in f" {' '.join(words(text))} "]


def _of_outsider(name: str, callers: dict[str, list[str]], situation: Situation) -> Suspect:
    weighing, entry = Weighing(situation), situation.catalog.entry(name, situation.as_of)
    cited = [
        each for caller, naming in callers.items() for each in [*naming, *weighing.depends([caller, name])]
    ]
    weighing.weigh(
        "named_by_caller", CAUSE.named_by_caller, f"what fails at {listed(list(callers))} names {name}", cited
    )
    is_ours = entry is not None and not entry.is_external
    cause_class = CauseClass.DEPENDENCY if is_ours else CauseClass.EXTERNAL_PROVIDER
    weighing.missing.append(f"no telemetry of {name} itself: its own status would decide")
    return weighing.suspect(cause_class=cause_class, service=name, text=text_of(cause_class, name))


def text_of(cause_class: CauseClass, service: str) -> str:
    """Name a fault of a class at a service."""
    return f"{_NAME.get(cause_class, 'a fault of unknown mechanism at')} {service}"
