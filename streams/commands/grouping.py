"""Which lines of a log belong to one statement, and which id does each line get?"""

from collections import deque
from collections.abc import Iterator
from typing import Literal

import msgspec

from detectors.intake.line import Line, line_of
from detectors.intake.otlp import is_batch, log_lines
from detectors.intake.redaction import Redactor
from detectors.intake.trace_assembly import Assembled, TraceAssembly
from detectors.mining.miner import LINES_REMEMBERED, SignatureMiner
from detectors.mining.pattern import key_of
from detectors.mining.recall import Recall
from detectors.mining.signature import Assignment
from models.record import InvalidRecordError

MOST_WAITING = 4_096
"""Lines that wait for their id, of all services together, while one may belong to a stack trace."""

MOST_SERVICES = 200
"""Services of a recording that are told apart; the lines of any other are mined as one."""

_UNASKED = "unknown"
"""Severity that is passed on so that none is guessed: the table has no use for it."""


class Group(msgspec.Struct):
    """What was logged by one statement, a stack trace once; lines are counted from 1 over all files."""

    count: int
    first: int
    last: int
    template: str
    example: str


class _Recorded(msgspec.Struct, tag="log", tag_field="kind"):
    """A log line of a recording of ours."""

    service: str
    body: str
    attributes: dict[str, msgspec.Raw] | None = None


class _OfRecording(msgspec.Struct):
    """Another event of a recording of ours: no line, but its place in the file counts."""

    kind: Literal["alert", "change", "feedback", "metric", "span"]
    timestamp: float | str
    service: str
    message: msgspec.UnsetType = msgspec.UNSET
    """A line with a message is a log line of somebody else's."""


class _Waiting(msgspec.Struct):
    """Something logged, until its signature is known."""

    number: int
    """Of its physical line."""
    is_first: bool
    """The first, for a batch, of its physical line."""
    signature_id: str = ""


class _Stream:
    """The lines of one service."""

    def __init__(self, service: str) -> None:
        self.miner = SignatureMiner(service)
        self.assembly = TraceAssembly()
        self.waiting: deque[_Waiting] = deque()


class Grouping:
    """Lines in their order, grouped by signature; each gets its id as soon as that is certain."""

    def __init__(self, redactor: Redactor, service: str = "") -> None:
        """Start with no line.

        Args:
            redactor: Takes out what must not be shown.
            service: Of the lines that do not say theirs.
        """
        self.groups: dict[str, Group] = {}
        """By signature id."""
        self.total = 0
        """What was logged: lines, a trace and each record of a batch once."""
        self._redactor = redactor
        self._service = service
        self._number = 0
        self._streams: dict[str, _Stream] = {}
        self._waiting: deque[_Waiting] = deque()
        self._plain: Recall[bytes, bool] = Recall(LINES_REMEMBERED)
        """Lines, digits aside, that stand alone as they are: nothing to unwrap, redact or assemble."""

    def add(self, text: str) -> None:
        """Take the next physical line."""
        self._number += 1
        key = key_of(text)
        known = self._streams.get(self._service)
        if (
            known is not None
            and known.assembly.held == 0
            and (self._plain.get(key) or self._plain.older(key))
        ):
            found = known.miner.add(text)
            self._count(found, self._number, self._number, text)
            self._waiting.append(_Waiting(self._number, True, found.signature_id))
            return
        for index, (service, line) in enumerate(self._logged(text)):
            stream = self._streams.get(service) or self._stream(service)
            waiting = _Waiting(self._number, index == 0)
            self._waiting.append(waiting)
            if line.identity is None:
                stream.waiting.append(waiting)
                body = self._redactor.redact(line.body)
                for each in stream.assembly.feed(body):
                    self._settle(stream, each)
                if body is text and stream.assembly.held == 0 and not self._redactor.depends_on_digits(text):
                    self._plain.offer(key, True)
            else:
                self._close(stream)
                stream.waiting.append(waiting)
                redact = self._redactor.redact
                self._settle(stream, Assembled([redact(line.body)], redact(line.identity)))
        if len(self._waiting) > MOST_WAITING:
            self.close()

    def close(self) -> None:
        """Wait for nothing more of what may be a stack trace."""
        for stream in self._streams.values():
            self._close(stream)

    def ids(self) -> Iterator[str]:
        """Give the ids of the lines that have theirs and were not given yet, in order."""
        waiting = self._waiting
        while waiting and waiting[0].signature_id:
            known = waiting.popleft()
            if known.is_first:
                yield known.signature_id

    def _logged(self, text: str) -> list[tuple[str, Line]]:
        if text[:1] == "{":
            data = text.encode("utf-8", "replace")
            try:
                if is_batch(data):
                    sent = [(each["service"], each["body"], each["attributes"]) for each in log_lines(data)]
                    if sent:
                        return [(str(of), line_of(body, _UNASKED, other)) for of, body, other in sent]
                if '"kind"' in text and '"log"' in text:
                    recorded = msgspec.json.decode(data, type=_Recorded)
                    return [(recorded.service, line_of(recorded.body, _UNASKED, _plain(recorded)))]
                if '"kind"' in text:
                    event = msgspec.json.decode(data, type=_OfRecording)
                    return [(self._service, Line(f"({event.kind}, no line)", _UNASKED, {}))]
            except (InvalidRecordError, msgspec.DecodeError, RecursionError):
                pass
        return [(self._service, line_of(text, _UNASKED))]

    def _stream(self, service: str) -> _Stream:
        if len(self._streams) >= MOST_SERVICES:
            service = ""
        return self._streams.setdefault(service, _Stream(service))

    def _close(self, stream: _Stream) -> None:
        for each in stream.assembly.close():
            self._settle(stream, each)

    def _settle(self, stream: _Stream, told: Assembled) -> None:
        found = stream.miner.add(told.identity or told.lines[0])
        own = [stream.waiting.popleft() for _ in told.lines]
        for each in own:
            each.signature_id = found.signature_id
        if told.continues and found.signature_id in self.groups:
            self.groups[found.signature_id].last = own[-1].number
        else:
            self._count(found, own[0].number, own[-1].number, _example(told))

    def _count(self, found: Assignment, first: int, last: int, example: str) -> None:
        self.total += 1
        for gone in found.merged:
            self._merge(gone, found.signature_id)
        group = self.groups.get(found.signature_id)
        if group is None:
            self.groups[found.signature_id] = Group(1, first, last, found.template, example)
        else:
            group.count += 1
            group.last = last

    def _merge(self, gone: str, into: str) -> None:
        old = self.groups.pop(gone, None)
        if old is None:
            return
        kept = self.groups.setdefault(into, old)
        if kept is not old:
            kept.count += old.count
            kept.first = min(kept.first, old.first)
            kept.last = max(kept.last, old.last)


def _plain(recorded: _Recorded) -> dict[str, str]:
    return {key: str(msgspec.json.decode(raw)) for key, raw in (recorded.attributes or {}).items()}


def _example(told: Assembled) -> str:
    """Give the line, of a trace the one that names the fault."""
    if told.identity is None:
        return told.lines[0]
    lines = "\n".join(told.lines).split("\n")
    fault = told.identity.partition("←")[0]
    return next((each for each in lines if fault in each), lines[0])
