"""What does the whole way say of our own recordings, and is that what a careful reader expects?"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import orjson
import pytest

from detectors.incidents.correlation import Correlator
from detectors.incidents.state import ScopeState
from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models import topic
from models.record import decode, encode
from models.routing import IncidentRouting
from models.signal import Signal, SignalRecord
from models.topic import Outgoing
from models.triage import Triage
from sinks import markdown
from streams.catalog.backstage import read
from streams.recording.reading import TOPIC_OF_KIND
from streams.schema import RECORDS
from streams.settings import Settings
from streams.terminal.expectation import complaints
from tests.golden import CARDS, SCENARIOS, Scenario
from tests.golden.card import cards

_each_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)


def run(scenario: Scenario) -> Iterator[Outgoing]:
    """Run the pipeline over a scenario."""
    lateness = timedelta(seconds=Settings().lateness_s)
    catalog, policy = Catalog(read([scenario.catalog])), scenario.policy
    pipeline = Pipeline(catalog, lateness, policy, Redactor(), scenario.schedules)
    for event in scenario.recording():
        yield from pipeline.feed(TOPIC_OF_KIND[event["kind"]], orjson.dumps(event))
        assert pipeline.refused == []
    yield from pipeline.end()


@cache
def sent(name: str) -> list[Outgoing]:
    """Give what the pipeline sends of a scenario."""
    return list(run(SCENARIOS[name]))


@_each_scenario
def test_the_outcome_is_the_expected_one(scenario: Scenario) -> None:
    assert complaints(scenario.expectation, sent(scenario.name)) == []


@_each_scenario
def test_no_secret_of_the_log_lines_is_in_any_output(scenario: Scenario) -> None:
    told = b"\n".join(encode(each.value) for each in sent(scenario.name)).decode()
    assert [secret for secret in scenario.secrets if secret in told] == []


@_each_scenario
def test_everything_that_is_said_cites_evidence_that_was_published_before(scenario: Scenario) -> None:
    published_of: dict[str, set[str]] = {}
    for each in sent(scenario.name):
        published = published_of.setdefault(each.key, set())
        record = orjson.loads(encode(each.value))
        if each.topic == topic.EVIDENCE:
            assert record["evidence_id"] not in published, (
                "each piece of evidence of an incident is published once"
            )
            published.add(record["evidence_id"])
        cited = set(_cited(record))
        assert cited <= published, f"{each.topic} cites {cited - published}"
        if isinstance(each.value, Triage):
            assert each.value.reasons
            assert all(reason.evidence for reason in each.value.reasons)


@_each_scenario
def test_every_record_reads_back_to_the_same_bytes(scenario: Scenario) -> None:
    """Else a record that went through Kafka, or a state that was recovered, would be told otherwise."""
    for each in sent(scenario.name):
        written = encode(each.value)
        assert encode(decode(RECORDS[each.topic], written)) == written


@_each_scenario
def test_symptoms_read_back_to_the_same_bytes(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    fold = Correlator.fold

    def noting(self: Correlator, state: ScopeState, record: Signal) -> object:
        written.append(encode(record))
        return fold(self, state, record)

    monkeypatch.setattr(Correlator, "fold", noting)
    list(run(scenario))
    assert [each for each in written if encode(decode(SignalRecord, each)) != each] == []


@pytest.mark.parametrize("name", ["checkout_outage"])
def test_the_triage_and_the_postmortem_read_as_accepted(name: str, request: pytest.FixtureRequest) -> None:
    """`pytest --accept` rewrites the files; the reviewer reads the difference."""
    headlines, draft = [], ""
    for each in sent(name):
        record = each.value
        if isinstance(record, Triage):
            headlines.append(f"{record.as_of:%H:%M:%S} v{record.version} {record.status}: {record.headline}")
        elif each.topic == topic.POSTMORTEMS:
            draft = markdown.render(record)  # type: ignore[arg-type]  # the topic carries nothing else
    accept = request.config.getoption("--accept")
    _as_accepted(name, "expected_triage.txt", "\n".join(headlines) + "\n", accept=accept)
    _as_accepted(name, "expected_postmortem.md", draft, accept=accept)


@pytest.mark.parametrize("name", CARDS)
def test_what_a_responder_reads_is_as_accepted(name: str, request: pytest.FixtureRequest) -> None:
    """`pytest --accept` rewrites the file; the reviewer reads the difference."""
    _as_accepted(name, "expected_card.txt", cards(sent(name)), accept=request.config.getoption("--accept"))


def _as_accepted(name: str, file: str, text: str, *, accept: bool) -> None:
    path = Path(__file__).parent / name / file
    if accept:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["moved_owner", "unanswered_page", "shift_change"])
def test_the_routing_reads_as_accepted(name: str, request: pytest.FixtureRequest) -> None:
    """`pytest --accept` rewrites the files; the reviewer reads the difference."""
    routings = [each.value for each in sent(name) if isinstance(each.value, IncidentRouting)]
    text = "\n".join(line for each in routings for line in _routing_lines(each)) + "\n"
    file = Path(__file__).parent / name / "expected_routing.txt"
    if request.config.getoption("--accept"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [each.name for each in SCENARIOS.values() if each.profile])
def test_the_severity_by_a_profile_reads_as_accepted(name: str, request: pytest.FixtureRequest) -> None:
    """`pytest --accept` rewrites the files; the reviewer reads the difference."""
    triages = [each.value for each in sent(name) if isinstance(each.value, Triage)]
    text = "\n".join(line for each in triages for line in _severity_lines(each)) + "\n"
    file = Path(__file__).parent / name / "expected_triage.txt"
    if request.config.getoption("--accept"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_profile_that_is_shipped_has_a_recording_of_its_own(repository: Path) -> None:
    shipped = {each.stem for each in (repository / "deploy" / "profiles").glob("*.yaml")}
    assert shipped == {each.profile for each in SCENARIOS.values() if each.profile}


def _severity_lines(told: Triage) -> Iterator[str]:
    """Write a triage as somebody would read it."""
    yield f"{told.as_of:%H:%M:%S} v{told.version} {told.status}: {told.headline}"
    yield f"  impact {told.impact.value}, urgency {told.urgency.value}"
    if told.lower_at is not None:
        yield f"  goes down at {told.lower_at:%H:%M:%S} if nothing gets worse"
    for each in told.reasons:
        calls = f"{each.severity.name}: " if each.severity else ""
        fired = f" [{', '.join(each.fired)}]" if each.fired else ""
        yield f"  because {calls}{each.text}{fired}"
    yield from (f"  near {each.severity.name}: {each.text}" for each in told.near_misses)
    yield from (f"  {each.text}" for each in told.raises)
    for miss in told.missing_inputs:
        taken = f", taken as {miss.taken_as}" if miss.taken_as else ""
        yield f"  not told: {miss.text}{taken}"
    if told.impact_scope is not None:
        yield f"  {told.impact_scope.text}"
    if told.business_impact is not None:
        yield from (f"  {each.text}" for each in told.business_impact.figures)


def _routing_lines(told: IncidentRouting) -> Iterator[str]:
    """Write a routing as somebody would read it."""
    yield f"{told.as_of:%H:%M:%S} v{told.version}: {told.reason}"
    escalation = told.escalation
    if escalation is not None:
        due = f", the next at {escalation.due_at:%H:%M:%S}" if escalation.due_at else ""
        by = f", acknowledged by {escalation.acknowledged_by}" if escalation.acknowledged_by else ""
        yield f"  tell now: {', '.join(told.tell_now) or 'nobody'} ({escalation.phase}{by}{due})"
        latest = escalation.steps[-1]
        yield f"  {latest.told_at:%H:%M:%S} level {latest.level}: {latest.text}"
    if told.keep_informed:
        yield f"  keep informed: {', '.join(told.keep_informed)}"
    for each in told.candidates:
        yield f"  {each.rank}. {each.who}, {each.score:g} points, {each.can_act_text}"
        yield from (f"     {part.points:+g} {part.text}" for part in each.parts)


def _cited(value: object) -> Iterator[str]:
    """Find every evidence id that a record names, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "evidence" and isinstance(inner, list):
                yield from (each for each in inner if isinstance(each, str))
            elif name == "evidence_id":
                yield inner
            yield from _cited(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _cited(inner)
