"""In which order are the signals of a scope decided? One order, by event time, whatever way they came."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from detectors.flow.stage import Counts
from detectors.incidents import ending, history, lifecycle
from detectors.incidents.memory import remembered
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.publication import Rules
from detectors.incidents.state import ScopeState
from detectors.oncall import NO_SCHEDULE, OnCallSchedule
from detectors.topology import Catalog
from models import topic
from models.policy import Policy
from models.signal import Signal, SignalRecord
from models.topic import Outgoing, path_name

RULES_VERSION = "7"
"""Raised when a rule in the code changes what is concluded from the same signals; the rules of the policy
stand behind it by their digest, as in 5+1a2b3c4d."""

_SEEN_LIMIT = 5_000
"""Event ids remembered per scope: some 110 kB, and as many as the intake may send again after a crash."""

_MOST_PENDING = 12_000
"""Signals that may wait in a scope, some 6 MB; from then on the earliest is decided before its time."""

_RETENTION = timedelta(hours=24)
"""A scope that has been silent for so long (event time), with no open incident, is forgotten; one whose
responders judged alert rules only after `LIFECYCLE.learned`."""


class Correlator:
    """Signals of a scope in; everything about its incidents out.

    Signals wait in event-time order until the clock has passed them. Then they are decided one by
    one, together with the deadlines that fall between them, each at its own event time. A signal
    older than what has been decided is late: it is taken into account at once, counted, and does
    not move time back.
    """

    table = "scopes"
    source = topic.SIGNALS
    ticks_to: str | None = None
    record_type: Any = SignalRecord
    state_type = ScopeState

    def __init__(
        self, catalog: Callable[[], Catalog], policy: Policy, oncall: OnCallSchedule = NO_SCHEDULE
    ) -> None:
        """Ask the catalog as it stands at each decision; policy and schedules hold as long as the worker."""
        self._catalog = catalog
        self._policy = policy
        self._oncall = oncall
        self._version = f"{RULES_VERSION}+{policy.digest}"

    def paths(self, partitions: int) -> tuple[str, ...]:
        """Name everything that puts signals on our topic."""
        return input_paths(partitions)

    def start(self, key: str) -> ScopeState:
        """Give the state of a scope that is seen for the first time."""
        return ScopeState(scope=key)

    def fold(self, state: ScopeState, record: Signal) -> list[Outgoing]:
        """Put a signal in its place in time; a repetition is dropped, a late one is decided at once."""
        if not _note_seen(state, record):
            state.repeated += 1
            return []
        signal = remembered(record)
        if state.decided_until is not None and signal.timestamp < state.decided_until:
            state.late += 1
            return list(lifecycle.decide(state, signal, state.decided_until, self._rules()))
        order = (signal.timestamp, signal.event_id)
        place = bisect_left(state.pending, order, key=lambda each: (each.timestamp, each.event_id))
        state.pending.insert(place, signal)
        if len(state.pending) > _MOST_PENDING:
            state.left_out += 1
            return list(self.advance(state, state.pending[0].timestamp + timedelta.resolution))
        return []

    def due_at(self, state: ScopeState) -> datetime | None:
        """Give the time of the next signal or deadline, or when the scope may be forgotten."""
        moments = [each for each in (_next_signal_at(state), ending.deadline(state)) if each is not None]
        if moments:
            return min(moments)
        return _forgotten_at(state)

    def advance(self, state: ScopeState, now: datetime) -> Iterable[Outgoing]:
        """Decide all signals and deadlines before now; at the same moment signals come first."""
        rules = self._rules()
        while True:
            signal_at, deadline_at = _next_signal_at(state), ending.deadline(state)
            moment = min((each for each in (signal_at, deadline_at) if each is not None), default=None)
            if moment is None or moment >= now:
                return
            as_of = moment if state.decided_until is None else max(moment, state.decided_until)
            state.decided_until = as_of
            if moment == signal_at:
                yield from lifecycle.decide(state, state.pending.pop(0), as_of, rules)
            else:
                yield from ending.fire(state, as_of, rules)

    def counts(self, state: ScopeState) -> Counts:
        """Count late signals, what incidents left out, and the incidents that are not closed."""
        left_out = state.left_out + sum(each.left_out for each in state.incidents)
        real = sum(not each.noise for each in state.incidents)
        return Counts(late=state.late, left_out=left_out, open_incidents=real, unmatched=state.unmatched)

    def is_spent(self, state: ScopeState, now: datetime) -> bool:
        """Tell whether nothing of the scope is open and it has been silent for the retention."""
        forgotten_at = _forgotten_at(state)
        return forgotten_at is not None and forgotten_at < now and not state.pending and not state.incidents

    def _rules(self) -> Rules:
        return Rules(self._catalog(), self._policy, self._version, self._oncall)


def input_paths(partitions: int) -> tuple[str, ...]:
    """Name everything that puts signals on the topic of a scope, over so many partitions."""
    sources = (
        *topic.DIRECT,
        topic.LOG_PATTERNS,
        topic.METRIC_BUCKETS,
        topic.SPAN_BUCKETS,
        topic.TRACE_SAMPLES,
    )
    return tuple(path_name(source, number) for source in sources for number in range(partitions))


def _forgotten_at(state: ScopeState) -> datetime | None:
    """Give when a scope with nothing open may be forgotten; its earlier incidents are remembered longer."""
    if state.decided_until is None:
        return None
    silent_until = state.decided_until + (LIFECYCLE.learned if state.precision else _RETENTION)
    return max(silent_until, history.forgotten_at(state) or silent_until)


def _next_signal_at(state: ScopeState) -> datetime | None:
    return state.pending[0].timestamp if state.pending else None


def _note_seen(state: ScopeState, signal: Signal) -> bool:
    identity = f"{signal.event_id} {signal.timestamp.timestamp()}".encode()
    digest = int.from_bytes(blake2b(identity, digest_size=7).digest())
    if digest in state.seen:
        return False
    state.seen[digest] = 1
    if len(state.seen) > _SEEN_LIMIT:
        del state.seen[next(iter(state.seen))]
    return True
