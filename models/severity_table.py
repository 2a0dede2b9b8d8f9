"""By which table is a severity given? Impact times urgency, with floors, and what eases it."""

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

import msgspec

from models.measure import COUNTED, NUMBERS, SENT_WORDS, WORDS, Measure

SeverityName = Literal["SEV1", "SEV2", "SEV3", "SEV4"]


class ImpactLevel(StrEnum):
    """How much harm is done; the first is the worst."""

    EXTENSIVE = "extensive"
    SIGNIFICANT = "significant"
    MODERATE = "moderate"
    MINOR = "minor"


class UrgencyLevel(StrEnum):
    """How soon it must end; the first is the most urgent."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a number counts."""

    at_least: float | None = None
    at_most: float | None = None
    sample: int | None = None
    """Observations below which the number says too little; one whose sample is not told counts."""

    def __post_init__(self) -> None:
        """Refuse bounds that say nothing."""
        given = [each for each in (self.at_least, self.at_most) if each is not None]
        if not given or any(not math.isfinite(each) or each < 0 for each in given):
            raise ValueError("Expected `at_least` or `at_most` with a number from 0")
        if len(given) == 2 and given[0] > given[1]:
            raise ValueError("Expected `at_least` to be no more than `at_most`: nothing lies between")
        if self.sample is not None and self.sample < 1:
            raise ValueError("Expected `sample` from 1")


_WHOLE = 100.0
"""Per cent."""

Limit = bool | float | str | Bounds
"""true or false, a number (at least so much), a word, or bounds."""


class SeverityRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the table: where all of its conditions hold at one service, it fires."""

    rule: str
    """Its name, in lower case with underscores; told with what it fires on."""
    when: dict[Measure, Limit]

    def __post_init__(self) -> None:
        """Refuse a rule without a name or a condition, and a limit that its measure cannot have."""
        if not self.rule.replace("_", "").isalnum() or self.rule != self.rule.lower():
            raise ValueError(f"Expected `rule` in lower case with underscores, got {self.rule!r}")
        if not self.when:
            raise ValueError(f"Expected at least one measure in `when` of the rule {self.rule}")
        for measure, limit in self.when.items():
            expected = _expected(measure, limit)
            if expected:
                raise ValueError(
                    f"Expected {expected} for `{measure.value}` of the rule {self.rule}, got {limit!r}"
                )


class ImpactRule(SeverityRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of how much harm is done."""

    impact: ImpactLevel


class UrgencyRule(SeverityRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of how soon it must end."""

    urgency: UrgencyLevel


class FloorRule(SeverityRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule below whose severity an incident is never rated."""

    severity: SeverityName


class SeverityTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table, and how it is read."""

    impact: list[ImpactRule]
    urgency: list[UrgencyRule]
    matrix: dict[ImpactLevel, dict[UrgencyLevel, SeverityName]]
    floors: list[FloorRule] = []
    eases: list[SeverityRule] = []
    """Where one of them holds, the impact counts one level lower."""
    lower_after_min: float = 10.0
    """A severity goes down after it has been clearly too high for so long (minutes of event time)."""
    clearly: float = 0.8
    """Clearly means: also with every limit multiplied by this."""
    near: float = 0.6
    """A rule came close if the one condition that it lacks has at least this part of its limit."""
    slo_target_pct: float = 99.9
    """Requests that should succeed (%), where the catalog does not say."""

    def __post_init__(self) -> None:
        """Refuse names that are used twice, gaps in the matrix, and a matrix that falls where harm rises."""
        names = [each.rule for each in self.rules()]
        twice = next((each for each in names if names.count(each) > 1), None)
        if twice:
            raise ValueError(f"Expected each rule to have its own name, got {twice} twice")
        for impact in ImpactLevel:
            for urgency in UrgencyLevel:
                if urgency not in self.matrix.get(impact, {}):
                    raise ValueError(
                        f"Expected a severity for {impact.value} and {urgency.value} in `matrix`"
                    )
        for impact, milder in zip(list(ImpactLevel), list(ImpactLevel)[1:], strict=False):
            for urgency in UrgencyLevel:
                if self.matrix[impact][urgency] > self.matrix[milder][urgency]:
                    raise ValueError(
                        f"Expected `matrix` to be as severe for {impact.value} as for {milder.value}"
                        f" where urgency is {urgency.value}"
                    )
        for name, lowest, highest in (
            ("lower_after_min", 1.0, 1440.0),
            ("clearly", 0.1, 1.0),
            ("near", 0.1, 1.0),
            ("slo_target_pct", 50.0, 99.9999),
        ):
            if not lowest <= getattr(self, name) <= highest:
                raise ValueError(f"Expected `{name}` from {lowest:g} to {highest:g}")

    def rules(self) -> Iterator[SeverityRule]:
        """Give all rules in their order."""
        yield from self.impact
        yield from self.urgency
        yield from self.floors
        yield from self.eases


def _expected(measure: Measure, limit: Limit) -> str:
    """Say what a limit of a measure must be; empty where it is right."""
    if measure in WORDS:
        return "" if limit in SENT_WORDS else f"one of {', '.join(SENT_WORDS)}"
    if measure not in NUMBERS:
        return "" if isinstance(limit, bool) else "true or false"
    unit = NUMBERS[measure]
    if isinstance(limit, Bounds):
        given = [each for each in (limit.at_least, limit.at_most) if each is not None]
    elif isinstance(limit, float | int) and not isinstance(limit, bool):
        given = [limit]
    else:
        return f"a number ({unit}) or bounds"
    if unit == "%":
        return "" if all(0 <= each <= _WHOLE for each in given) else "a share from 0 to 100 (%)"
    if unit in COUNTED:
        is_whole = all(1 <= each < math.inf and each == int(each) for each in given)
        return "" if is_whole else f"a whole number from 1 ({unit})"
    return "" if all(0 <= each < math.inf for each in given) else f"a number from 0 ({unit})"
