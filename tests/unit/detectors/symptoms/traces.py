"""Requests through a small shop, as sampled traces: a frontend calls a cart, which calls a store."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from detectors.symptoms.trace_shift import TraceShifts
from detectors.topology import Catalog
from models.chunk import Chunk, LineMark, SpanMark, TracePart, TraceSamples
from models.signal import Symptom
from tests.unit.detectors.incidents.builders import at

START = int(at("12:00").timestamp())


def a_request(
    number: int,
    *,
    cart_lines: Iterable[str] = ("cart loaded", "stock checked"),
    calls_store: bool = True,
    gap_ms: float = 2.0,
) -> tuple[str, TracePart]:
    """Give one trace: what the cart wrote, whether it called the store, and the time between the two."""
    spans = {
        "a": SpanMark("", "frontend", "GET /cart", 0, 60.0),
        "b": SpanMark("a", "cart", "LoadCart", 5, 50.0),
        "c": SpanMark("b", "cart", "read", 6, 10.0),
    }
    if calls_store:
        spans["d"] = SpanMark("b", "cart", "store.get", 20, 8.0 + gap_ms)
        spans["e"] = SpanMark("d", "store", "Get", 21, 8.0)
    lines = [LineMark("b", "cart", line) for line in sorted(cart_lines)]
    return f"trace{number}", TracePart(spans=spans, lines=lines)


class Shop:
    """Feeds buckets of requests to the stage, and keeps what it tells."""

    def __init__(self) -> None:
        self.stage = TraceShifts(lambda: Catalog([]))
        self.state = self.stage.start("shop")
        self.told: list[Symptom] = []
        self._next = START
        self._made = 0

    def serves(self, buckets: int, per_bucket: int = 4, **how: object) -> list[Symptom]:
        """Let buckets of ten seconds pass, each with so many such requests; give what is told of them."""
        return [each for _ in range(buckets) for each in self.sees(self.requests(per_bucket, **how))]

    def requests(self, many: int, **how: object) -> dict[str, TracePart]:
        made = dict(a_request(self._made + number, **how) for number in range(many))  # type: ignore[arg-type]  # as given
        self._made += many
        return made

    def sees(self, traces: Mapping[str, TracePart]) -> list[Symptom]:
        number = (self._next - START) // 10
        chunk = Chunk(source="spans:0", epoch=1, first=number, end=number + 1)
        self.stage.fold(
            self.state, TraceSamples(scope="shop", chunk=chunk, buckets={self._next: dict(traces)})
        )
        self._next += 10
        return self.passes(self._next)

    def passes(self, second: int) -> list[Symptom]:
        now = datetime.fromtimestamp(second, UTC) + timedelta(microseconds=1)
        told = [each.value for each in self.stage.advance(self.state, now) if isinstance(each.value, Symptom)]
        self.told += told
        return told

    def waits(self, seconds: int) -> list[Symptom]:
        self._next += seconds
        return self.passes(self._next)
