"""Which signatures of a service's log lines are new, and which surge, which have vanished?"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from detectors.intake.bucket import BUCKET
from detectors.intake.concentration import known_places
from detectors.intake.lexicon import masked_excerpt, sensitivities, shown
from detectors.intake.pattern_tally import merge_patterns, places_of
from detectors.mining.signature import OVERFLOW
from detectors.symptoms import deploy_comparison
from detectors.symptoms.absence import absence
from detectors.symptoms.bucket_stage import BucketStage, ServiceState, Told
from detectors.symptoms.new_signature import POLICY, novelty
from detectors.symptoms.signature_clustering import cluster, merges
from detectors.symptoms.signature_history import ServiceSignatures, Signature, first_seen
from detectors.symptoms.surge import surge
from models import topic
from models.chunk import LogPatterns, PatternCount
from models.event import Change
from models.record import content_id
from models.signal import Symptom, SymptomKind
from models.tick import Tick
from models.topic import Outgoing, path_name

_WIDTH = int(BUCKET.total_seconds())


class LogSignatures(BucketStage[PatternCount, ServiceSignatures]):
    """Patterns of a service in; symptoms of new, surging and vanished signatures out."""

    table = "log-signatures"
    source = topic.LOG_PATTERNS
    inputs = topic.LOGS
    record_type = LogPatterns | Change | Tick
    state_type = ServiceState[PatternCount, ServiceSignatures]

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
        start = deadline - _WIDTH
        if history.volume.deadline == deadline:
            silence = history.volume.silence()
            if silence is not None:
                onset = silence.pop("onset")
                yield self.symptom(service, start, onset, SymptomKind.SILENT_SERVICE, "log lines", **silence)
        elif (found := deploy_comparison.step(history.changes, history.known)) is not None:
            change, compared = found
            kind = SymptomKind.DEPLOY_COMPARISON
            yield self.symptom(service, start, change.since, kind, change.change_id, **compared.told(change))

    def renewed(self, history: ServiceSignatures) -> ServiceSignatures:
        """Keep the changes that wait."""
        return ServiceSignatures(changes=history.changes)

    def left_out(self, history: ServiceSignatures) -> int:
        """Count the signatures that were dropped."""
        return history.left_out

    def judge(
        self, service: str, start: int, contents: Mapping[str, PatternCount], history: ServiceSignatures
    ) -> Iterable[Told]:
        """Judge the signatures of a bucket in the order in which they were first seen."""
        first_bucket = history.first_bucket = start if history.first_bucket is None else history.first_bucket
        before = set(history.clusters.clusters)
        told, merged = cluster(service, contents, history.clusters)
        yield from merges(service, start, merged, history.clusters)
        errors = sum(each.errors for each in contents.values())
        history.pauses.hear(start, start + _WIDTH)
        history.volume.add(start, sum(each.count for each in contents.values()), errors)
        if (shift := history.volume.shift(start)) is not None:
            onset = shift.pop("onset")
            yield self.symptom(service, start, onset, SymptomKind.ERROR_SHARE, "error lines", **shift)
        other = content_id("signature", service, OVERFLOW)
        for signature_id, pattern in told.items():
            signature = history.known.get(signature_id)
            if signature is None:
                learned = start - first_bucket >= POLICY.learning.total_seconds()
                is_first = signature_id not in before
                signature = history.known[signature_id] = first_seen(
                    start, pattern, is_new=learned and is_first and signature_id != other,
                    counted_from=first_bucket if is_first else start,
                )  # fmt: skip
            joined = merged.get(signature_id, [])
            for each in joined:
                if (joining := history.known.pop(each, None)) is not None:
                    signature.join(joining)
            deploy_comparison.join(history.changes, signature_id, joined)
            gone = signature.counts.end
            signature.add(start, pattern, start - gone - history.pauses.length(gone, start))
            deploy_comparison.count(
                history.changes, start, signature_id, pattern.concentration.get("version", {})
            )
            lies = known_places(places_of(pattern))
            for kind, seen in (
                (SymptomKind.NEW_SIGNATURE, novelty(signature, start, pattern, first_bucket)),
                (SymptomKind.SURGING_SIGNATURE, surge(signature, start, pattern, history.pauses)),
            ):
                if seen is not None:
                    yield self.symptom(
                        service, start, seen.pop("onset"), kind, signature_id, merged=joined,
                        concentration=lies, lift=history.usual.lift(lies, pattern.count),
                        severity=signature.severity,
                        **seen, **_shown(signature, pattern.template, pattern.sample),
                    )  # fmt: skip
        yield from self._vanished(service, start, history)
        for pattern in told.values():
            history.usual.add(places_of(pattern), pattern.count)
        history.forget()

    def _vanished(self, service: str, start: int, history: ServiceSignatures) -> Iterable[Symptom]:
        """Tell of signatures that are absent although their service, which has this bucket, logs on."""
        for signature_id in sorted(history.known):
            signature = history.known[signature_id]
            seen = absence(signature, start + _WIDTH, history.volume.lines, history.pauses)
            if seen is not None:
                yield self.symptom(
                    service, start, seen.pop("onset"), SymptomKind.VANISHED_SIGNATURE, signature_id, **seen,
                    **_shown(signature, signature.template, signature.sample),
                )  # fmt: skip


def _shown(signature: Signature, template: str, sample: str) -> dict[str, Any]:
    """Give what a symptom tells of the signature itself; text and sample of a sensitive one are masked."""
    sensitive = list(sensitivities(signature.template))
    return {
        "text": shown(template),
        "sample": masked_excerpt(sample) if sensitive else sample,
        "sensitive": sensitive,
        "first_seen_at": datetime.fromtimestamp(int(signature.first_at), UTC),
        "last_seen_at": datetime.fromtimestamp(int(signature.last_at), UTC),
    }
