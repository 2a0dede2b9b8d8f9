"""Are our recordings what they claim to be: readable, in order, the same each time, true to their catalog?"""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from models.event import Change, InputEvent, Metric, Span
from models.record import decode
from tests.golden import SCENARIOS, Scenario

ROOT = Path(__file__).parents[2]
EVENTS = {
    name: [decode(InputEvent, line.encode()) for line in scenario.story().lines()]
    for name, scenario in SCENARIOS.items()
}

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))


def entities(scenario: Scenario) -> dict[str, dict]:
    documents = yaml.safe_load_all(scenario.catalog.read_text())
    return {each["metadata"]["annotations"]["headwater.dev/service-name"]: each for each in documents}


@each_scenario
def test_no_event_has_a_field_that_the_models_do_not_know(scenario: Scenario) -> None:
    kinds = {type(each).__struct_config__.tag: type(each) for each in EVENTS[scenario.name]}
    unknown = {
        (event["kind"], field)
        for event in scenario.recording()
        for field in event
        if field != "kind" and field not in kinds[event["kind"]].__struct_fields__
    }
    assert unknown == set()


@each_scenario
def test_events_are_in_event_time_order(scenario: Scenario) -> None:
    times = [each.timestamp for each in EVENTS[scenario.name]]
    assert times == sorted(times)


@each_scenario
def test_no_event_is_told_twice(scenario: Scenario) -> None:
    lines = list(scenario.story().lines())
    assert len(set(lines)) == len(lines)


def test_event_ids_are_unique_across_all_recordings() -> None:
    ids = [each.event_id for events in EVENTS.values() for each in events if each.event_id]
    assert len(set(ids)) == len(ids)


@each_scenario
def test_every_child_span_lies_in_the_trace_of_its_parent(scenario: Scenario) -> None:
    spans = [each for each in EVENTS[scenario.name] if isinstance(each, Span)]
    traces = {each.span_id: each.trace_id for each in spans}
    orphans = [
        each for each in spans if each.parent_span_id and traces.get(each.parent_span_id) != each.trace_id
    ]
    assert len(traces) == len(spans)
    assert orphans == []


@each_scenario
def test_every_service_and_every_dependency_is_in_the_catalog(scenario: Scenario) -> None:
    known = entities(scenario)
    named = {each.service for each in EVENTS[scenario.name] if each.service}
    named |= {
        each.peer_service for each in EVENTS[scenario.name] if isinstance(each, Span) and each.peer_service
    }
    for entity in known.values():
        named |= {reference.rpartition("/")[2] for reference in entity["spec"].get("dependsOn", [])}
    assert named - known.keys() == set()


@each_scenario
def test_what_is_expected_can_be_found_in_the_recording_and_the_catalog(scenario: Scenario) -> None:
    known = entities(scenario)
    systems = {each["spec"]["system"] for each in known.values()}
    owners = {each["spec"]["owner"] for each in known.values()}
    changes = {
        (each.change_kind.value, each.service, each.version)
        for each in EVENTS[scenario.name]
        if isinstance(each, Change)
    }
    expected = scenario.expectation
    assert expected.scenario == scenario.name
    assert {each.scope for each in expected.incidents} | set(expected.quiet_scopes) == systems
    for incident in expected.incidents:
        named = [*incident.not_likely, *([incident.first_candidate] if incident.first_candidate else [])]
        assert {(each.change_kind, each.service, each.version) for each in named} <= changes
        assert set(incident.owner_in) <= owners
        assert set(incident.service_in) <= known.keys()
        first, last = incident.opened_between
        assert EVENTS[scenario.name][0].timestamp < first < last < EVENTS[scenario.name][-1].timestamp


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from tests.golden import SCENARIOS\n"
        "for each in SCENARIOS.values(): each.export(pathlib.Path(sys.argv[1]) / each.name)"
    )
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", code, str(tmp_path / hash_seed)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    for name, scenario in SCENARIOS.items():
        one, other = ((tmp_path / each / name / f"{name}.ndjson.gz").read_bytes() for each in ("1", "2"))
        assert one == other
        assert gzip.decompress(one).decode().splitlines() == list(scenario.story().lines())


def test_the_demonstration_is_written_with_its_catalog_and_its_expectation(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.golden.checkout_outage", "--out", str(tmp_path / "demo")]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    names = ["checkout_outage.ndjson.gz", "catalog.yaml", "expectation.json"]
    assert printed == [str(tmp_path / "demo" / name) for name in names]
    assert all(Path(each).stat().st_size for each in printed)


def test_the_checkout_fails_at_up_to_18_percent_only_between_deployment_and_rollback() -> None:
    times = {
        each.change_kind.value: each.timestamp
        for each in EVENTS["checkout_outage"]
        if isinstance(each, Change) and each.service == "checkout-api"
    }
    points = [
        each
        for each in EVENTS["checkout_outage"]
        if isinstance(each, Metric)
        and (each.service, each.name) == ("checkout-api", "http.server.error_ratio_pct")
    ]
    failing = [each.timestamp for each in points if each.value > 5]
    assert 16 < max(each.value for each in points) < 21
    assert 60 <= (failing[0] - times["deploy"]).total_seconds() <= 150
    assert (failing[-1] - times["rollback"]).total_seconds() <= 120


def test_the_made_up_secrets_stand_in_the_recording_so_that_redaction_has_something_to_do() -> None:
    text = "\n".join(SCENARIOS["checkout_outage"].story().lines())
    assert all(secret in text for secret in SCENARIOS["checkout_outage"].secrets)
