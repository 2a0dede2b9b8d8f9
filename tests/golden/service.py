"""What does any healthy service send? The usual metrics and lines, given its size."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.golden.story import Story
from tests.golden.traffic import Lines, Series, Stretch, Trouble

ERROR_RATIO = "http.server.error_ratio_pct"
P95 = "http.server.duration.p95_ms"
CPU = "container.cpu.utilization_pct"
MEMORY = "container.memory.utilization_pct"
REQUESTS = "http.server.requests_per_s"
POOL = "db.pool.in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service with its usual load."""

    name: str
    requests_per_s: float
    p95_ms: float
    cpu_pct: float = 35.0
    pool_in_use: float | None = None
    """Connections; None: it has no database."""
    lines: tuple[Lines, ...] = ()
    trouble: Trouble | None = None
    troubled: Mapping[str, float] = field(default_factory=dict)
    """Metrics that the trouble moves, with their value at its worst."""
    every_s: float = 30.0

    def tell(self, story: Story, stretch: Stretch) -> None:
        """Write all it sends in a stretch, spans apart."""
        for series in self._series():
            series.tell(story, stretch)
        for lines in self.lines:
            lines.tell(story, stretch)

    def restart(self, story: Story, minute: float, version: str) -> None:
        """Write what it logs when a new version starts: new lines that mean no harm."""
        for second, body in enumerate(
            (f"starting {self.name} {version}", "configuration read", "ready for requests")
        ):
            story.log(minute + (second - 20) / 60, self.name, "INFO", body)

    def _series(self) -> list[Series]:
        usual = [
            (REQUESTS, "1/s", self.requests_per_s, self.requests_per_s * 0.04),
            (ERROR_RATIO, "%", 0.4, 0.12),
            (P95, "ms", self.p95_ms, self.p95_ms * 0.05),
            (CPU, "%", self.cpu_pct, 2.0),
            (MEMORY, "%", 58.0, 0.8),
        ]
        if self.pool_in_use is not None:
            usual.append((POOL, "1", self.pool_in_use, self.pool_in_use * 0.1))
        return [
            Series(
                service=self.name,
                name=name,
                unit=unit,
                usual=value,
                wobble=wobble,
                every_s=self.every_s,
                trouble=self.trouble,
                troubled=self.troubled.get(name),
            )
            for name, unit, value, wobble in usual
        ]
