"""Why does a ranking say what it says? The evidence table of each candidate, as a person reads it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.cause import Argument, Candidate, Causes
from models.evidence import Evidence
from models.record import InvalidRecordError, decode
from models.topic import CAUSES, EVIDENCE
from models.triage import Difference
from streams.terminal.terminal_text import clock_text, foreign, moment_text

READ = (CAUSES, EVIDENCE)
_SHOWN_EVIDENCE = 4
"""Pieces of evidence shown for one argument; the rest is counted."""


@dataclass
class Explanations:
    """The newest ranking of each incident and all evidence, whatever the order in which they come."""

    causes: dict[str, Causes] = field(default_factory=dict)
    evidence: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    """By incident and evidence id."""
    unreadable: int = 0
    """Records that are none of ours."""

    def apply(self, topic: str, value: bytes | None) -> None:
        """Take one record in; a tombstone, another topic and an older version change nothing."""
        if value is None or topic not in READ:
            return
        try:
            self.take(decode(Causes if topic == CAUSES else Evidence, value))
        except InvalidRecordError:
            self.unreadable += 1

    def take(self, record: object) -> None:
        """Take one output in; what is neither a ranking nor evidence changes nothing."""
        match record:
            case Causes():
                known = self.causes.get(record.incident_id)
                if known is None or (known.version, known.as_of) <= (record.version, record.as_of):
                    self.causes[record.incident_id] = record
            case Evidence():
                self.evidence[record.incident_id, record.evidence_id] = record

    def selected(self, incident: str | None = None) -> list[Causes]:
        """Give the rankings of the incidents whose id begins so, the latest first; None: of all."""
        found = [each for key, each in self.causes.items() if incident is None or key.startswith(incident)]
        return sorted(found, key=lambda each: (each.as_of, each.incident_id), reverse=True)

    def render(self, causes: Causes) -> RenderableType:
        """Draw one ranking: what it says, each candidate with its arguments, and what to look at."""
        parts: list[RenderableType] = [self._said(causes)]
        parts += [self._candidate(each, causes.incident_id) for each in causes.candidates]
        if causes.recommended_checks:
            checks = Text("\n").join(
                foreign(f"{place}. {each}") for place, each in enumerate(causes.recommended_checks, start=1)
            )
            parts.append(Panel(checks, title="what to look at next", title_align="left"))
        if causes.previous:
            parts.append(_moved(causes.previous))
        return Group(*parts)

    def _said(self, causes: Causes) -> Panel:
        if causes.abstained:
            said = foreign(f"no cause leads: {causes.abstained}", "yellow")
        elif causes.candidates:
            first = causes.candidates[0]
            said = foreign(f"{first.verdict}: {first.text}", "bold")
        else:
            said = Text("no candidate", style="dim")
        if causes.confidence is not None:
            said.append(f"  (stated confidence in the first candidate: {causes.confidence:.0%})", style="dim")
        if causes.no_change_to_blame:
            said.append_text(foreign(f"\n{causes.no_change_to_blame}"))
        title = f"{causes.incident_id} · causes v{causes.version} as of {moment_text(causes.as_of)} UTC"
        return Panel(said, title=foreign(title), title_align="left")

    def _candidate(self, candidate: Candidate, incident_id: str) -> Panel:
        table = Table("points", "part", "argument", "evidence", box=None, expand=True)
        arguments = {each.text: each for each in [*candidate.supporting, *candidate.contradicting]}
        for part in candidate.parts:
            style = "green" if part.points > 0 else "red"
            argument = arguments.pop(part.text, None)
            table.add_row(
                Text(f"{part.points:+.2f}", style=style),
                foreign(part.name, "dim"),
                foreign(part.text, style),
                self._evidence(argument, incident_id),
            )
        for argument in arguments.values():
            table.add_row("", "", foreign(argument.text), self._evidence(argument, incident_id))
        for each in candidate.missing:
            table.add_row("", Text("missing", style="dim"), foreign(each, "dim"), "")
        title = f"{candidate.rank}. {candidate.text}: {candidate.verdict}, {candidate.score:.2f} points"
        return Panel(table, title=foreign(title), title_align="left")

    def _evidence(self, argument: Argument | None, incident_id: str) -> Text:
        cited = argument.evidence if argument else []
        lines = [self._piece(incident_id, each) for each in cited[:_SHOWN_EVIDENCE]]
        if len(cited) > _SHOWN_EVIDENCE:
            lines.append(Text(f"and {len(cited) - _SHOWN_EVIDENCE} more", style="dim"))
        return Text("\n").join(lines)

    def _piece(self, incident_id: str, evidence_id: str) -> Text:
        found = self.evidence.get((incident_id, evidence_id))
        if found is None:
            return foreign(f"{evidence_id}: not on the topic", "dim")
        return foreign(f"{clock_text(found.occurred_at)} {found.text}")


def _moved(previous: Iterable[Difference]) -> Panel:
    table = Table("what", "before", "now", box=None)
    for each in previous:
        table.add_row(foreign(each.field), foreign(each.before or "-"), foreign(each.after or "-"))
    return Panel(table, title="what moved since the last version", title_align="left")
