"""How many tenants and regions does it hit, and is it one alone?"""

from detectors.incidents import blast_radius
from detectors.incidents.impact import scope
from detectors.incidents.severity.measurement import WHOLE, Measurement, Told, clause
from detectors.incidents.state import Situation
from models.impact import Hit
from models.measure import Measure


def hit(situation: Situation) -> Told | None:
    """Where it concentrates; told where a lift, or the evidence of every failing service, shows it."""
    found = scope.find(situation)
    first = blast_radius.first_onset(situation.incident)
    if found is None or first is None:
        return None
    measured: list[Measurement] = []
    for dimension, measure in (("tenant", Measure.TENANTS), ("region", Measure.REGIONS)):
        hits = [each for each in found.hits if each.dimension == dimension]
        if hits:
            measured.append(Measurement(measure, float(len(hits)), WHOLE, _evidence(hits)))
    tenants = [each for each in found.hits if each.dimension == "tenant"]
    if tenants:
        is_key = any(each.value in situation.policy.key_tenants for each in tenants)
        single = float(found.single_tenant is not None)
        measured.append(Measurement(Measure.SINGLE_TENANT, single, WHOLE, _evidence(tenants)))
        measured.append(Measurement(Measure.KEY_TENANT, float(is_key), WHOLE, _evidence(tenants)))
    told = [each for each in found.hits if each.lift is not None]
    told = told or [each for each in found.hits if each.value in (found.single_tenant, found.single_region)]
    if not told:
        return Told(None, measured)
    is_alone = found.single_tenant is not None or found.single_region is not None
    reason = clause(
        "impact_alone" if is_alone else "impact_scope",
        found.text,
        first.at,
        _evidence(told),
        value=float(len(told)),
        unit="values",
    )
    return Told(reason, measured)


def _evidence(hits: list[Hit]) -> tuple[str, ...]:
    return tuple(sorted({each for hit in hits for each in hit.evidence}))
