"""What speaks for and against a fault at one service, by itself and without a change?"""

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause import deviation_strength, mechanism
from detectors.incidents.cause.suspect import Suspect, Weighing
from detectors.incidents.policy import CAUSE
from detectors.incidents.severity.measurement import ids
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import clock, listed, quantity, words
from models.cause import CauseClass

_EXTERNAL_MARK = "headwater.dev/external"
"""Catalog annotation of a service that somebody else runs."""

_CLEAR_JUMP = 4.0
"""Doublings of CPU or memory from which a jump counts in full: idle services vary by four times."""
_JUMP = 4.0
"""Points for a clear jump or network gap: they name the mechanism, and outweigh one strong failure."""
_FAILS = 3.0
"""Points for a failure of the most doublings, and against what a callee explains of it."""

_NAME = {
    CauseClass.CAPACITY: "a shortage of capacity at",
    CauseClass.NETWORK: "a network fault at",
    CauseClass.TRAFFIC: "a surge of traffic at",
    CauseClass.EXTERNAL_PROVIDER: "a fault of the outside party",
    CauseClass.DEPENDENCY: "a fault at the dependency",
}


def of_situation(situation: Situation) -> list[Suspect]:
    """Weigh a fault at every affected service, and at every outside party that a failing caller names."""
    onsets = blast_radius.onsets(situation.incident)
    carries = deviation_strength.excess(situation)
    inside = [_of_service(service, situation, onsets, carries) for service in onsets]
    called = {callee for each in onsets for callee in situation.catalog.dependencies(each, situation.as_of)}
    silent = [_of_silent(each, situation) for each in sorted(called - set(onsets))]
    inside += [each for each in silent if each is not None]
    return inside + [
        _of_outsider(name, callers, situation) for name, callers in _named_outsiders(situation, onsets)
    ]


def _of_service(
    service: str,
    situation: Situation,
    onsets: dict[str, Onset],
    carries: dict[str, deviation_strength.Strength],
) -> Suspect:
    incident, catalog, weighing = situation.incident, situation.catalog, Weighing(situation)
    own, others = onsets[service], [each for each in onsets if each != service]
    used = deviation_strength.of_resource(incident, service)
    if used is not None:
        worst = used.symptom
        level = f"{quantity(worst.value, worst.unit)} (baseline {quantity(worst.baseline, worst.unit)})"
        text = f"{worst.text} of {service} was at {level} at {clock(worst.timestamp)}"
        points = _JUMP * min(used.doublings, _CLEAR_JUMP) / _CLEAR_JUMP
        weighing.weigh("mechanism", points, text, [evidence_id(worst.event_id)])
    named = mechanism.of_service(incident, service) if used is None else None
    if named is not None:
        worst = named.symptom
        level = f"{quantity(worst.value, worst.unit)} (baseline {quantity(worst.baseline, worst.unit)})"
        text = f"{worst.text} of {service} was at {level} at {clock(worst.timestamp)}"
        weighing.weigh("mechanism", CAUSE.mechanism, text, [evidence_id(worst.event_id)])
    elif used is None:
        weighing.missing.append(
            f"no metric of {service} names how it fails: its CPU, memory, pools and network"
        )
    gap = _weigh_gap(weighing, service)
    fails = deviation_strength.of_failure(incident, service)
    if fails is not None:
        worst = fails.symptom
        points = _FAILS * fails.doublings / deviation_strength.MOST_DOUBLINGS
        text = f"{worst.text} of {service} left its usual range at {clock(worst.onset_at)}"
        weighing.weigh("fails_itself", points, text, [evidence_id(worst.event_id)])
    _weigh_carried(weighing, service, carries)
    current = {each: onset for each, onset in onsets.items() if _strength(each, situation) > 0}
    first = min((onset.at for onset in current.values()), default=own.at)
    if service in current and own.at - first <= CAUSE.onset_tolerance and others:
        text = f"{service} deviated first, at {clock(own.at)}"
        weighing.weigh("deviated_first", CAUSE.deviated_first / 3, text, [own.evidence])
    callers = [each for each in current if each != service]
    chains = [catalog.path(caller, service, situation.as_of) for caller in callers]
    found = [chain for chain in chains if chain is not None]
    if found:
        share = sum(_strength(chain[0], situation) for chain in found) / sum(
            _strength(each, situation) for each in callers
        )
        seen = 1.0 if fails or used or named else 0.5  # what it shows is neither a failure nor a mechanism
        depend = "depend" if len(found) > 1 else "depends"
        affected = [chain[0] for chain in found]
        cited = [own.evidence, *(each for chain in found for each in weighing.depends(chain))]
        text = f"{listed(affected[:3])}, affected too, {depend} on {service}"
        weighing.weigh("explains_callers", CAUSE.explains_callers * share * seen, text, cited)
    alerts = blast_radius.episodes(incident, service)
    if alerts:
        text = f"{len(alerts)} {'alert' if len(alerts) == 1 else 'alerts'} of {service} itself"
        weighing.weigh("alerting", CAUSE.alerting, text, [each for alert in alerts for each in ids(alert)])
    _weigh_callees(weighing, service, current, fails.doublings if fails else 0.0)
    cause_class = (
        _class_of_mechanism(used, gap)
        or (named.cause_class if named else None)
        or _class_by_place(service, situation)
    )
    return weighing.suspect(cause_class=cause_class, service=service, text=_text(cause_class, service))


