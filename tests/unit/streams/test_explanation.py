"""What `headwater explain` and `headwater replay --explain` show of a ranking."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import msgspec
import orjson
import pytest
from rich.console import Console

from models.cause import Argument, Candidate, CauseClass, Causes, CauseVerdict, ScorePart
from models.evidence import Evidence, EvidenceKind
from models.record import encode
from models.triage import Difference
from streams import cli
from streams.terminal.explanation import Explanations

AS_OF = datetime(2026, 6, 23, 9, 42, 10, tzinfo=UTC)


def a_ranking(version: int = 1, abstained: str | None = None, incident_id: str = "inc-1") -> Causes:
    candidate = Candidate(
        candidate_id="c1",
        rank=1,
        score=-0.5,
        parts=[
            ScorePart(name="hint", points=1.5, text="it changed a pool"),
            ScorePart(name="kept", points=-2.0, text="it does the same"),
        ],
        cause_class=CauseClass.DEPLOYMENT,
        service="payments",
        text="the deployment of v42 to payments",
        verdict=CauseVerdict.CANDIDATE,
        supporting=[Argument(text="it changed a pool", evidence=["e1"])],
        contradicting=[Argument(text="it does the same", evidence=["e2"])],
        missing=["its logs would decide"],
    )
    return Causes(
        incident_id=incident_id,
        as_of=AS_OF,
        rules_version="1",
        version=version,
        candidates=[candidate],
        abstained=abstained,
        confidence=0.15,
        recommended_checks=["Read the difference."],
        previous=[Difference(field="leading_cause", before="", after="v42")],
    )


def a_piece() -> Evidence:
    return Evidence(
        incident_id="inc-1",
        as_of=AS_OF,
        rules_version="1",
        evidence_id="e1",
        evidence_kind=EvidenceKind.CHANGE,
        service="payments",
        occurred_at=AS_OF,
        text="v42 of [bold]payments[/bold] went live",
        sources=["x"],
    )


def shown(known: Explanations, causes: Causes) -> str:
    console = Console(file=StringIO(), width=200)
    console.print(known.render(causes))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_each_argument_stands_beside_its_points_and_its_evidence() -> None:
    known = Explanations()
    known.apply("incident.evidence", encode(a_piece()))
    known.apply("incident.causes", encode(a_ranking(abstained="nothing is decisive")))
    text = shown(known, known.selected("inc")[0])
    (line,) = [each for each in text.splitlines() if "it changed a pool" in each]
    assert "+1.50" in line
    assert "09:42:10 v42 of [bold]payments[/bold] went live" in line
    assert "e2: not on the topic" in text
    assert "its logs would decide" in text
    assert "no cause leads: nothing is decisive" in text
    assert "15%" in text
    assert "Read the difference." in text
    assert "what moved since the last version" in text


def test_that_no_change_is_to_blame_is_said_beside_what_leads() -> None:
    known = Explanations()
    why = "no change is to blame; a shortage of capacity at payments-db"
    known.take(msgspec.structs.replace(a_ranking(), no_change_to_blame=why))
    assert why in shown(known, known.selected()[0])


def test_the_newest_version_is_shown_whatever_the_order() -> None:
    known = Explanations()
    for version in (2, 1, 2):
        known.apply("incident.causes", encode(a_ranking(version)))
    assert [each.version for each in known.selected()] == [2]


def test_what_is_none_of_ours_is_counted_and_changes_nothing() -> None:
    known = Explanations()
    known.apply("incident.causes", b"{")
    known.apply("incident.causes", None)
    known.apply("logs", b"{")
    assert (known.unreadable, known.selected()) == (1, [])


def test_an_incident_is_found_by_the_beginning_of_its_id() -> None:
    known = Explanations()
    known.take(a_ranking(incident_id="inc-1"))
    known.take(a_ranking(incident_id="other"))
    assert [each.incident_id for each in known.selected("oth")] == ["other"]
    assert known.selected("none") == []


def test_a_replay_explains_instead_of_printing_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "recording.ndjson"
    lines: list[dict[str, object]] = [
        {
            "kind": "change", "change_kind": "deploy", "service": "payments", "version": "v42",
            "timestamp": 1782207720.0,
        },
        {
            "kind": "alert", "service": "payments", "name": "Errors", "status": "firing",
            "timestamp": 1782207900.0,
        },
    ]  # fmt: skip
    recording.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in lines))
    with pytest.raises(SystemExit) as ended:
        cli.main(["replay", str(recording), "--explain"])
    text = capsys.readouterr().out
    assert ended.value.code in (0, None)
    assert "the deployment of v42 to payments" in text
    assert "3 minutes before the onset" in text
    assert '"topic"' not in text
