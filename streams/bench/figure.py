"""What is one measured figure of a benchmark, and was its goal met?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One row of the table that `headwater bench` prints; a file of this folder gives `rows()` of them."""

    name: str
    """What was measured."""
    value: float
    unit: str
    """Unit of value and goal; `×` for a ratio within the same run."""
    goal: float | None = None
    """What is wanted; None for a figure that only informs."""
    met: bool | None = None
    """Whether the goal was reached; None where there is none."""

    def cells(self) -> tuple[str, str, str, str]:
        """Write it for a table: name, value with unit, goal, met."""
        goal = "" if self.goal is None else f"{self.goal:g} {self.unit}".strip()
        met = "" if self.met is None else "yes" if self.met else "no"
        return self.name, f"{self.value:.3f} {self.unit}".strip(), goal, met


def at_least(name: str, value: float, unit: str, goal: float) -> Figure:
    """Give a figure that is better the larger it is."""
    return Figure(name, value, unit, goal, value >= goal)


def at_most(name: str, value: float, unit: str, goal: float) -> Figure:
    """Give a figure that is better the smaller it is."""
    return Figure(name, value, unit, goal, value <= goal)
