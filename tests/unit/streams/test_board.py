from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console

from models.cause import Candidate, CauseClass, Causes, CauseVerdict, ScorePart
from models.incident import Incident, IncidentStatus
from models.record import encode
from models.routing import EscalationPhase, EscalationStanding, IncidentRouting
from models.timeline import Anchors, Certainty, EntryKind, Timeline, TimelineEntry
from models.triage import NextAction, Owner, Reason, Severity, Triage, Verdict
from streams.terminal.screen import render
from streams.terminal.watch import Board

OPENED = datetime(2026, 6, 23, 9, 42, 10, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return OPENED + timedelta(minutes=minutes)


def an_incident(
    incident_id: str = "inc-1", status: IncidentStatus = IncidentStatus.OPEN, minutes: float = 0
) -> Incident:
    return Incident(
        incident_id=incident_id,
        as_of=at(minutes),
        rules_version="1",
        scope="shop",
        status=status,
        verdict=Verdict.INCIDENT,
        severity=Severity.SEV2,
        headline="SEV2 for checkout-api because errors are at 18 %",
        service="checkout-api",
        owner="team-checkout",
        opened_at=OPENED,
        services=["checkout-api"],
        alerts=1,
    )


def a_triage(version: int, text: str = "errors are at 18 %", minutes: float = 0) -> Triage:
    return Triage(
        incident_id="inc-1",
        as_of=at(minutes),
        rules_version="1",
        version=version,
        verdict=Verdict.INCIDENT,
        severity=Severity.SEV2,
        status="open",
        headline=f"SEV2 for checkout-api because {text}",
        service="checkout-api",
        opened_at=OPENED,
        reasons=[Reason(rule="alert", text=text, evidence=["e1"])],
        blast_radius=["checkout-api", "payments"],
        owner=Owner(owner="team-checkout", reason="it owns checkout-api", service="checkout-api"),
        next_actions=[NextAction(text="compare v42 and v41", why="v42 is new", evidence=["e1"])],
    )


def some_causes(version: int = 1, abstained: str | None = None) -> Causes:
    candidate = Candidate(
        candidate_id="c1",
        rank=1,
        score=3.5,
        parts=[ScorePart(name="recency", points=2.0, text="finished 4 min before")],
        cause_class=CauseClass.DEPLOYMENT,
        service="checkout-api",
        text="the deployment of v42 to checkout-api at 09:38",
        verdict=CauseVerdict.LIKELY,
    )
    return Causes(
        incident_id="inc-1",
        as_of=at(1),
        rules_version="1",
        version=version,
        candidates=[candidate],
        abstained=abstained,
    )


def a_timeline(text: str = "errors began") -> Timeline:
    entry = TimelineEntry(
        occurred_at=at(-1),
        learned_at=at(0),
        entry_kind=EntryKind.SYMPTOM,
        service="checkout-api",
        text=text,
        source="ev-1",
        evidence_id="e1",
        certainty=Certainty.FACT,
    )
    return Timeline(
        incident_id="inc-1",
        as_of=at(1),
        rules_version="1",
        anchors=Anchors(first_symptom_at=at(-1), first_alert_at=at(0)),
        entries=[entry],
    )


def drawn(board: Board, incident: str | None = None) -> str:
    console = Console(file=StringIO(), width=160, force_terminal=False)
    console.print(render(board, incident))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_each_new_version_is_news_and_a_repetition_is_not() -> None:
    board = Board()
    news = [board.apply("incident.triage", encode(a_triage(version))) for version in (1, 2, 2, 1)]
    assert [str(each) for each in news if each] == [
        "09:42:10 inc-1 triage v1, incident: SEV2 for checkout-api because errors are at 18 %",
        "09:42:10 inc-1 triage v2, incident: SEV2 for checkout-api because errors are at 18 %",
    ]
    assert board.incidents["inc-1"].triage == a_triage(2)


def test_an_incident_is_news_when_its_status_changes_only() -> None:
    board = Board()
    states = [
        an_incident(),
        an_incident(minutes=1),
        an_incident(status=IncidentStatus.RESOLVED, minutes=9),
        an_incident(minutes=1),
    ]
    news = [board.apply("incidents", encode(each)) for each in states]
    assert [each.text.split(":")[0] for each in news if each] == ["open", "resolved"]
    assert board.incidents["inc-1"].incident == states[2]


def test_an_abstention_is_told_with_its_reason() -> None:
    news = Board().apply("incident.causes", encode(some_causes(abstained="two changes are equally near")))
    assert news is not None
    assert "abstained: two changes are equally near" in news.text


def test_the_screen_shows_what_a_responder_needs() -> None:
    board = Board()
    for topic, record in (
        ("incidents", an_incident()),
        ("incident.triage", a_triage(1)),
        ("incident.causes", some_causes()),
        ("incident.timeline", a_timeline()),
    ):
        board.apply(topic, encode(record))
    shown = drawn(board)
    for words in (
        "SEV2",
        "team-checkout",
        "errors are at 18 %",
        "compare v42 and v41",
        "the deployment of v42",
        "likely",
        "recency +2.0",
        "errors began",
        "first symptom 09:41:10",
        "first human action -",
    ):
        assert words in shown, words


def test_a_log_line_in_a_headline_can_neither_colour_the_screen_nor_move_its_cursor() -> None:
    board = Board()
    board.apply("incident.triage", encode(a_triage(1, text="saw [red]\x1b[2J[/nothing]")))
    shown = drawn(board)
    assert "\x1b" not in shown
    assert "[red]" in shown
    assert "[/nothing]" in shown


def test_an_incident_is_found_by_the_beginning_of_its_id_else_the_latest() -> None:
    board = Board()
    board.apply("incidents", encode(an_incident("inc-aa")))
    board.apply("incidents", encode(an_incident("inc-bb")))
    for prefix, found in (("inc-a", "inc-aa"), (None, "inc-bb")):
        selected = board.selected(prefix)
        assert selected is not None
        assert selected.incident_id == found
    assert board.selected("inc-x") is None
    assert "inc-x" in drawn(board, "inc-x")


def test_nothing_yet_is_said_in_words() -> None:
    assert "No incident so far" in drawn(Board())


def test_what_is_no_record_of_ours_is_counted_and_changes_nothing() -> None:
    board = Board()
    for topic, value in (("incidents", b"{"), ("incidents", None), ("alerts", encode(an_incident()))):
        assert board.apply(topic, value) is None
    assert board.incidents == {}
    assert board.unreadable == 1


def a_routing(version: int, tell: list[str], phase: EscalationPhase = EscalationPhase.WAITING) -> bytes:
    escalation = EscalationStanding(
        phase=phase, severity=Severity.SEV2, level=1, levels=3, started_at=at(0), due_at=at(10), steps=[]
    )
    return encode(
        IncidentRouting(
            incident_id="inc-1", as_of=at(version), rules_version="1", version=version, owner="team-checkout",
            service="checkout-api", reason="it owns it", evidence=["e1"], candidates=[], tell_now=tell,
            keep_informed=[], escalation=escalation,
        )
    )  # fmt: skip


def test_who_should_be_told_stands_with_the_triage_and_is_news_when_it_changes() -> None:
    board = Board()
    board.apply("incident.triage", encode(a_triage(1)))
    first = board.apply("incident.routing", a_routing(1, ["ada"]))
    assert first is not None
    assert first.text == "routing v1: team-checkout, tell ada"
    assert board.apply("incident.routing", a_routing(2, ["ada"])) is None
    screen = Console(width=160, file=StringIO(), record=True)
    screen.print(render(board))
    assert "ada (level 1 of 3, the next at 09:52:10 UTC)" in screen.export_text()
    answered = board.apply("incident.routing", a_routing(3, [], EscalationPhase.ACKNOWLEDGED))
    assert answered is not None
    assert answered.text == "routing v3: team-checkout, nobody needs to be told"
