"""What do the catalog and the calendar say of the affected services, and of the time?"""

from typing import Any

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause import recurrence as cause_recurrence
from detectors.incidents.severity.context_rule import is_live
from detectors.incidents.severity.exposure import Exposure, exposure
from detectors.incidents.severity.measurement import WHOLE, Measurement, Told, clause
from detectors.incidents.state import Situation
from detectors.incidents.wording import clock, listed
from models import annotation
from models.calendar import PeriodKind
from models.measure import Measure
from models.triage import Reason

_DUTIES = {
    "patient-safety": Measure.PATIENT_SAFETY,
    "regulated-trading": Measure.REGULATED_TRADING,
    "personal-data": Measure.PERSONAL_DATA,
}
_PERIODS = {PeriodKind.PEAK: Measure.PEAK, PeriodKind.MARKET_HOURS: Measure.MARKET_HOURS}


def tier(situation: Situation) -> Told | None:
    """An affected service of tier 1, and the tiers of all."""
    measured, told = [], None
    for service, onset in blast_radius.onsets(situation.incident).items():
        known = situation.catalog.entry(service, situation.as_of)
        if known is None or known.tier is None:
            continue
        counted = is_live(situation, service)
        measured.append(Measurement(Measure.TIER, float(known.tier), service, (onset.evidence,), counted))
        if known.tier == 1 and told is None:
            text = f"{service}, affected since {clock(onset.at, situation.as_of)}, is a tier 1 service"
            told = clause("tier", text, onset.at, [onset.evidence], value=1.0, unit="tier")
    return Told(told, measured)


def users(situation: Situation) -> Told | None:
    """Which affected services users meet; where the catalog does not say, they are taken to."""
    measured = []
    for service, onset in blast_radius.onsets(situation.incident).items():
        faced = exposure(situation, service)
        assumed = f"the catalog does not say whether users meet {service}" if faced is Exposure.UNSAID else ""
        measured.append(
            Measurement(
                Measure.CUSTOMER_FACING,
                float(faced.may_face_users),
                service,
                (onset.evidence,),
                assumed=assumed,
            )
        )
    return Told(None, measured)


def duties(situation: Situation) -> Told | None:
    """Which affected services carry duties or earn money, by the catalog's annotations."""
    measured, told = [], None
    for service, onset in blast_radius.onsets(situation.incident).items():
        named = _named(situation, service)
        for duty, measure in _DUTIES.items():
            measured.append(Measurement(measure, float(duty in named), service, (onset.evidence,)))
        earns = _annotation(situation, service, annotation.REVENUE_PATH)
        if earns is not None:
            measured.append(Measurement(Measure.REVENUE_PATH, float(earns), service, (onset.evidence,)))
        if named and told is None:
            told = _duty_clause(situation, service, named, onset)
    return Told(told, measured)


def _duty_clause(situation: Situation, service: str, named: tuple[str, ...], onset: Onset) -> Reason:
    what = listed([each.replace("-", " ") for each in named])
    text = f"{service}, affected since {clock(onset.at, situation.as_of)}, carries duties of {what}"
    return clause("compliance", text, onset.at, [onset.evidence], value=float(len(named)), unit="duties")


def calendar(situation: Situation) -> Told | None:
    """The busy time or the market hours in which the moment of the decision lies."""
    first = blast_radius.first_onset(situation.incident)
    if first is None or not situation.policy.calendar:
        return None
    now = [each for each in situation.policy.calendar if each.holds(situation.as_of)]
    kinds = {each.kind for each in now}
    measured = [
        Measurement(measure, float(kind in kinds), WHOLE, (first.evidence,))
        for kind, measure in _PERIODS.items()
    ]
    if not now:
        return Told(None, measured)
    text = f"it is {now[0].name} (until {now[0].ends}, {now[0].timezone})"
    told = clause(
        "calendar",
        text,
        situation.incident.opened_at,
        [first.evidence],
        value=float(len(now)),
        unit="periods",
    )
    return Told(told, measured)


def recurrence(situation: Situation) -> Told | None:
    """Whether an incident of the scope was closed within the day before, or an earlier one showed alike."""
    first = blast_radius.first_onset(situation.incident)
    if first is None:
        return None
    again = float(has_recurred(situation))
    return Told(None, [Measurement(Measure.RECURRENCE, again, WHOLE, (first.evidence,))])


def has_recurred(situation: Situation) -> bool:
    """Whether an earlier incident is remembered that this one follows or resembles."""
    follows = situation.incident.previous_incident is not None
    return follows or cause_recurrence.most_alike(situation) is not None


def _named(situation: Situation, service: str) -> tuple[str, ...]:
    return _annotation(situation, service, annotation.COMPLIANCE) or ()


def _annotation(situation: Situation, service: str, name: str) -> Any:
    known = situation.catalog.entry(service, situation.as_of)
    return None if known is None else annotation.value_of(known.annotations, name)
