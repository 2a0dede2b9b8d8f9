"""Does a signature concentrate in one tenant, region, version or host more than the service's lines did?"""

import msgspec

from detectors.intake.concentration import Places, merge_places
from detectors.intake.crowd import ERROR, share_of
from models.chunk import Crowd, Spread
from models.signal import Lift

_FEWEST_LINES = 10
"""Lines of the value in the bucket below which it may be chance."""
_FEWEST_BEFORE = 100
"""Lines of the service before without which its usual share is not known."""
_SHARE = 0.5
"""Most of the signature's lines must have the value: a responder is sent there."""
_LIFT = 2.0
"""So many times its usual share, at least: the only version that runs has all lines anyhow."""


class UsualSpread(msgspec.Struct):
    """The lines of a service so far, by dimension and value; as bounded as one pattern's counts."""

    spread: Spread = {}
    crowds: dict[str, Crowd] = {}
    lines: int = 0

    def add(self, lies: Places, lines: int) -> None:
        """Count lines of a bucket."""
        self.spread, self.crowds = merge_places(Places(self.spread, self.crowds), lies)
        self.lines += lines

    def lift(self, spread: Spread, lines: int) -> Lift | None:
        """Give the value in which lines concentrate most against what is usual; None: in none of those known.

        The usual share is smoothed (one line more of two), so a value that is new counts. Where a dimension
        has had too many values to count each, it is estimated, two standard errors on the safe side.
        """
        if self.lines < _FEWEST_BEFORE:
            return None
        found = []
        for dimension, counts in spread.items():
            for value, count in counts.items():
                share = count / lines
                usual = self._usual_share(dimension, value)
                if count >= _FEWEST_LINES and share >= _SHARE and share >= _LIFT * usual:
                    found.append(
                        Lift(
                            dimension=dimension, value=value, count=count, of=lines,
                            usual_share=round(usual, 4), lift=round(share / usual, 2),
                        )
                    )  # fmt: skip
        return min(found, key=lambda each: (-each.lift, each.dimension, each.value), default=None)

    def _usual_share(self, dimension: str, value: str) -> float:
        crowd = self.crowds.get(dimension)
        if crowd is None:
            return (self.spread.get(dimension, {}).get(value, 0) + 1) / (self.lines + 2)
        return (min(1.0, share_of(crowd, value) + ERROR) * crowd.lines + 1) / (self.lines + 2)
