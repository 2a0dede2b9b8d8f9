"""What speaks for and against a fault at one service, by itself and without a change?"""

from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause import failure_strength, mechanism, mechanism_strength, outside_suspect
from detectors.incidents.cause.failure_strength import MOST_DOUBLINGS, Strength
from detectors.incidents.cause.mechanism_strength import LEAST
from detectors.incidents.cause.outside_suspect import text_of
from detectors.incidents.cause.policy import CAUSE, FAULT
from detectors.incidents.cause.suspect import Suspect, Weighing
from detectors.incidents.severity.measurement import ids
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import clock, listed, quantity
from models.cause import CauseClass
from models.signal import Symptom, SymptomKind


class Affected(NamedTuple):
    """The affected services, drawn once for all of them."""

    onsets: dict[str, Onset]
    """First deviation of each, in alphabetical order."""
    fails: dict[str, Strength]
    """The strongest failure of those that fail."""
    strength: dict[str, float]
    """How strongly those that fail or alert do so."""
    carries: dict[str, Strength]


def of_situation(situation: Situation) -> list[Suspect]:
    """Weigh a fault at every affected service, and at every outside party that a failing caller names."""
    affected = _affected(situation)
    onsets = affected.onsets
    inside = [_of_service(service, situation, affected) for service in onsets]
    called = {callee for each in onsets for callee in situation.catalog.dependencies(each, situation.as_of)}
    silent = [_of_silent(each, situation) for each in sorted(called - set(onsets))]
    inside += [each for each in silent if each is not None]
    return inside + outside_suspect.of_situation(situation, list(onsets))


def _affected(situation: Situation) -> Affected:
    incident, onsets = situation.incident, blast_radius.onsets(situation.incident)
    found = {each: failure_strength.of_failure(incident, each) for each in onsets}
    fails = {each: strength for each, strength in found.items() if strength is not None}
    strength = {
        each: max(fails[each].amount if each in fails else 0.0, 1.0 if alerts else 0.0)
        for each in onsets
        for alerts in [blast_radius.episodes(incident, each)]
        if each in fails or alerts
    }
    return Affected(onsets, fails, strength, failure_strength.excess(situation))


def _of_service(service: str, situation: Situation, affected: Affected) -> Suspect:
    incident, weighing, own = situation.incident, Weighing(situation), affected.onsets[service]
    used = _weigh_used(weighing, service)
    named = _weigh_named(weighing, service) if used is None else None
    if used is None and named is None:
        weighing.missing.append(
            f"no metric of {service} names how it fails: its CPU, memory, pools and network"
        )
    gap, flow = _weigh_gap(weighing, service), _weigh_flow(weighing, service)
    given_up = _weigh_given_up(weighing, service)
    fails = affected.fails.get(service)
    if fails is not None:
        worst = fails.symptom
        points = FAULT.fails * fails.amount / MOST_DOUBLINGS
        text = f"{worst.text} of {service} left its usual range at {clock(worst.onset_at)}"
        weighing.weigh("fails_itself", points, text, [evidence_id(worst.event_id)])
    _weigh_carried(weighing, service, affected.carries)
    first = min((affected.onsets[each].at for each in affected.strength), default=own.at)
    is_first = service in affected.strength and own.at - first <= CAUSE.onset_tolerance
    if is_first and len(affected.onsets) > 1:
        compared = {each: affected.onsets[each] for each in affected.strength}
        text = blast_radius.told_first(service, compared, CAUSE.onset_tolerance)
        weighing.weigh("deviated_first", FAULT.deviated_first, text, [own.evidence])
    shows = [each for each in (used, gap, flow, given_up) if each is not None]
    _weigh_callers(weighing, service, affected, shows=bool(fails or named or shows))
    alerts = blast_radius.episodes(incident, service)
    if alerts:
        text = f"{len(alerts)} {'alert' if len(alerts) == 1 else 'alerts'} of {service} itself"
        weighing.weigh("alerting", CAUSE.alerting, text, [each for alert in alerts for each in ids(alert)])
    if fails is not None:
        open_share = 1.0 - max((each.amount for each in shows), default=0.0)
        _weigh_callees(weighing, service, affected, open_share)
    cause_class = _class_of_mechanism(used, gap, flow, given_up)
    if cause_class is CauseClass.NETWORK and named is not None and mechanism_strength.is_cpu(named.symptom):
        cause_class = CauseClass.CAPACITY
    if cause_class is None and flow is None and given_up is None and named is not None:
        cause_class = named.cause_class
    text = text_of(cause_class or _class_by_place(service, situation), service)
    if cause_class is None and flow is not None:
        text = f"a fault within {service}, through which requests no longer go as usual"
    cause_class = cause_class or _class_by_place(service, situation)
    return weighing.suspect(cause_class=cause_class, service=service, text=text)


