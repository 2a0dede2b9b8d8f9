"""What spans does a request leave behind, from the outermost service to the innermost?"""

import random
from dataclasses import dataclass

from tests.golden.parameter import Parameters
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble

HOP_MS = (0.3, 1.4)
"""One way over the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation of one service, with what it calls in turn."""

    service: str
    operation: str
    own_ms: float
    """Median time spent in the service itself."""
    error_ratio: float = 0.001
    calls: tuple["Call", ...] = ()
    trouble: Trouble | None = None
    troubled_error_ratio: float = 0.0
    slower: float = 1.0
    """Factor on its own time when the trouble is at its worst."""
    timeout_ms: float | None = None
    """After which its caller gives up."""
    attempts: int = 1
    """How often its caller tries."""
    optional: bool = False
    """Its caller succeeds without it."""
    external: bool = False
    """It sends no spans of its own: only its caller's client span tells of it."""
    error_line: str | None = None
    """The log line that it writes with a failed request."""
    ok_line: str | None = None


def tell_requests(story: Story, outermost: Call, per_minute: float, stretch: Stretch) -> None:
    """Write the traces of a stretch at a steady rate."""
    chance = story.chance(f"requests {outermost.service} {outermost.operation} from {stretch.start}")
    minute = stretch.start
    while minute < stretch.end:
        at = minute + chance.uniform(0.0, 0.9) / per_minute
        _Request(story, chance).serve(outermost, at * 60_000, None)
        minute += 1 / per_minute


class _Request:
    """One trace while it is being written; moments are milliseconds of the story."""

    def __init__(self, story: Story, chance: random.Random) -> None:
        self._story = story
        self._chance = chance
        self._trace_id = f"{chance.getrandbits(128):032x}"

    def serve(self, call: Call, at_ms: float, parent: str | None) -> tuple[float, bool]:
        """Write the spans of a call; give how long it took and whether it went well."""
        bad = call.trouble.at(at_ms / 60_000) if call.trouble else 0.0
        span_id = f"{self._chance.getrandbits(64):016x}"
        own_ms = call.own_ms * self._chance.lognormvariate(0, 0.25) * (1 + (call.slower - 1) * bad)
        ok = self._chance.random() >= max(call.error_ratio, call.troubled_error_ratio * bad)
        elapsed_ms = own_ms * 0.4
        for called in call.calls:
            took_ms, went_well = self._try(call, called, at_ms + elapsed_ms, span_id)
            elapsed_ms += took_ms
            ok = ok and (went_well or called.optional)
        elapsed_ms += own_ms * 0.6
        if not call.external:
            self._span(
                call.service,
                call.operation,
                at_ms=at_ms,
                duration_ms=elapsed_ms,
                ok=ok,
                span_id=span_id,
                parent=parent,
                side="server",
            )
            line = call.ok_line if ok else call.error_line
            if line:
                body = line.format_map(Parameters(self._chance))
                self._log(at_ms + elapsed_ms, call.service, "INFO" if ok else "ERROR", body, span_id)
        return elapsed_ms, ok

    def _try(self, caller: Call, called: Call, at_ms: float, parent: str) -> tuple[float, bool]:
        elapsed_ms, ok = 0.0, False
        for _ in range(called.attempts):
            client_id = f"{self._chance.getrandbits(64):016x}"
            there_ms, back_ms = self._chance.uniform(*HOP_MS), self._chance.uniform(*HOP_MS)
            served_ms, ok = self.serve(called, at_ms + elapsed_ms + there_ms, client_id)
            took_ms = there_ms + served_ms + back_ms
            if called.timeout_ms is not None and took_ms > called.timeout_ms:
                took_ms, ok = called.timeout_ms, False
            self._span(
                caller.service,
                f"call {called.service}",
                at_ms=at_ms + elapsed_ms,
                duration_ms=took_ms,
                ok=ok,
                span_id=client_id,
                parent=parent,
                side="client",
                peer=called.service,
            )
            elapsed_ms += took_ms
            if ok:
                break
        return elapsed_ms, ok

    def _span(
        self,
        service: str,
        name: str,
        *,
        at_ms: float,
        duration_ms: float,
        ok: bool,
        span_id: str,
        parent: str | None,
        side: str,
        peer: str | None = None,
    ) -> None:
        self._story.tell(
            at_ms / 60_000,
            "span",
            service=service,
            name=name,
            duration_ms=round(duration_ms, 2),
            status="ok" if ok else "error",
            trace_id=self._trace_id,
            span_id=span_id,
            parent_span_id=parent,
            peer_service=peer,
            attributes={"span.kind": side},
        )

    def _log(self, at_ms: float, service: str, severity: str, body: str, span_id: str) -> None:
        self._story.log(at_ms / 60_000, service, severity, body, trace_id=self._trace_id, span_id=span_id)
