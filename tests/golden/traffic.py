"""What does a service send all day, and how does trouble change it?"""

from dataclasses import dataclass

from tests.golden.parameter import Parameters
from tests.golden.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something is wrong for a while: it grows after its start and fades after its end (minutes)."""

    start: float
    end: float
    grows_within: float = 1.0
    fades_within: float = 1.5

    def at(self, minute: float) -> float:
        """Give how bad it is in a minute, 0 to 1."""
        grown = min(1.0, max(0.0, (minute - self.start) / self.grows_within))
        left = min(1.0, max(0.0, 1.0 - (minute - self.end) / self.fades_within))
        return grown * left


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of the story (minutes)."""

    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """One log template of one service at a steady rate; with a trouble, only as far as that goes."""

    service: str
    body: str
    """A template with gaps as in `parameter.KINDS`."""
    per_minute: float
    severity: str = "INFO"
    trouble: Trouble | None = None

    def tell(self, story: Story, stretch: Stretch) -> None:
        """Write the lines of a stretch, one near the middle of each interval, so rates are steady."""
        chance = story.chance(f"lines {self.service} {self.body} from {stretch.start}")
        parameters = Parameters(chance)
        interval = 1 / self.per_minute
        minute = stretch.start + interval * chance.uniform(0.0, 0.5)
        while minute < stretch.end:
            at = min(minute + interval * chance.uniform(0.0, 0.9), stretch.end)
            if self.trouble is None or chance.random() < self.trouble.at(at):
                story.log(at, self.service, self.severity, self.body.format_map(parameters))
            minute += interval


def lines_of(
    service: str, *lines: tuple[float, str, str], trouble: Trouble | None = None
) -> tuple[Lines, ...]:
    """Give several templates of one service, each as (lines per minute, severity, template)."""
    return tuple(
        Lines(service=service, per_minute=rate, severity=severity, body=body, trouble=trouble)
        for rate, severity, body in lines
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric of one service around its usual value, moved towards another by trouble."""

    service: str
    name: str
    unit: str
    usual: float
    wobble: float
    """Standard deviation in quiet times."""
    every_s: float = 30.0
    trouble: Trouble | None = None
    troubled: float | None = None
    """The value when the trouble is at its worst."""

    def tell(self, story: Story, stretch: Stretch) -> None:
        """Write the points of a stretch; none is below zero."""
        chance = story.chance(f"series {self.service} {self.name} from {stretch.start}")
        minute = stretch.start + self.every_s / 60 * chance.random()
        while minute < stretch.end:
            shift = 0.0
            if self.trouble is not None and self.troubled is not None:
                shift = (self.troubled - self.usual) * self.trouble.at(minute)
            # A shifted value wobbles more, as real ones do, but by a tenth of its shift at most.
            wobble = self.wobble + abs(shift) * 0.04
            value = max(0.0, chance.gauss(self.usual + shift, wobble))
            story.tell(
                minute, "metric", service=self.service, name=self.name, value=round(value, 3), unit=self.unit
            )
            minute += self.every_s / 60