def _weigh_used(weighing: Weighing, service: str) -> Strength | None:
    used = mechanism_strength.of_resource(weighing.situation.incident, service)
    if used is not None:
        points = FAULT.mechanism * used.amount
        cited = [evidence_id(used.symptom.event_id)]
        weighing.weigh("mechanism", points, _level(used.symptom, service), cited)
    return used


def _weigh_named(weighing: Weighing, service: str) -> mechanism.Mechanism | None:
    named = mechanism.of_service(weighing.situation.incident, service)
    if named is not None:
        cited = [evidence_id(named.symptom.event_id)]
        weighing.weigh("mechanism", CAUSE.mechanism, _level(named.symptom, service), cited)
    return named


def _level(symptom: Symptom, service: str) -> str:
    level = f"{quantity(symptom.value, symptom.unit)} (baseline {quantity(symptom.baseline, symptom.unit)})"
    return f"{symptom.text} of {service} was at {level} at {clock(symptom.timestamp)}"


def _weigh_callers(weighing: Weighing, service: str, affected: Affected, *, shows: bool) -> None:
    """Weigh for a service what fails at those that depend on it; half, where it shows nothing itself."""
    situation = weighing.situation
    callers = [each for each in affected.strength if each != service]
    chains = [situation.catalog.path(caller, service, situation.as_of) for caller in callers]
    found = [chain for chain in chains if chain is not None]
    if not found:
        return
    share = sum(affected.strength[chain[0]] for chain in found) / sum(
        affected.strength[each] for each in callers
    )
    depend = "depend" if len(found) > 1 else "depends"
    cited = [
        affected.onsets[service].evidence,
        *(each for chain in found for each in weighing.depends(chain)),
    ]
    text = f"{listed([chain[0] for chain in found][:3])}, affected too, {depend} on {service}"
    weighing.weigh("explains_callers", CAUSE.explains_callers * share * (1.0 if shows else 0.5), text, cited)


def _weigh_carried(weighing: Weighing, service: str, carries: dict[str, Strength]) -> None:
    found = carries.get(service)
    if found is not None:
        text = f"{round(100 * found.amount)} % as many requests fail at {service}, and not at what it calls, "
        text += "as where most do"
        if found.amount == 1:
            text = f"of all requests most fail, or wait, at {service}, and not at what it calls"
        cited = [evidence_id(found.symptom.event_id)]
        weighing.weigh("carries", CAUSE.carries * found.amount, text, cited)


def _weigh_gap(weighing: Weighing, service: str) -> Strength | None:
    gap = mechanism_strength.of_gap(weighing.situation.incident, service)
    if gap is not None:
        points = FAULT.mechanism * gap.amount
        caller, callee, spent = gap.symptom.service, gap.symptom.peer, gap.symptom.unit
        text = (
            f"calls of {callee} by {caller} spend {quantity(gap.symptom.value, spent)} on the way "
            f"(baseline {quantity(gap.symptom.baseline, spent)})"
        )
        weighing.weigh("network_gap", points, text, [evidence_id(gap.symptom.event_id)])
    return gap


def _weigh_flow(weighing: Weighing, service: str) -> Strength | None:
    """Weigh a broken flow, less by how clearly a service that it calls shows how that one fails.

    A flow that is broken less clearly behind it is rather its consequence.
    """
    situation = weighing.situation
    flow = mechanism_strength.of_flow(situation.incident, service)
    if flow is None:
        return None
    incident, behind = situation.incident, []
    for callee in situation.catalog.dependencies(service, situation.as_of):
        other = mechanism_strength.of_flow(incident, callee)
        if other is not None and other.amount >= flow.amount:
            behind.append(other.amount)
        shown = mechanism_strength.of_resource(incident, callee), mechanism_strength.of_gap(incident, callee)
        behind += [each.amount for each in shown if each is not None]
    own, seen = flow._replace(amount=flow.amount * (1.0 - max(behind, default=0.0))), flow.symptom
    text = (
        f"{seen.text}: {quantity(seen.value, seen.unit)} of the requests of {service} have it "
        f"(usually {quantity(seen.baseline, seen.unit)})"
    )
    if own.amount < LEAST:
        return None
    weighing.weigh("flow_break", FAULT.mechanism * own.amount, text, [evidence_id(seen.event_id)])
    return own


