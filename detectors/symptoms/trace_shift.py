"""Which requests no longer go their usual way, and which calls lose time between two services?"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from detectors.intake.bucket import BUCKET
from detectors.intake.trace_sample import merge_traces, smallest_traces
from detectors.symptoms import network_gap, request_flow
from detectors.symptoms.bucket_stage import TELL_EVERY_S, BucketStage, ServiceState
from detectors.symptoms.network_gap import Edge
from detectors.symptoms.request import Request, requests_of
from detectors.symptoms.request_flow import Entry
from models import topic
from models.chunk import TracePart, TraceSamples
from models.signal import Symptom, SymptomKind
from models.tick import Tick
from models.topic import path_name

_WIDTH = int(BUCKET.total_seconds())
_PERCENT = 100.0
_STATISTIC = "root of twice the binomial log-likelihood ratio"

_MOST_ENTRIES = 400
"""Operations of a scope by which requests enter its services: some 2 kB each; the longest unused goes."""
_MOST_MARKS = 6_000
"""Marks of all operations of a scope: some 200 bytes each."""
_LONGEST_WAIT_S = 60
"""So long a trace is waited for whose spans say that it goes on: callers seldom wait longer."""
_MOST_EDGES = 300
"""Pairs of caller and callee of a scope: some 1 kB each."""
_ALL = "\n"
"""The entry under which all traces of the scope are counted; it comes first in order."""

_STRONGER = 2.0
"""A break is told again before its time when the statistic has doubled: the first sighting is faint."""


class Waiting(msgspec.Struct):
    """A trace that may go on: its spans say how long."""

    since: int
    """Start of the bucket in which it began (epoch seconds)."""
    part: TracePart

    def is_complete(self, start: int) -> bool:
        """Tell whether it can have no more to tell when the bucket begins, or has waited long enough."""
        ends = max((each.started_ms + each.duration_ms for each in self.part.spans.values()), default=0.0)
        return self.since < start and (ends < start * 1_000 or start - self.since >= _LONGEST_WAIT_S)


class ScopeFlows(msgspec.Struct):
    """How requests go through the services of one scope."""

    entries: dict[str, Entry] = {}
    """By service and entering operation, joined by a line feed."""
    edges: dict[str, Edge] = {}
    """By caller and callee, joined by a line feed."""
    waiting: dict[str, Waiting] = {}
    """Traces that may go on."""
    judged_until: int = 0
    """Start of the latest bucket that was judged (epoch seconds)."""
    latest: int = 0
    """Start of the latest bucket in which a trace began."""
    overflow: int = 0


class TraceShifts(BucketStage[TracePart, ScopeFlows]):
    """Sampled traces of a scope in; symptoms of broken flows and of widened gaps out.

    A trace is judged when its spans say that it is over, at the earliest one bucket after it began.
    """

    table = "trace-shifts"
    source = topic.TRACE_SAMPLES
    inputs = topic.SPANS
    record_type = TraceSamples | Tick
    state_type = ServiceState[TracePart, ScopeFlows]

    def paths(self, partitions: int) -> tuple[str, ...]:
        """Name the input partitions that bring spans, and those that bring lines."""
        lines = tuple(path_name(topic.LOGS, number) for number in range(partitions))
        return super().paths(partitions) + lines

    def merge(self, one: TracePart, other: TracePart) -> TracePart:
        """Give what both know of a trace."""
        return merge_traces(one, other)

    def kept(self, contents: dict[str, TracePart]) -> dict[str, TracePart]:
        """Give the traces with the smallest hashes, as many as fit."""
        return smallest_traces(contents)

    def empty(self) -> ScopeFlows:
        """Give no flows."""
        return ScopeFlows()

    def left_out(self, history: ScopeFlows) -> int:
        """Count operations, marks and pairs that were dropped."""
        return history.overflow + sum(each.left_out for each in history.entries.values())

    def judge(
        self, service: str, start: int, contents: Mapping[str, TracePart], history: ScopeFlows
    ) -> Iterable[Symptom]:
        """Judge the traces that began in the bucket before; those that go on from it are completed first."""
        if start <= history.judged_until:
            history.overflow += len(contents)  # late: its time was judged when it seemed silent
            return
        for trace_id, part in contents.items():
            waits = history.waiting.get(trace_id)
            begun, known = (start, part) if waits is None else (waits.since, merge_traces(waits.part, part))
            history.waiting[trace_id] = Waiting(begun, known)
        complete = [name for name, each in history.waiting.items() if each.is_complete(start)]
        traces = {name: history.waiting.pop(name).part for name in complete}
        kept = smallest_traces({name: each.part for name, each in history.waiting.items()})
        history.overflow += len(history.waiting) - len(kept)
        history.waiting = {name: history.waiting[name] for name in sorted(kept)}
        judged, history.judged_until = start - _WIDTH, start
        if contents:
            history.latest = start
        yield from self._flows(service, judged, start, traces, history)
        yield from self._gaps(service, judged, start, traces, history)

    def deadline(self, history: ScopeFlows) -> int | None:
        """Give the end of the next bucket while traces wait or recent requests are still judged."""
        is_over = history.judged_until > history.latest + request_flow.RECENT_S + _LONGEST_WAIT_S
        return None if is_over or not history.latest else history.judged_until + 2 * _WIDTH

    def settle(self, service: str, deadline: int, history: ScopeFlows) -> Iterable[Symptom]:
        """Judge a bucket in which no trace began: what was in hand is complete, and older requests go."""
        return self.judge(service, deadline - _WIDTH, {}, history)

    def _flows(
        self, scope: str, start: int, now: int, traces: Mapping[str, TracePart], history: ScopeFlows
    ) -> Iterable[Symptom]:
        by_entry: dict[str, list[Request]] = {}
        for trace_id in sorted(traces):
            by_entry.setdefault(_ALL, []).append(Request("", "", frozenset()))
            for request in requests_of(traces[trace_id]):
                by_entry.setdefault(f"{request.service}\n{request.entry}", []).append(request)
        for key in sorted({*by_entry, _ALL}):
            entry = history.entries.pop(key, None)  # the latest used stands last
            history.entries[key] = Entry() if entry is None else entry
        for key in sorted(history.entries):
            entry = history.entries[key]
            if not entry.starts and key not in by_entry:
                continue
            request_flow.add(entry, start, by_entry.get(key, ()))
            found = request_flow.broken(entry, history.entries[_ALL]) if key != _ALL else None
            if found is None or not _is_due(entry, start, found.g):
                continue
            entry.told, entry.told_g = start, found.g
            service, _, operation = key.partition("\n")
            yield self._told(
                scope, service, now, found.onset, SymptomKind.FLOW_BREAK, operation or "log lines",
                peer=found.gives_up_after, text=request_flow.told_as(found),
                window_s=float(found.window_s), value=_percent(found.share),
                baseline=_percent(found.usual), threshold=_percent(_limit(found)), unit="%",
                sample_size=found.requests, score=round(found.score, 3), sample=found.name,
                statistic=_STATISTIC,
            )  # fmt: skip
        marks = sum(len(each.marks) for each in history.entries.values())
        while len(history.entries) > _MOST_ENTRIES or marks > _MOST_MARKS:
            marks -= len(next(iter(history.entries.values())).marks)
            del history.entries[next(iter(history.entries))]
            history.overflow += 1

    def _gaps(
        self, scope: str, start: int, now: int, traces: Mapping[str, TracePart], history: ScopeFlows
    ) -> Iterable[Symptom]:
        by_edge: dict[str, list[float]] = {}
        for trace_id in sorted(traces):
            for (caller, callee), gaps in network_gap.gaps_of(traces[trace_id]).items():
                by_edge.setdefault(f"{caller}\n{callee}", []).extend(gaps)
        in_scope = network_gap.usual_of(history.edges.values())
        for key in sorted(by_edge):
            edge = history.edges.pop(key, None) or Edge()
            history.edges[key] = edge
            network_gap.add(edge, start, by_edge[key])
            found = network_gap.widened(edge, in_scope)
            if found is None or not _is_due(edge, start, found.g):
                continue
            edge.told, edge.told_g = start, found.g
            caller, _, callee = key.partition("\n")
            yield self._told(
                scope, caller, now, found.onset, SymptomKind.NETWORK_GAP, f"calls of {callee}",
                peer=callee, text=f"time between {caller} and {callee}",
                window_s=float(found.window_s), value=round(found.value_ms, 1),
                baseline=round(found.usual_ms, 1), threshold=round(found.limit_ms, 1), unit="ms",
                sample_size=found.calls, score=round(found.score, 3), statistic=_STATISTIC,
            )  # fmt: skip
        while len(history.edges) > _MOST_EDGES:
            del history.edges[next(iter(history.edges))]
            history.overflow += 1

    def _told(
        self, scope: str, service: str, start: int, onset: int, kind: SymptomKind, subject: str, **seen: Any
    ) -> Symptom:
        found = self.symptom(service, start, onset, kind, subject, **seen)
        sources = [each.replace(f"/{service}/", f"/{scope}/", 1) for each in found.sources]
        return msgspec.structs.replace(found, sources=sources)


def _is_due(deviating: Entry | Edge, start: int, g: float) -> bool:
    if g >= _STRONGER * deviating.told_g:
        return True
    return deviating.told is None or start - deviating.told >= TELL_EVERY_S


def _limit(found: request_flow.Break) -> float:
    effect = request_flow.LEAST_EFFECT
    return found.usual + effect if found.share > found.usual else found.usual - effect


def _percent(share: float) -> float:
    return round(_PERCENT * share, 1)
