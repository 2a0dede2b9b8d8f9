"""Which operations of a service fail more often, or take longer, than usual?"""

from collections.abc import Iterable, Mapping

from detectors.flow.sketch import quantile
from detectors.intake.folding import merge_spans
from detectors.symptoms.bucket_stage import TELL_EVERY_S, BucketStage, ServiceState
from detectors.symptoms.metric_shift import ServiceSeries, ShiftPolicy, shift
from models import topic
from models.chunk import SpanBuckets, SpanStats
from models.signal import Symptom, SymptomKind
from models.tick import Tick

_LEAST_SPANS = 5
"""Spans of an operation in a bucket below which neither share nor quantile says anything."""

_ERROR_SHARE_RISE = 0.05
"""Errors are told of when their share is so much above the usual one: 5 percentage points."""

_PERCENT = 100.0


class SpanShifts(BucketStage[SpanStats, ServiceSeries]):
    """Spans of a service in; symptoms of failing and slow operations out."""

    table = "span-shifts"
    source = topic.SPAN_BUCKETS
    inputs = topic.SPANS
    record_type = SpanBuckets | Tick
    state_type = ServiceState[SpanStats, ServiceSeries]

    policy = ShiftPolicy(ratio=2.0)

    def merge(self, one: SpanStats, other: SpanStats) -> SpanStats:
        """Give both sets of spans as one."""
        return merge_spans(one, other)

    def empty(self) -> ServiceSeries:
        """Give no series."""
        return ServiceSeries()

    def left_out(self, history: ServiceSeries) -> int:
        """Count the series that were dropped."""
        return history.overflow

    def judge(
        self, service: str, start: int, contents: Mapping[str, SpanStats], history: ServiceSeries
    ) -> Iterable[Symptom]:
        """Judge the 95th percentile and the share of errors of each operation of a bucket."""
        for name in sorted(contents):
            if contents[name].durations.count >= _LEAST_SPANS:
                yield from self._latency(service, start, name, contents[name], history)
                yield from self._errors(service, start, name, contents[name], history)
        history.forget(self.policy.most_series)

    def _latency(
        self, service: str, start: int, name: str, stats: SpanStats, history: ServiceSeries
    ) -> Iterable[Symptom]:
        series = history.series(f"latency {name}")
        value = quantile(stats.durations, 0.95)
        told = shift(series, start, value, self.policy)
        if told is not None:
            kind = SymptomKind.LATENCY if told["score"] > 0 else SymptomKind.METRIC_SHIFT
            yield self.symptom(
                service, start, series.onset or start, kind, name,
                text=f"{name} p95", peer=stats.peer,
                window_s=10.0, value=round(value, 3), unit="ms", sample_size=stats.durations.count,
                statistic="robust z-score (median, MAD)", **told,
            )  # fmt: skip

    def _errors(
        self, service: str, start: int, name: str, stats: SpanStats, history: ServiceSeries
    ) -> Iterable[Symptom]:
        series = history.series(f"errors {name}")
        share = stats.errors / stats.durations.count
        if series.is_new_normal(start):
            series.relearn()
        usual = series.values
        if len(usual) < self.policy.learning_points:
            series.add(start, share)
            return
        middle = sorted(usual)[len(usual) // 2]
        if stats.errors < 2 or share < middle + _ERROR_SHARE_RISE:  # one error is no rate
            if series.recovers(start):
                series.add(start, share)
        elif series.deviates(start, middle, tell_every_s=TELL_EVERY_S):
            spread = max((middle * (1 - middle) / stats.durations.count) ** 0.5, 0.01)
            yield self.symptom(
                service, start, series.onset or start, SymptomKind.ERROR_RATE, name,
                text=f"{name} errors", peer=stats.peer,
                window_s=10.0, value=round(share * _PERCENT, 3), baseline=round(middle * _PERCENT, 3),
                threshold=round((middle + _ERROR_SHARE_RISE) * _PERCENT, 3), unit="%",
                sample_size=stats.durations.count, score=round((share - middle) / spread, 3),
                statistic="binomial z-score",
            )  # fmt: skip