def _weigh_given_up(weighing: Weighing, service: str) -> Strength | None:
    found = mechanism_strength.of_given_up(weighing.situation.incident, service)
    if not found:
        return None
    callers = listed([each.symptom.service for each in found])
    text = f"requests of {callers} end now after they have called {service}"
    cited = [evidence_id(each.symptom.event_id) for each in found]
    weighing.weigh("callers_give_up", FAULT.mechanism * found[-1].amount, text, cited)
    return found[-1]


def _class_of_mechanism(
    used: Strength | None, gap: Strength | None, flow: Strength | None, given_up: Strength | None
) -> CauseClass | None:
    """Give the class of the clearest mechanism; None: there is none, or the fault lies within the service.

    Of two that are as clear it is the resource. A starved process answers late, like a slow network: where
    the CPU rose the gap follows from it. No slow network makes a CPU rise.
    """
    if used is not None and mechanism_strength.is_cpu(used.symptom):
        gap = None
    mechanisms = (
        (used, CauseClass.CAPACITY), (gap, CauseClass.NETWORK), (flow, None), (given_up, None)
    )  # fmt: skip
    shown = [
        (each.amount, -place, cause_class)
        for place, (each, cause_class) in enumerate(mechanisms)
        if each is not None
    ]
    return max(shown, key=lambda each: each[:2])[2] if shown else None


def _of_silent(service: str, situation: Situation) -> Suspect | None:
    """Weigh the network before a service that shows nothing itself."""
    weighing = Weighing(situation)
    if _weigh_gap(weighing, service) is None:
        return None
    weighing.missing.append(f"no telemetry of {service} itself deviates")
    text = text_of(CauseClass.NETWORK, service)
    return weighing.suspect(cause_class=CauseClass.NETWORK, service=service, text=text)


def _weigh_callees(weighing: Weighing, service: str, affected: Affected, open_share: float) -> None:
    """Weigh against a service what its strongest failing callee explains of its failure.

    Only the share that no mechanism at the service itself explains is open to that, and a callee that is
    slow explains errors half, as one that fails does slowness.
    """
    situation, fails, explained = weighing.situation, affected.fails[service], []
    for callee, strength in affected.strength.items():
        chain = situation.catalog.path(service, callee, situation.as_of)
        if chain is None or callee == service:
            continue
        if situation.catalog.path(callee, service, situation.as_of) is not None:
            continue  # they call each other: neither lies behind the other
        other = affected.fails.get(callee)
        alike = other is None or _fails_alike(fails.symptom, other.symptom)
        share = min(strength / fails.amount, 1.0) * (1.0 if alike else FAULT.unlike)
        explained.append((share, callee, chain))
    if explained:
        share, callee, chain = max(explained, key=lambda each: (each[0], each[1]))
        onset = affected.onsets[callee]
        text = f"{callee}, on which {service} depends, deviated too, at {clock(onset.at)}"
        cited = [onset.evidence, *weighing.depends(chain)]
        weighing.weigh("callee_affected", -FAULT.fails * share * open_share, text, cited)


def _fails_alike(one: Symptom, other: Symptom) -> bool:
    """Tell whether both are slow, or both fail."""
    return (one.symptom_kind is SymptomKind.LATENCY) == (other.symptom_kind is SymptomKind.LATENCY)


def _class_by_place(service: str, situation: Situation) -> CauseClass:
    entry = situation.catalog.entry(service, situation.as_of)
    if entry is not None and entry.is_external:
        return CauseClass.EXTERNAL_PROVIDER
    hops = situation.catalog.hops(situation.incident.service, service, situation.as_of)
    return CauseClass.DEPENDENCY if hops else CauseClass.UNKNOWN
