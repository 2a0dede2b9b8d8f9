"""Which signatures of a service's log lines are new, and which surge, which have vanished?"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from detectors.intake.folding import BUCKET, merge_patterns
from detectors.mining.signature import OVERFLOW, SignatureClusters, assign
from detectors.symptoms import deploy_comparison
from detectors.symptoms.bucket_stage import TELL_EVERY_S, BucketStage, ServiceState, Told
from detectors.symptoms.deploy_comparison import Compared, PendingChange
from detectors.symptoms.deviation import absence_score, surge_score
from detectors.symptoms.lexicon import masked_excerpt, sensitivities
from detectors.symptoms.lift import UsualSpread
from detectors.symptoms.log_volume import LogVolume
from detectors.symptoms.series import HISTORY, Series
from models import topic
from models.chunk import LogPatterns, PatternCount
from models.event import Change
from models.record import content_id
from models.signal import DeployComparison, Difference, Symptom, SymptomKind
from models.signature import SignatureMerged
from models.tick import Tick
from models.topic import Outgoing, path_name

_WIDTH = int(BUCKET.total_seconds())
_FAILURES = ("error", "fatal")
_BAD = ("warn", *_FAILURES)
_KEPT = 120
"""Characters of template and sample that are remembered for the day on which a signature vanishes."""


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
    absent_s: int = 60
    """A signature has vanished when it was absent for so long while its service went on logging."""
    absent_after: int = 5
    """Windows of that length that must all have held it before: what is periodic or rare cannot be missed."""
    absence_score: float = 6.0
    """As for a surge: a steady stream of 18 lines a minute; a burstier one needs more."""
    most_signatures: int = 100
    """Signatures whose counts are kept per service, at most some 1 kB each: 100 kB beside their clusters."""
    most_statements: int = 500
    """Clusters of a service, at most some 160 kB; what is unknown beyond that is one signature together,
    and counted as left out. Few services have so many statements that log."""


class Signature(msgspec.Struct):
    """What is remembered of one signature."""

    first_bucket: int
    last_bucket: int
    first_at: float
    """Event time of its first line (epoch seconds)."""
    is_new: bool
    """First seen after the learning period, and neither told of nor merely rare yet."""
    template: str
    severity: str
    sample: str
    last_at: float
    """Event time of its latest line (epoch seconds)."""
    counted_from: int
    """Before this nothing is known of its counts: it had been forgotten."""
    is_missed: bool = False
    """Its absence has been judged; it is not judged again before the signature comes back."""
    counts: Series = msgspec.field(default_factory=Series)


class ServiceSignatures(msgspec.Struct):
    """The signatures of one service."""

    first_bucket: int | None = None
    known: dict[str, Signature] = {}
    volume: LogVolume = msgspec.field(default_factory=LogVolume)
    """Lines of all its signatures."""
    usual: UsualSpread = msgspec.field(default_factory=UsualSpread)
    changes: list[PendingChange] = []
    """Changes of the service that wait to be compared."""
    clusters: SignatureClusters = msgspec.field(default_factory=SignatureClusters)
    overflow: int = 0
    """Signatures dropped to keep the bound."""


class LogSignatures(BucketStage[PatternCount, ServiceSignatures]):
    """Patterns of a service in; symptoms of new, surging and vanished signatures out."""

    table = "log-signatures"
    source = topic.LOG_PATTERNS
    inputs = topic.LOGS
    record_type = LogPatterns | Change | Tick
    state_type = ServiceState[PatternCount, ServiceSignatures]

    policy = SignaturePolicy()

    def merge(self, one: PatternCount, other: PatternCount) -> PatternCount:
        """Count the lines of both."""
        return merge_patterns(one, other)

    def empty(self) -> ServiceSignatures:
        """Give no signatures."""
        return ServiceSignatures()

    def paths(self, partitions: int) -> tuple[str, ...]:
        """Name the input partitions that bring lines, and those that bring changes."""
        changes = tuple(path_name(topic.DEPLOYS, number) for number in range(partitions))
        return super().paths(partitions) + changes

    def fold(self, state: ServiceState[PatternCount, ServiceSignatures], record: Any) -> Iterable[Outgoing]:
        """Take a folded chunk in, or let a change wait for its comparison."""
        if not isinstance(record, Change):
            return super().fold(state, record)
        change = deploy_comparison.pending(record)
        if change.since + deploy_comparison.WINDOWS_S[-1] > state.closed_until:
            state.left_out += deploy_comparison.add(state.history.changes, change)
        return ()

    def deadline(self, history: ServiceSignatures) -> int | None:
        """Give when the next change is to be compared, or the service's silence to be judged."""
        change = deploy_comparison.next_step(history.changes)
        moments = (history.volume.deadline, None if change is None else change.due)
        return min((each for each in moments if each is not None), default=None)

    def settle(self, service: str, deadline: int, history: ServiceSignatures) -> Iterable[Told]:
        """Judge a silence, write down what was before a change, or compare it with what came after."""
        if history.volume.deadline == deadline:
            silence = history.volume.silence(history.first_bucket or 0)
            if silence is not None:
                yield self.symptom(
                    service, deadline - _WIDTH, silence.pop("onset"), SymptomKind.SILENT_SERVICE,
                    "log lines", **silence,
                )  # fmt: skip
            return
        change = deploy_comparison.next_step(history.changes)
        if change is None:
            return
        if change.done == 0:
            deploy_comparison.remember(change, history.known)
        else:
            compared = deploy_comparison.compare(change, history.known)
            if compared.differences:
                yield self._compared(service, deadline, change, compared)
        change.done += 1
        if change.done > len(deploy_comparison.WINDOWS_S):
            history.changes.remove(change)

    def renewed(self, history: ServiceSignatures) -> ServiceSignatures:
        """Keep the changes that wait."""
        return ServiceSignatures(changes=history.changes)

    def _compared(self, service: str, deadline: int, change: PendingChange, compared: Compared) -> Symptom:
        differences = compared.differences
        kinds = [each.difference.value for each in differences]
        return self.symptom(
            service, deadline - _WIDTH, change.since, SymptomKind.DEPLOY_COMPARISON, change.change_id,
            text=", ".join(f"{kinds.count(kind)} {kind}" for kind in Difference if kind in kinds),
            window_s=float(compared.window_s), value=float(len(differences)), baseline=0.0, threshold=1.0,
            unit="signatures", sample_size=compared.lines_before + compared.lines_after,
            score=abs(differences[0].score), statistic="two-sample Poisson score",
            sample=differences[0].template,
            comparison=DeployComparison(
                change_id=change.change_id, change_kind=change.change_kind, version=change.version,
                previous_version=change.previous_version, lines_before=compared.lines_before,
                lines_after=compared.lines_after, differences=differences,
            ),
        )  # fmt: skip

    def judge(
        self, service: str, start: int, contents: Mapping[str, PatternCount], history: ServiceSignatures
    ) -> Iterable[Told]:
        """Judge the patterns of a bucket in the order in which they were first seen."""
        if history.first_bucket is None:
            history.first_bucket = start
        other = content_id("signature", service, OVERFLOW)
        before = set(history.clusters.clusters)
        told, merged = self._cluster(service, contents, history)
        yield from self._merges(service, start, merged, history)
        errors = sum(each.errors for each in contents.values())
        history.volume.add(start, sum(each.count for each in contents.values()), errors)
        if (shift := history.volume.shift(start, history.first_bucket)) is not None:
            yield self.symptom(
                service, start, shift.pop("onset"), SymptomKind.ERROR_SHARE, "error lines", **shift
            )
        for signature_id, pattern in told.items():
            signature = history.known.get(signature_id)
            if signature is None:
                learned = start - history.first_bucket >= self.policy.learning.total_seconds()
                is_first = signature_id not in before
                signature = history.known[signature_id] = Signature(
                    start, start, pattern.first_at, learned and is_first and signature_id != other,
                    pattern.template[:_KEPT], pattern.severity, "", pattern.last_at,
                    history.first_bucket if is_first else start,
                )  # fmt: skip
            joined = self._join(signature, merged.get(signature_id, []), history)
            deploy_comparison.join(history.changes, signature_id, joined)
            signature.last_bucket, signature.last_at = start, max(signature.last_at, pattern.last_at)
            signature.severity, signature.sample = pattern.severity, pattern.sample[:_KEPT]
            signature.is_missed = False
            signature.counts.add(start, pattern.count)
            if signature.is_new:
                yield from self._new(service, start, signature_id, pattern, signature, history, joined)
            yield from self._surge(service, start, signature_id, pattern, signature, history, joined)
        yield from self._vanished(service, start, history)
        for pattern in told.values():
            history.usual.add(pattern.concentration, pattern.count)
        self._forget(history)

    def _cluster(
        self, service: str, contents: Mapping[str, PatternCount], history: ServiceSignatures
    ) -> tuple[dict[str, PatternCount], dict[str, list[str]]]:
        """Give the lines of each signature of a bucket, and what was merged into which."""
        told: dict[str, PatternCount] = {}
        merged: dict[str, list[str]] = {}
        for _, pattern in sorted(contents.items(), key=lambda each: (each[1].first_at, each[0])):
            assigned = assign(history.clusters, service, pattern.template, self.policy.most_statements)
            into = assigned.signature_id
            for gone in assigned.merged:
                merged.setdefault(into, []).extend((gone, *merged.pop(gone, ())))
                if gone in told:
                    earlier = told.pop(gone)
                    told[into] = self.merge(told[into], earlier) if into in told else earlier
            told[into] = self.merge(told[into], pattern) if into in told else pattern
        return told, merged

    @staticmethod
    def _merges(
        service: str, start: int, merged: Mapping[str, list[str]], history: ServiceSignatures
    ) -> Iterable[SignatureMerged]:
        for signature_id, gone in sorted(merged.items()):
            yield SignatureMerged(
                event_id=content_id("merge", service, signature_id, *gone, start),
                service=service,
                signature_id=signature_id,
                merged=gone,
                template=_shown_template(history.clusters.clusters[signature_id].template),
                as_of=datetime.fromtimestamp(start + _WIDTH, UTC),
            )

    @staticmethod
    def _join(signature: Signature, gone: list[str], history: ServiceSignatures) -> list[str]:
        """Let a signature take over the counts of those that were merged into it."""
        for each in gone:
            other = history.known.pop(each, None)
            if other is not None:
                signature.first_bucket = min(signature.first_bucket, other.first_bucket)
                signature.first_at = min(signature.first_at, other.first_at)
                signature.is_new = signature.is_new and other.is_new
                signature.counts.joins(other.counts)
        return gone

    def left_out(self, history: ServiceSignatures) -> int:
        """Count the signatures that were dropped."""
        return history.overflow + history.clusters.overflow

    def _new(
        self, service: str, start: int, subject: str, pattern: PatternCount, signature: Signature,
        history: ServiceSignatures, joined: list[str],
    ) -> Iterable[Symptom]:  # fmt: skip
        policy = self.policy
        count = int(signature.counts.between(signature.first_bucket, start + 1))
        if pattern.severity in _FAILURES or count >= policy.new_at_least:
            signature.is_new = False
            yield self.symptom(
                service, start, int(signature.first_at), SymptomKind.NEW_SIGNATURE, subject,
                window_s=float(start + _WIDTH - signature.first_bucket),
                value=float(count), baseline=0.0, threshold=1.0, unit="lines", sample_size=count,
                score=round(surge_score(count, 0.0), 3), statistic="Anscombe-transformed Poisson count",
                concentration=pattern.concentration, merged=joined,
                lift=history.usual.lift(pattern.concentration, pattern.count),
                **_shown(signature, pattern.template, pattern.sample),
            )  # fmt: skip
        elif start - signature.first_bucket > policy.new_within.total_seconds():
            signature.is_new = False

    def _surge(
        self, service: str, start: int, subject: str, pattern: PatternCount, signature: Signature,
        history: ServiceSignatures, joined: list[str],
    ) -> Iterable[Symptom]:  # fmt: skip
        policy, counts = self.policy, signature.counts
        counts.lapses(start)  # buckets in which the pattern is absent are not judged
        if pattern.severity not in _BAD:
            return
        window = policy.window_buckets * _WIDTH
        since = start + _WIDTH - window
        from_ = max(since - HISTORY * _WIDTH, signature.counted_from)
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
                window_s=float(window), value=float(count),
                baseline=round(expected, 3), threshold=round(enough, 3), unit="lines", sample_size=count,
                score=round(score, 3), statistic="Anscombe-transformed Poisson count",
                concentration=pattern.concentration, merged=joined,
                lift=history.usual.lift(pattern.concentration, pattern.count),
                **_shown(signature, pattern.template, pattern.sample),
            )  # fmt: skip

    def _vanished(self, service: str, start: int, history: ServiceSignatures) -> Iterable[Symptom]:
        """Tell of signatures that are absent although their service, which has this bucket, logs on."""
        policy, end = self.policy, start + _WIDTH
        since = end - policy.absent_s
        gone = [
            name for name, each in history.known.items() if each.last_bucket < since and not each.is_missed
        ]
        for signature_id in sorted(gone):
            signature = history.known[signature_id]
            signature.is_missed = True
            from_ = max(since - HISTORY * _WIDTH, signature.first_bucket)
            totals = signature.counts.totals(from_, since, policy.absent_s)
            if len(totals) < policy.absent_after or not all(totals):
                continue
            lines = history.volume.lines.totals(from_, since, policy.absent_s)
            traffic = history.volume.lines.between(since, end) * len(lines) / max(1, sum(lines))
            score = absence_score(totals, min(1.0, traffic))
            if score < policy.absence_score:
                continue
            yield self.symptom(
                service, start, int(signature.last_at), SymptomKind.VANISHED_SIGNATURE, signature_id,
                window_s=float(policy.absent_s), value=0.0,
                baseline=round(sum(totals) / len(totals), 3), threshold=1.0, unit="lines",
                sample_size=sum(totals), score=round(score, 3), statistic="negative binomial absence",
                **(_shown(signature, signature.template, signature.sample) | {"severity": "unknown"}),
            )  # fmt: skip

    def _forget(self, history: ServiceSignatures) -> None:
        surplus = len(history.known) - self.policy.most_signatures
        if surplus > 0:
            oldest = sorted(history.known, key=lambda each: (history.known[each].last_bucket, each))
            for signature_id in oldest[:surplus]:
                del history.known[signature_id]
            history.overflow += surplus


def _shown(signature: Signature, template: str, sample: str) -> dict[str, Any]:
    """Give what a symptom tells of the signature itself; text and sample of a sensitive one are masked."""
    sensitive = list(sensitivities(signature.template))
    return {
        "severity": signature.severity,
        "text": _shown_template(template),
        "sample": masked_excerpt(sample) if sensitive else sample,
        "sensitive": sensitive,
        "first_seen_at": datetime.fromtimestamp(int(signature.first_at), UTC),
        "last_seen_at": datetime.fromtimestamp(int(signature.last_at), UTC),
    }


def _shown_template(template: str) -> str:
    return masked_excerpt(template) if sensitivities(template) else template
