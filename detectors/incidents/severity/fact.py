"""What is the value of a measure at a service, of all that was measured?"""

from collections.abc import Iterable

from detectors.incidents.severity.measurement import WHOLE, Measurement
from models.measure import Measure

_LOWER_IS_WORSE = (Measure.TIER, Measure.EXHAUSTION, Measure.RECENT_CHANGE, Measure.SENT_SEVERITY)


class Facts:
    """The worst current value of each measure, by service; what is over is left out."""

    def __init__(self, measurements: Iterable[Measurement], services: list[str]) -> None:
        """Take the worst of several values of one measure: where sources differ, the higher severity."""
        self.services = services or [WHOLE]
        self._worst: dict[tuple[str, Measure], Measurement] = {}
        for each in measurements:
            known = self._worst.get((each.service, each.measure))
            if each.is_current and (known is None or _order(each) > _order(known)):
                self._worst[each.service, each.measure] = each

    def of(self, service: str, measure: Measure) -> Measurement | None:
        """Give the value at a service, else that of the incident as a whole; None: nothing tells of it."""
        return self._worst.get((service, measure)) or self._worst.get((WHOLE, measure))

    def known(self, measure: Measure) -> list[Measurement]:
        """Give all values of a measure, by service."""
        return [each for (_, one), each in sorted(self._worst.items()) if one is measure]


def _order(measurement: Measurement) -> tuple[float, tuple[str, ...]]:
    value = measurement.value
    return -value if measurement.measure in _LOWER_IS_WORSE else value, measurement.evidence
