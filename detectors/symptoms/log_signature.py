"""Which signatures of a service's log lines are new, and which surge?"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec

from detectors.intake.folding import BUCKET, merge_patterns
from detectors.symptoms.bucket_stage import TELL_EVERY_S, BucketStage, ServiceState
from detectors.symptoms.deviation import surge_score
from detectors.symptoms.series import HISTORY, Series
from models import topic
from models.chunk import LogPatterns, PatternCount
from models.record import content_id
from models.signal import Symptom, SymptomKind
from models.tick import Tick

_WIDTH = int(BUCKET.total_seconds())
_FAILURES = ("error", "fatal")
_BAD = ("warn", *_FAILURES)


class SignaturePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a signature is told of."""

    learning: timedelta = timedelta(minutes=3)
    """A service's signatures count as known until it has been seen for so long: longer than most
    periodic jobs need to log everything once, shorter than a responder's patience."""
    new_at_least: int = 5
    """Lines of a new signature that make it worth a word; from error on one line is enough."""
    new_within: timedelta = timedelta(minutes=5)
    """A signature that has not reached that many lines so long after its first is merely rare."""
    window_buckets: int = 3
    """A surge is judged over 30 s: one retry burst of 10 s is not yet one."""
    surge_at_least: int = 10
    """Lines within the window below which a count is too small to judge."""
    surge_score: float = 6.0
    """Standard deviations: one false surge in some 10^9 windows of a steady Poisson stream, which
    leaves room for streams that are burstier than that."""
    surge_ratio: float = 3.0
    """A surge is also at least so many times the expected count: significance alone is not size."""
    most_signatures: int = 500
    """Signatures kept per service; some 300 bytes and 60 points each stay well under a megabyte."""


class Signature(msgspec.Struct):
    """What is remembered of one signature."""

    first_bucket: int
    last_bucket: int
    first_at: float
    """Event time of its first line (epoch seconds)."""
    is_new: bool
    """First seen after the learning period, and neither told of nor merely rare yet."""
    counts: Series = msgspec.field(default_factory=Series)


class ServiceSignatures(msgspec.Struct):
    """The signatures of one service."""

    first_bucket: int | None = None
    known: dict[str, Signature] = {}
    overflow: int = 0
    """Signatures dropped to keep the bound."""


class LogSignatures(BucketStage[PatternCount, ServiceSignatures]):
    """Patterns of a service in; symptoms of new and surging signatures out."""

    table = "log-signatures"
    source = topic.LOG_PATTERNS
    inputs = topic.LOGS
    record_type = LogPatterns | Tick
    state_type = ServiceState[PatternCount, ServiceSignatures]

    policy = SignaturePolicy()

    def merge(self, one: PatternCount, other: PatternCount) -> PatternCount:
        """Count the lines of both."""
        return merge_patterns(one, other)

    def empty(self) -> ServiceSignatures:
        """Give no signatures."""
        return ServiceSignatures()

    def judge(
        self, service: str, start: int, contents: Mapping[str, PatternCount], history: ServiceSignatures
    ) -> Iterable[Symptom]:
        """Judge the patterns of a bucket in the order in which they were first seen."""
        if history.first_bucket is None:
            history.first_bucket = start
        ordered = sorted(contents.items(), key=lambda each: (each[1].first_at, each[0]))
        for _, pattern in ordered:
            signature_id = content_id("signature", service, pattern.template)
            signature = history.known.get(signature_id)
            if signature is None:
                learned = start - history.first_bucket >= self.policy.learning.total_seconds()
                signature = history.known[signature_id] = Signature(start, start, pattern.first_at, learned)
            signature.last_bucket = start
            signature.counts.add(start, pattern.count)
            if signature.is_new:
                yield from self._new(service, start, signature_id, pattern, signature)
            yield from self._surge(service, start, signature_id, pattern, signature, history)
        self._forget(history)

    def left_out(self, history: ServiceSignatures) -> int:
        """Count the signatures that were dropped."""
        return history.overflow

    def _new(
        self, service: str, start: int, subject: str, pattern: PatternCount, signature: Signature
    ) -> Iterable[Symptom]:
        policy = self.policy
        count = int(signature.counts.between(signature.first_bucket, start + 1))
        if pattern.severity in _FAILURES or count >= policy.new_at_least:
            signature.is_new = False
            yield self.symptom(
                service, start, int(signature.first_at), SymptomKind.NEW_SIGNATURE, subject,
                text=pattern.template, window_s=float(start + _WIDTH - signature.first_bucket),
                value=float(count), baseline=0.0, threshold=1.0, unit="lines", sample_size=count,
                score=round(surge_score(count, 0.0), 3), statistic="Anscombe-transformed Poisson count",
                severity=pattern.severity, sample=pattern.sample,
            )  # fmt: skip
        elif start - signature.first_bucket > policy.new_within.total_seconds():
            signature.is_new = False

    def _surge(
        self, service: str, start: int, subject: str, pattern: PatternCount, signature: Signature,
        history: ServiceSignatures,
    ) -> Iterable[Symptom]:  # fmt: skip
        policy, counts = self.policy, signature.counts
        counts.lapses(start)  # buckets in which the pattern is absent are not judged
        if pattern.severity not in _BAD:
            return
        window = policy.window_buckets * _WIDTH
        since = start + _WIDTH - window
        from_ = max(since - HISTORY * _WIDTH, history.first_bucket or since)
        if counts.is_new_normal(start) or since - from_ < policy.learning.total_seconds():
            return
        expected = counts.usual
        if counts.onset is None:
            expected = counts.between(from_, since) * window / (since - from_)
        count = int(counts.between(since, start + 1))
        score = surge_score(count, expected)
        enough = float(max(policy.surge_at_least, policy.surge_ratio * expected))
        if score < policy.surge_score or count < enough:
            counts.recovers(start)
        elif counts.deviates(start, expected, tell_every_s=TELL_EVERY_S):
            yield self.symptom(
                service, start, counts.onset or start, SymptomKind.SURGING_SIGNATURE, subject,
                text=pattern.template, window_s=float(window), value=float(count),
                baseline=round(expected, 3), threshold=round(enough, 3), unit="lines", sample_size=count,
                score=round(score, 3), statistic="Anscombe-transformed Poisson count",
                severity=pattern.severity, sample=pattern.sample,
            )  # fmt: skip

    def _forget(self, history: ServiceSignatures) -> None:
        surplus = len(history.known) - self.policy.most_signatures
        if surplus > 0:
            oldest = sorted(history.known, key=lambda each: (history.known[each].last_bucket, each))
            for signature_id in oldest[:surplus]:
                del history.known[signature_id]
            history.overflow += surplus
