"""What does an incident cost: minutes, transactions, revenue, credits and people's time?"""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.severity import failure_count
from detectors.incidents.severity.error_rule import measures_errors
from detectors.incidents.severity.exposure import Exposure, exposure
from detectors.incidents.severity.symptom_rule import is_failure
from detectors.incidents.state import Episode, Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import as_ratio, clock, listed, number, quantity
from models import annotation
from models.annotation import Money
from models.impact import Basis, BusinessImpact, Figure

_Z = 1.96
"""Of a 95 % interval."""
_MONTH = timedelta(days=30)
_LIFE = timedelta(hours=6)
"""As long as failing requests are counted by the minute."""


class _Harm(NamedTuple):
    """What users met at the service that they meet first."""

    service: str
    began: datetime
    minutes: tuple[float, float]
    """Minutes with failures that were told of, and all from the onset to the end."""
    failed: int
    scaled: float
    """Failed requests, scaled from the buckets that were told of to their minutes."""
    share: tuple[float, float, float] | None
    """Share of failing requests, 0 to 1: low, best, high; None: nobody counted."""
    is_measured: bool
    evidence: list[str]


def find(situation: Situation) -> BusinessImpact | None:
    """Give the figures of an incident so far; None: no service that fails may face users.

    Every figure has a range. "measured" are only numbers that telemetry counted at a service that the
    catalog calls customer-facing; all others are estimates, and say from what.
    """
    harm = _harm(situation)
    if harm is None:
        return None
    figures = [_minutes(harm, situation), *_transactions(situation, harm), *_money(situation, harm)]
    figures += _responders(situation)
    return BusinessImpact(figures=figures, missing=_missing(situation, harm))


def _harm(situation: Situation) -> _Harm | None:
    incident = situation.incident
    failing = {each.first.service for each in blast_radius.tracks(incident) if is_failure(each)}
    failing |= {each.first.service for each in blast_radius.episodes(incident)}
    exposed = sorted(each for each in failing if exposure(situation, each).may_face_users)
    if not exposed or incident.noise:
        return None
    # Requests pass through several services: one is counted, or each would count again.
    service = max(
        exposed, key=lambda each: (each == incident.service, _counted(situation, each).failed, each)
    )
    counted = _counted(situation, service)
    alerts = [each for each in blast_radius.episodes(incident, service) if measures_errors(each)]
    tracks = [each for each in blast_radius.tracks(incident, service) if is_failure(each)]
    onset = blast_radius.onsets(incident)[service]
    end = max(incident.resolved_at or situation.as_of, onset.at)
    told = len({minute for each in tracks for minute in each.failures})
    whole = (end - onset.at).total_seconds() / 60
    cited = [onset.evidence, *counted.evidence, *(evidence_id(each.first.event_id) for each in alerts)]
    return _Harm(
        service=service,
        began=onset.at,
        minutes=(min(float(told), whole), whole),
        failed=counted.failed,
        scaled=_scaled(tracks),
        share=_share(counted, alerts),
        is_measured=exposure(situation, service) is Exposure.CUSTOMER_FACING,
        evidence=list(dict.fromkeys(cited)),
    )


def _counted(situation: Situation, service: str) -> failure_count.Failures:
    tracks = blast_radius.tracks(situation.incident, service)
    return failure_count.within(tracks, _LIFE, situation.as_of)


def _scaled(tracks: list[SymptomTrack]) -> float:
    # A symptom is told once a minute, of a bucket that is shorter than that.
    return sum(
        sum(count[0] for count in each.failures.values()) / 1e6 * max(60.0 / each.latest.window_s, 1.0)
        for each in tracks
        if each.latest.window_s > 0 and failure_count.is_counted(each.first)
    )


def _share(counted: failure_count.Failures, alerts: list[Episode]) -> tuple[float, float, float] | None:
    if counted.requests:
        return interval(counted.failed, counted.requests)
    if counted.share is not None:
        return counted.share, counted.share, counted.share
    told = [
        share
        for each in alerts
        if each.latest.value is not None
        and (share := as_ratio(each.latest.value, each.latest.unit)) is not None
    ]
    return (min(told), max(told), max(told)) if told else None


def interval(failed: int, requests: int) -> tuple[float, float, float]:
    """Give low, best and high of a share: Wilson's 95 % interval.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.

    >>> [round(each, 3) for each in interval(18, 100)]
    [0.117, 0.18, 0.267]
    """
    share, wide = failed / requests, _Z * _Z / requests
    middle = (share + wide / 2) / (1 + wide)
    half = _Z / (1 + wide) * math.sqrt(share * (1 - share) / requests + wide / (4 * requests))
    return max(middle - half, 0.0), share, min(middle + half, 1.0)


def _figure(
    name: str, what: str, low: float, value: float, high: float, unit: str, basis: Basis, evidence: list[str]
) -> Figure:
    low, value, high = (round(each, 2) for each in (min(low, value), value, max(high, value)))
    span = "" if low == high else f", between {number(low)} and {number(high)}"
    unsure = ", how far off is not known" if low == high and basis is Basis.ESTIMATED else ""
    text = f"{what}: {number(value)} {unit}{span} ({basis.value}{unsure})"
    return Figure(
        name=name, text=text, low=low, value=value, high=high, unit=unit, basis=basis, evidence=evidence
    )


