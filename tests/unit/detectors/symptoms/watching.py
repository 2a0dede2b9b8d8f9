"""A stage of symptoms that watches one service, ten seconds after ten seconds."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from detectors.flow.sketch import merge_sketches, sketch_of
from detectors.symptoms.bucket_stage import BucketStage
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.chunk import Chunk, LogPatterns, MetricBuckets, PatternCount, Sketch, SpanBuckets, SpanStats
from models.signal import Symptom
from models.signature import SignatureMerged
from tests.unit.detectors.incidents.builders import at

START = int(at("12:00").timestamp())
SERVICE = "checkout-api"
CATALOG = Catalog([CatalogEntry(service=SERVICE, owner="team-checkout", scope="shop")])

_KINDS: dict[str, Any] = {
    "log-patterns": LogPatterns,
    "metric-buckets": MetricBuckets,
    "span-buckets": SpanBuckets,
}


class Watch:
    """Feeds buckets to a stage and collects what it tells."""

    def __init__(self, stage: BucketStage[Any, Any]) -> None:
        self.stage = stage
        self.state = stage.start(SERVICE)
        self.symptoms: list[Symptom] = []
        self.merges: list[SignatureMerged] = []
        self._next = START
        self._offset = 0

    def sees(self, contents: Mapping[str, Any]) -> list[Symptom]:
        """Let ten seconds with these contents pass; give what is told of them."""
        if contents:
            self.hears({self._next: contents})
        self._next += 10
        return self.passes(self._next)

    def sees_all(self, buckets: Iterable[Mapping[str, Any]]) -> list[Symptom]:
        return [symptom for contents in buckets for symptom in self.sees(contents)]

    def waits(self, seconds: int) -> None:
        self._next += seconds

    def hears(self, buckets: Mapping[int, Mapping[str, Any]]) -> None:
        chunk = Chunk(source="input:0", epoch=1, first=self._offset, end=self._offset + 1)
        self._offset += 1
        copied = {start: dict(contents) for start, contents in buckets.items()}
        self.stage.fold(self.state, _KINDS[self.stage.source](service=SERVICE, chunk=chunk, buckets=copied))

    def passes(self, second: int) -> list[Symptom]:
        now = datetime.fromtimestamp(second, UTC) + timedelta(microseconds=1)
        told = [each.value for each in self.stage.advance(self.state, now)]
        self.merges += [each for each in told if isinstance(each, SignatureMerged)]
        symptoms = [each for each in told if isinstance(each, Symptom)]
        self.symptoms += symptoms
        return symptoms


def lines(count: int, severity: str = "info", template: str = "order <n> placed") -> PatternCount:
    return PatternCount(
        template=template, count=count, errors=count if severity in ("error", "fatal") else 0,
        severity=severity, first_at=START + 1.5, last_at=START + 9.0, sample=template,
    )  # fmt: skip


def points(*values: float) -> Sketch:
    whole = sketch_of(values[0])
    for value in values[1:]:
        whole = merge_sketches(whole, sketch_of(value))
    return whole


def spans(count: int, errors: int = 0, duration_ms: float = 100.0, peer: str = "") -> SpanStats:
    return SpanStats(durations=points(*[duration_ms] * count), errors=errors, peer=peer)


def second(symptom: Symptom) -> int:
    """Give the end of the bucket that was judged, in seconds since the start of the watch."""
    return int(symptom.timestamp.timestamp()) - START


def onset(symptom: Symptom) -> int:
    return int(symptom.onset_at.timestamp()) - START
