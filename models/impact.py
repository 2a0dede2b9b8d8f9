"""Whom does an incident hit, and what does it cost?"""

from enum import StrEnum

from models.record import Record


class Basis(StrEnum):
    """Where a figure comes from."""

    MEASURED = "measured"
    """Every number in it was observed."""
    ESTIMATED = "estimated"
    """A number in it is the catalog's, an assumption, or scaled up from a part."""


class Hit(Record, frozen=True, kw_only=True):
    """A value of a dimension in which what fails concentrates."""

    dimension: str
    """tenant, region, version, host or path."""
    value: str
    services: list[str]
    """Where it was seen."""
    share: float | None = None
    """Of the failing lines or requests, 0 to 1; None: an alert's label names it, nobody counted."""
    usual_share: float | None = None
    """Of all lines of the service before, 0 to 1; None: not known."""
    lift: float | None = None
    """Share by usual share; from 2 on it is told that the incident concentrates there."""
    evidence: list[str]


class ImpactScope(Record, frozen=True, kw_only=True):
    """Which tenants, regions, versions, hosts and paths are hit, as far as telemetry tells."""

    text: str
    """The same as one clause."""
    hits: list[Hit]
    """By dimension, then the largest share first; at most five of a dimension."""
    single_tenant: str | None = None
    """The only tenant that is hit, by evidence of every service that fails; None: several, or not known."""
    single_region: str | None = None
    """The only region that is hit, in the same sense."""
    unknown: list[str] = []
    """Dimensions of which nothing tells."""


class Figure(Record, frozen=True, kw_only=True):
    """One figure of what an incident costs, with its range."""

    name: str
    """customer_impacting_minutes, failing_transactions, revenue_at_risk_per_minute, revenue_at_risk,
    sla_credit or responder_minutes."""
    text: str
    """The same as one sentence, with what it rests on."""
    low: float
    value: float
    high: float
    unit: str
    basis: Basis
    evidence: list[str]


class BusinessImpact(Record, frozen=True, kw_only=True):
    """What an incident has cost so far; what the catalog gives no value for is named as missing."""

    figures: list[Figure]
    missing: list[str] = []
    """What would be needed for the other figures."""
