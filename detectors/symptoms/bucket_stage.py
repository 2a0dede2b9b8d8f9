"""How do folded chunks of a service become buckets that are judged once, when they are complete?"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from detectors.flow.ledger import Buckets, Ledger, merge_into
from detectors.flow.stage import Counts
from detectors.intake.bucket import BUCKET, smallest
from detectors.topology import Catalog
from models import topic
from models.chunk import PatternCount, Sketch, SpanStats, TracePart
from models.event_time import rfc3339
from models.record import content_id
from models.signal import Symptom, SymptomKind
from models.signature import SignatureMerged
from models.topic import Outgoing, path_name

C = TypeVar("C", bound=PatternCount | Sketch | SpanStats | TracePart)
H = TypeVar("H")

Told = Symptom | SignatureMerged
"""What judging a bucket may give."""

RETENTION = timedelta(hours=24)
"""A service that has been silent for so long (event time) is forgotten."""

TELL_EVERY_S = 60
"""A deviation that goes on is told again after so many seconds of event time: silence looks like its end."""

_WIDTH = int(BUCKET.total_seconds())


class ServiceState(msgspec.Struct, Generic[C, H]):
    """What one service has sent: the open buckets, and what is remembered of the closed ones."""

    service: str
    ledger: Ledger[C]
    history: H
    closed_until: int = 0
    """End of the latest bucket that was judged (epoch seconds)."""
    late: int = 0
    """Contents that came for a bucket that had been judged: not counted, but known."""
    left_out: int = 0
    """Contents beyond what one bucket may hold."""


class BucketStage(Generic[C, H]):
    """Judges each bucket of each service once, in order, when the clock has passed its end."""

    table: str
    source: str
    inputs: str
    """Topic whose partitions bring records, by way of the intake."""
    record_type: Any
    state_type: Any
    ticks_to: str | None = topic.SIGNALS

    def __init__(self, catalog: Callable[[], Catalog]) -> None:
        """Ask the catalog, as it stands when a symptom is sent, for the scope of a service."""
        self._catalog = catalog

    def merge(self, one: C, other: C) -> C:
        """Give both contents as one; commutative and associative."""
        raise NotImplementedError

    def kept(self, contents: dict[str, C]) -> dict[str, C]:
        """Give of a bucket what it may hold: never less of a part of it than of the whole."""
        return smallest(contents)

    def empty(self) -> H:
        """Give the history of a service that has none."""
        raise NotImplementedError

    def judge(self, service: str, start: int, contents: Mapping[str, C], history: H) -> Iterable[Told]:
        """Judge a complete bucket against the history, and add it to that."""
        raise NotImplementedError

    def paths(self, partitions: int) -> tuple[str, ...]:
        """Name the input partitions that bring records."""
        return tuple(path_name(self.inputs, number) for number in range(partitions))

    def start(self, key: str) -> ServiceState[C, H]:
        """Give the state of a service that is seen for the first time."""
        return ServiceState(service=key, ledger=Ledger(), history=self.empty())

    def fold(self, state: ServiceState[C, H], record: Any) -> Iterable[Outgoing]:
        """Take a folded chunk in; what belongs to a judged bucket is late and only counted."""
        buckets = {start: each for start, each in record.buckets.items() if start >= state.closed_until}
        if state.ledger.admit(record.chunk, buckets, self.merge):
            state.late += sum(len(each) for start, each in record.buckets.items() if start not in buckets)
            state.left_out += record.left_out + sum(self._bound(state.ledger, start) for start in buckets)
        return ()

    def _bound(self, ledger: Ledger[C], start: int) -> int:
        """Keep of a bucket only what it may hold, whichever partitions told of it; count what goes."""
        told = [each for each in (ledger.settled, *(each.buckets for each in ledger.latest.values()))
                if start in each]  # fmt: skip
        together: Buckets[C] = {}
        for each in told:
            merge_into(together, {start: each[start]}, self.merge)
        kept = self.kept(together[start])
        if len(kept) == len(together[start]):
            return 0
        for each in told:
            each[start] = {name: content for name, content in each[start].items() if name in kept}
        return len(together[start]) - len(kept)

    def due_at(self, state: ServiceState[C, H]) -> datetime | None:
        """Give the end of the earliest open bucket, the next deadline, or when it may be forgotten."""
        earliest, deadline = state.ledger.earliest(), self.deadline(state.history)
        ends = [] if earliest is None else [earliest + _WIDTH]
        ends += [] if deadline is None else [deadline]
        if ends:
            return datetime.fromtimestamp(min(ends), UTC)
        return datetime.fromtimestamp(state.closed_until, UTC) + RETENTION

    def advance(self, state: ServiceState[C, H], now: datetime) -> Iterable[Outgoing]:
        """Judge the buckets that ended before now, the earliest first."""
        until = now.timestamp()
        while True:
            start, deadline = state.ledger.earliest(), self.deadline(state.history)
            if deadline is not None and deadline < until and (start is None or start + _WIDTH > deadline):
                for told in self.settle(state.service, deadline, state.history):
                    yield self._sent(told)
                continue
            if start is None or start + _WIDTH >= until:
                return
            contents = self.kept(state.ledger.take(start, self.merge))
            if start - state.closed_until >= RETENTION.total_seconds():
                # The same whether a tick fell into the silence and let the state be forgotten, or not.
                state.history = self.renewed(state.history)
            state.closed_until = max(state.closed_until, start + _WIDTH)
            for told in self.judge(state.service, start, contents, state.history):
                yield self._sent(told)

    def _sent(self, told: Told) -> Outgoing:
        """Address what was told: a symptom to the scope of its service, a fact to whoever reads it."""
        if isinstance(told, SignatureMerged):
            return Outgoing(topic=topic.LOG_SIGNATURES, key=told.service, value=told)
        scope = self._catalog().scope_of(told.service, told.timestamp)
        return Outgoing(topic=topic.SIGNALS, key=scope, value=told)

    def deadline(self, history: H) -> int | None:
        """Give the next moment, a bucket's end in epoch seconds, at which something is due by itself."""
        return None

    def settle(self, service: str, deadline: int, history: H) -> Iterable[Told]:
        """Do what is due at the deadline, when all buckets up to it are judged; it is over with that."""
        raise NotImplementedError

    def renewed(self, history: H) -> H:
        """Give the history after a silence of the retention: nothing but what still has a deadline."""
        return self.empty()

    def counts(self, state: ServiceState[C, H]) -> Counts:
        """Count late contents, and what the history did not keep."""
        return Counts(late=state.late, left_out=state.left_out + self.left_out(state.history))

    def left_out(self, history: H) -> int:
        """Count what the history did not keep, to stay bounded."""
        raise NotImplementedError

    def is_spent(self, state: ServiceState[C, H], now: datetime) -> bool:
        """Tell whether the service has been silent for the retention."""
        return (
            state.ledger.earliest() is None
            and self.deadline(state.history) is None
            and datetime.fromtimestamp(state.closed_until, UTC) + RETENTION < now
        )

    def symptom(
        self, service: str, start: int, onset: int, kind: SymptomKind, subject: str, **seen: Any
    ) -> Symptom:
        """Make the symptom of a bucket: known at the bucket's end, under an id that follows from it."""
        return Symptom(
            timestamp=datetime.fromtimestamp(start + _WIDTH, UTC),
            event_id=content_id("symptom", service, kind, subject, start),
            service=service,
            symptom_kind=kind,
            subject=subject,
            onset_at=datetime.fromtimestamp(onset, UTC),
            sources=[f"{self.source}/{service}/{rfc3339(datetime.fromtimestamp(start, UTC))}"],
            **seen,
        )