def _weigh_carried(weighing: Weighing, service: str, carries: dict[str, deviation_strength.Strength]) -> None:
    found = carries.get(service)
    if found is not None:
        text = (
            f"{round(100 * found.doublings)} % as many requests fail at {service}, and not at what it calls, "
        )
        text += "as where most do"
        if found.doublings == 1:
            text = f"of all requests most fail, or wait, at {service}, and not at what it calls"
        cited = [evidence_id(found.symptom.event_id)]
        weighing.weigh("carries", CAUSE.carries * found.doublings, text, cited)


def _weigh_gap(weighing: Weighing, service: str) -> deviation_strength.Strength | None:
    gap = deviation_strength.of_gap(weighing.situation, service)
    if gap is not None:
        points = _JUMP * min(gap.doublings, _CLEAR_JUMP) / _CLEAR_JUMP
        text = f"calls of {service} by {gap.symptom.service} take longer than {service} does itself"
        cited = [evidence_id(gap.symptom.event_id), *weighing.depends([gap.symptom.service, service])]
        weighing.weigh("network_gap", points, text, cited)
    return gap


def _class_of_mechanism(
    used: deviation_strength.Strength | None, gap: deviation_strength.Strength | None
) -> CauseClass | None:
    if used is not None and (gap is None or used.doublings >= gap.doublings):
        return CauseClass.CAPACITY
    return CauseClass.NETWORK if gap is not None else None


def _of_silent(service: str, situation: Situation) -> Suspect | None:
    """Weigh the network before a service that shows nothing itself."""
    weighing = Weighing(situation)
    if _weigh_gap(weighing, service) is None:
        return None
    weighing.missing.append(f"no telemetry of {service} itself deviates")
    text = _text(CauseClass.NETWORK, service)
    return weighing.suspect(cause_class=CauseClass.NETWORK, service=service, text=text)


def _strength(service: str, situation: Situation) -> float:
    found = deviation_strength.of_failure(situation.incident, service)
    alerting = 1.0 if blast_radius.episodes(situation.incident, service) else 0.0
    return max(found.doublings if found else 0.0, alerting)


def _weigh_callees(weighing: Weighing, service: str, onsets: dict[str, Onset], own: float) -> None:
    """Weigh against a service what its strongest failing callee explains of its failure."""
    situation, explained = weighing.situation, []
    for callee, onset in onsets.items():
        chain = situation.catalog.path(service, callee, situation.as_of)
        if chain is None or callee == service or not own:
            continue
        if situation.catalog.path(callee, service, situation.as_of) is not None:
            continue  # they call each other: neither lies behind the other
        explained.append((min(_strength(callee, situation) / own, 1.0), callee, onset, chain))
    if explained:
        share, callee, onset, chain = max(explained, key=lambda each: (each[0], each[1]))
        text = f"{callee}, on which {service} depends, deviated too, at {clock(onset.at)}"
        cited = [onset.evidence, *weighing.depends(chain)]
        weighing.weigh("callee_affected", -_FAILS * share, text, cited)


def _class_by_place(service: str, situation: Situation) -> CauseClass:
    entry = situation.catalog.entry(service, situation.as_of)
    if entry is not None and entry.annotations.get(_EXTERNAL_MARK) in (True, "true"):
        return CauseClass.EXTERNAL_PROVIDER
    hops = situation.catalog.hops(situation.incident.service, service, situation.as_of)
    return CauseClass.DEPENDENCY if hops else CauseClass.UNKNOWN


def _named_outsiders(
    situation: Situation, onsets: dict[str, Onset]
) -> list[tuple[str, dict[str, list[str]]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for caller in onsets:
        for callee in situation.catalog.dependencies(caller, situation.as_of):
            if callee in onsets or not _is_outside(callee, situation):
                continue
            naming = _naming(callee, caller, situation)
            if naming:
                found.setdefault(callee, {})[caller] = naming
    return sorted(found.items())


def _is_outside(service: str, situation: Situation) -> bool:
    entry = situation.catalog.entry(service, situation.as_of)
    if entry is None or entry.scope != situation.incident.scope:
        return True
    return entry.annotations.get(_EXTERNAL_MARK) in (True, "true")


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
    weighing, own_scope = Weighing(situation), situation.catalog.entry(name, situation.as_of)
    cited = [
        each for caller, naming in callers.items() for each in [*naming, *weighing.depends([caller, name])]
    ]
    weighing.weigh(
        "named_by_caller", CAUSE.named_by_caller, f"what fails at {listed(list(callers))} names {name}", cited
    )
    is_ours = own_scope is not None and own_scope.annotations.get(_EXTERNAL_MARK) not in (True, "true")
    cause_class = CauseClass.DEPENDENCY if is_ours else CauseClass.EXTERNAL_PROVIDER
    weighing.missing.append(f"no telemetry of {name} itself: its own status would decide")
    return weighing.suspect(cause_class=cause_class, service=name, text=_text(cause_class, name))


def _text(cause_class: CauseClass, service: str) -> str:
    return f"{_NAME.get(cause_class, 'a fault of unknown mechanism at')} {service}"
