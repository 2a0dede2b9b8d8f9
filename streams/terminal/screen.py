"""How does the board look in a terminal?"""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.cause import Candidate, CauseVerdict
from models.routing import IncidentRouting
from models.timeline import Certainty, Timeline
from models.triage import Severity, Triage, Verdict
from streams.terminal.terminal_text import clock_text, foreign, moment_text
from streams.terminal.watch import Board, Watched

SHOWN_INCIDENTS = 8
SHOWN_CANDIDATES = 4
SHOWN_ENTRIES = 10

_SEVERITY_STYLE = {
    Severity.SEV1: "bold white on red",
    Severity.SEV2: "bold red",
    Severity.SEV3: "yellow",
    Severity.SEV4: "cyan",
}
_VERDICT_STYLE = {
    CauseVerdict.LIKELY: "bold red",
    CauseVerdict.CONFIRMED: "bold green",
    CauseVerdict.CANDIDATE: "yellow",
    CauseVerdict.RULED_OUT: "dim",
}


def render(board: Board, incident: str | None = None) -> RenderableType:
    """Draw all incidents, and one of them in full.

    Args:
        board: What is known.
        incident: An incident's id or the beginning of it; None: the latest.
    """
    if not board.incidents:
        return Panel(Text("No incident so far.", style="dim"), title="Headwater")
    parts: list[RenderableType] = [_incidents(board)]
    chosen = board.selected(incident)
    if chosen is None:
        parts.append(foreign(f"No incident begins with {incident}.", "yellow"))
    else:
        parts += _details(chosen)
    return Group(*parts)


def _incidents(board: Board) -> Table:
    table = Table(
        "incident", "severity", "status", "since (UTC)", "owner", "headline", "leading cause", expand=True
    )
    for watched in board.latest_first()[:SHOWN_INCIDENTS]:
        incident, triage = watched.incident, watched.triage
        known = incident or triage
        if known is None:
            continue
        table.add_row(
            foreign(watched.incident_id),
            Text(known.severity.name, style=_SEVERITY_STYLE[known.severity]),
            foreign(
                str(known.status) if known.verdict is Verdict.INCIDENT else f"{known.verdict}, {known.status}"
            ),
            foreign(moment_text(known.opened_at)),
            foreign(incident.owner if incident else triage.owner.owner if triage else ""),
            foreign(known.headline),
            foreign((incident.leading_cause if incident else None) or "none leads"),
        )
    hidden = len(board.incidents) - SHOWN_INCIDENTS
    if hidden > 0:
        table.caption = f"and {hidden:,} more"
    return table


def _details(watched: Watched) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if watched.triage:
        parts.append(_triage(watched.triage, watched.routing))
    if watched.causes:
        parts.append(_causes(watched))
    if watched.timeline:
        parts.append(_timeline(watched.timeline))
    if watched.postmortem:
        title = f"Postmortem draft v{watched.postmortem.version}"
        parts.append(Panel(foreign(watched.postmortem.title), title=title))
    return parts


def _triage(triage: Triage, routing: IncidentRouting | None) -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_row(Text("headline", style="dim"), foreign(triage.headline, "bold"))
    for number, reason in enumerate(triage.reasons):
        table.add_row(Text("" if number else "because", style="dim"), foreign(reason.text))
    table.add_row(Text("affected", style="dim"), foreign(", ".join(triage.blast_radius)))
    owner = triage.owner
    table.add_row(Text("owner", style="dim"), foreign(f"{owner.owner}: {owner.reason}"))
    if routing is not None:
        table.add_row(Text("tell now", style="dim"), foreign(_told(routing)))
    if owner.runbook:
        table.add_row(Text("runbook", style="dim"), foreign(owner.runbook))
    for number, action in enumerate(triage.next_actions, start=1):
        table.add_row(
            Text("" if number > 1 else "next", style="dim"),
            foreign(f"{number}. {action.text} ({action.why})"),
        )
    title = f"{triage.incident_id} · triage v{triage.version} as of {clock_text(triage.as_of)} UTC"
    return Panel(table, title=foreign(title), title_align="left")


def _told(routing: IncidentRouting) -> str:
    escalation = routing.escalation
    if escalation is None or not routing.tell_now:
        return "nobody" if escalation is None else f"nobody: {escalation.phase}"
    level = f"level {escalation.level} of {escalation.levels}"
    following = f", the next at {clock_text(escalation.due_at)} UTC" if escalation.due_at else ""
    return f"{', '.join(routing.tell_now)} ({level}{following})"


def _causes(watched: Watched) -> Panel:
    causes = watched.causes
    assert causes is not None
    table = Table("#", "score", "verdict", "cause", "parts", "for / against", box=None, expand=True)
    for candidate in causes.candidates[:SHOWN_CANDIDATES]:
        parts = ", ".join(f"{part.name} {part.points:+.1f}" for part in candidate.parts)
        table.add_row(
            str(candidate.rank),
            f"{candidate.score:.1f}",
            Text(str(candidate.verdict), style=_VERDICT_STYLE[candidate.verdict]),
            foreign(candidate.text),
            foreign(parts, "dim"),
            _arguments(candidate),
        )
    if causes.abstained:
        table.caption = foreign(f"No cause leads: {causes.abstained}", "yellow")
    elif causes.no_change_to_blame:
        table.caption = foreign(causes.no_change_to_blame)
    title = f"causes v{causes.version} as of {clock_text(causes.as_of)} UTC"
    return Panel(table, title=title, title_align="left")


def _arguments(candidate: Candidate) -> Text:
    lines = [foreign(f"+ {each.text}", "green") for each in candidate.supporting]
    lines += [foreign(f"- {each.text}", "red") for each in candidate.contradicting]
    lines += [foreign(f"? {each}", "dim") for each in candidate.missing]
    return Text("\n").join(lines)


def _timeline(timeline: Timeline) -> Panel:
    anchors = timeline.anchors
    named = (
        ("first symptom", anchors.first_symptom_at),
        ("first alert", anchors.first_alert_at),
        ("first human action", anchors.first_human_action_at),
        ("mitigation", anchors.mitigated_at),
        ("recovery", anchors.recovered_at),
    )
    line = Text("   ").join(Text(f"{name} {clock_text(moment)}") for name, moment in named)
    table = Table.grid(padding=(0, 2))
    for entry in timeline.entries[-SHOWN_ENTRIES:]:
        certain = entry.certainty is Certainty.FACT
        table.add_row(
            clock_text(entry.occurred_at),
            foreign(entry.service),
            foreign(entry.text, "" if certain else "italic"),
            Text("" if certain else "concluded", style="dim"),
        )
    hidden = len(timeline.entries) + timeline.left_out - SHOWN_ENTRIES
    parts: list[RenderableType] = [line]
    if hidden > 0:
        parts.append(Text(f"{hidden:,} earlier entries", style="dim"))
    return Panel(Group(*parts, table), title="timeline (UTC)", title_align="left")