def _minutes(harm: _Harm, situation: Situation) -> Figure:
    low, high = harm.minutes
    basis = Basis.MEASURED if harm.is_measured else Basis.ESTIMATED
    what = f"customers met failures of {harm.service} since {clock(harm.began, situation.as_of)}"
    low = low or high
    return _figure("customer_impacting_minutes", what, low, high, high, "minutes", basis, harm.evidence)


def _transactions(situation: Situation, harm: _Harm) -> Iterator[Figure]:
    usual = _annotation(situation, harm.service, annotation.TRANSACTIONS_PER_MINUTE)
    whole = harm.minutes[1]
    if usual is not None and harm.share is not None:
        low, best, high = (each * usual * whole for each in harm.share)
        what = f"failing transactions, from {number(usual)} a minute as the catalog says"
        yield _figure(
            "failing_transactions", what, max(min(low, best), 0.0), best, high, "transactions",
            Basis.ESTIMATED, harm.evidence,
        )  # fmt: skip
    elif harm.failed:
        what = f"failing requests, scaled from {number(harm.failed)} that were counted"
        yield _figure(
            "failing_transactions", what, float(harm.failed), harm.scaled, harm.scaled, "requests",
            Basis.MEASURED if harm.scaled == harm.failed and harm.is_measured else Basis.ESTIMATED,
            harm.evidence,
        )  # fmt: skip


def _money(situation: Situation, harm: _Harm) -> Iterator[Figure]:
    revenue: Money | None = _annotation(situation, harm.service, annotation.REVENUE_PER_MINUTE)
    if harm.share is None:
        return
    told, whole = harm.minutes
    if revenue is not None:
        low, best, high = (each * revenue.amount for each in harm.share)
        unit, basis = revenue.currency, Basis.ESTIMATED
        share = quantity(harm.share[1], "ratio")
        what = f"revenue at risk, {share} of {number(revenue.amount)} {unit} a minute as the catalog says"
        yield _figure(
            "revenue_at_risk_per_minute", what, low, best, high, f"{unit} per minute", basis, harm.evidence
        )
        what = f"revenue at risk so far, over {number(whole)} minutes"
        yield _figure(
            "revenue_at_risk",
            what,
            low * (told or whole),
            best * whole,
            high * whole,
            unit,
            basis,
            harm.evidence,
        )
    target = _annotation(situation, harm.service, annotation.SLA_AVAILABILITY)
    credit: Money | None = _annotation(situation, harm.service, annotation.SLA_CREDIT)
    if target is not None and credit is not None:
        yield _credit(harm, target, credit)


def _credit(harm: _Harm, target: float, credit: Money) -> Figure:
    allowed = (1 - target / 100) * _MONTH.total_seconds() / 60
    used = (harm.share[1] if harm.share else 0.0) * harm.minutes[1]
    due = credit.amount if used > allowed else 0.0
    what = (
        f"SLA credit: this incident alone uses {number(used)} of the {number(allowed)} minutes"
        f" that {number(target)} % allows in 30 days"
    )
    return _figure(
        "sla_credit", what, due, due, credit.amount, credit.currency, Basis.ESTIMATED, harm.evidence
    )


def _responders(situation: Situation) -> Iterator[Figure]:
    incident = situation.incident
    by_actor: dict[str, list[datetime]] = {}
    for each in incident.feedback:
        by_actor.setdefault(each.actor or "", []).append(each.timestamp)
    if not by_actor:
        return
    end = incident.resolved_at or situation.as_of
    low = sum((max(times) - min(times)).total_seconds() for times in by_actor.values()) / 60
    high = sum(max((end - min(times)).total_seconds(), 0.0) for times in by_actor.values()) / 60
    many = f"{len(by_actor)} responders" if len(by_actor) > 1 else "1 responder"
    cited = sorted(evidence_id(each.event_id) for each in incident.feedback)
    what = f"time of {many}, from the first word of each"
    yield _figure("responder_minutes", what, low, max(low, high), high, "minutes", Basis.ESTIMATED, cited)


def _missing(situation: Situation, harm: _Harm) -> list[str]:
    wanted = [
        (annotation.TRANSACTIONS_PER_MINUTE, "failing transactions"),
        (annotation.REVENUE_PER_MINUTE, "revenue at risk"),
        (annotation.SLA_AVAILABILITY, "SLA credit"),
        (annotation.SLA_CREDIT, "SLA credit"),
    ]
    absent = [
        f"{name} of {harm.service} in the catalog, for {what}"
        for name, what in wanted
        if _annotation(situation, harm.service, name) is None
    ]
    if harm.share is None:
        absent.append(
            f"the share of failing requests of {harm.service}, for {listed(['revenue', 'credits'])}"
        )
    return absent


def _annotation(situation: Situation, service: str, name: str) -> Any:
    known = situation.catalog.entry(service, situation.as_of)
    return None if known is None else annotation.value_of(known.annotations, name)
