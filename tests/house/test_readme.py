import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import orjson
import pytest
from prometheus_client import Counter, Gauge, Histogram

from detectors.intake.reading import Refusal, read
from detectors.intake.redaction import Redactor
from models import topic
from models.event import Event
from models.record import decode, encode
from models.tick import Heartbeat
from streams.catalog import backstage
from streams.cli import COMMANDS, headwater
from streams.kafka.topic_table import TOPICS, Direction
from streams.oncall.directory import read as read_schedules
from streams.process import metrics
from streams.process.exit_code import ExitCode
from streams.schema import RECORDS
from streams.settings import Settings, env_example
from streams.worker import health
from tests.golden import SCENARIOS
from tests.golden.test_golden import sent

ROOT = Path(__file__).parents[2]
FOLDERS = ("models", "detectors", "streams", "sinks", "tests", "deploy")
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (
        ROOT / "README.md",
        *sorted(each for name in FOLDERS for each in (ROOT / name).rglob("README.md")),
    )
}
README = DOCUMENTS["README.md"]
EXAMPLE = SCENARIOS["checkout_outage"]
INFINITE_RETENTION = "newest of each key"

each_document = pytest.mark.parametrize("name", DOCUMENTS)


class Block(NamedTuple):
    """A fenced block: the word after the fence, the rest of that line, and what is in it."""

    language: str
    info: str
    text: str


def blocks(document: str) -> list[Block]:
    found = re.findall(r"^```(\w*) ?([^\n]*)\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    return [Block(*each) for each in found]


def prose(document: str) -> str:
    return re.sub(r"^```.*?^```$", "", document, flags=re.MULTILINE | re.DOTALL)


def quoted(document: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(document))


def rows(document: str, heading: str) -> list[list[str]]:
    """Give the cells of the table whose first column is called so, without the backquotes around them."""
    lines = iter(document.splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            next(lines)
            break
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return table


def shell_lines(document: str) -> Iterator[str]:
    for block in blocks(document):
        if block.language == "sh":
            yield from block.text.splitlines()
    yield from quoted(document)


@pytest.fixture(scope="module")
def replayed() -> dict[str, list[Any]]:
    """What the recording of the examples gives, by topic."""
    found: dict[str, list[Any]] = {}
    for each in sent(EXAMPLE.name):
        found.setdefault(each.topic, []).append(orjson.loads(encode(each.value)))
    return found


def test_every_folder_says_what_lives_there() -> None:
    assert [name for name in FOLDERS if f"{name}/README.md" not in DOCUMENTS] == []


def test_the_table_of_topics_is_that_of_the_code() -> None:
    named = {each.name: each for each in TOPICS if each.direction is not Direction.CHANGELOG}
    written = {name: (key, kept) for name, _, key, kept, *_ in rows(README, "topic")}
    assert written == {
        name: (each.key, f"{each.retention_days} days" if each.retention_days else INFINITE_RETENTION)
        for name, each in named.items()
    }


def test_the_table_of_commands_is_that_of_the_command_line() -> None:
    written = dict(rows(README.split("## Commands")[1], "command"))
    assert written == {f"headwater {name}": text for name, (_, text) in COMMANDS.items()}


@each_document
def test_every_headwater_command_that_is_shown_can_be_given(name: str) -> None:
    for line in shell_lines(DOCUMENTS[name]):
        if not line.startswith("headwater "):
            continue
        words = shlex.split(line, comments=True)[1:]
        command: click.Command = headwater
        context = click.Context(headwater)
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.get_command(context, words.pop(0))
            assert found is not None, f"{name} shows `{line}`, which is no command"
            command = found
        options = {option for each in command.params for option in each.opts} | {"--help"}
        unknown = {word for word in words if word.startswith("-")} - options
        assert unknown == set(), f"{name} shows `{line}`, which does not know {unknown}"


@each_document
def test_every_make_target_that_is_named_is_there(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    lines = [
        shlex.split(line, comments=True) for line in shell_lines(DOCUMENTS[name]) if line.startswith("make ")
    ]
    assert {words[1] for words in lines} <= targets


@each_document
def test_every_setting_that_is_named_is_there(name: str) -> None:
    known = set(re.findall(r"^([A-Z_]+)=", env_example(), re.MULTILINE))
    assert set(re.findall(r"\b(?:HEADWATER|KAFKA)_[A-Z_]+", DOCUMENTS[name])) <= known


def test_the_lateness_that_is_told_is_the_default() -> None:
    assert re.findall(r"`HEADWATER_LATENESS_S` \((\d+) s\)", README) == [f"{Settings().lateness_s:.0f}"]


@each_document
def test_every_link_leads_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(DOCUMENTS[name]))
    here = (ROOT / name).parent
    gone = [each for each in targets if "://" not in each and not (here / each).exists()]
    assert gone == []


@pytest.mark.parametrize("folder", ["detectors", "streams", "tests"])
def test_the_table_of_subfolders_is_complete(folder: str) -> None:
    written = set(re.findall(r"^\| \[`([a-z_]+)/`\]", DOCUMENTS[f"{folder}/README.md"], re.MULTILINE))
    there = {each.name for each in (ROOT / folder).iterdir() if each.is_dir() and any(each.rglob("*.py"))}
    assert written == there


@pytest.mark.parametrize("folder", ["models", "detectors", "streams", "sinks"])
def test_every_module_at_the_top_of_a_folder_is_explained(folder: str) -> None:
    there = {each.name for each in (ROOT / folder).glob("*.py")} - {"__init__.py"}
    assert there - set(quoted(DOCUMENTS[f"{folder}/README.md"])) == set()


@each_document
def test_every_module_that_is_named_is_there(name: str) -> None:
    there = [f"/{each.relative_to(ROOT)}" for folder in FOLDERS for each in (ROOT / folder).rglob("*.py")]
    named = [each for each in quoted(DOCUMENTS[name]) if re.fullmatch(r"[\w./]+\.py", each)]
    gone = [
        each for each in named if not any(path.endswith(f"/{each.removeprefix('../')}") for path in there)
    ]
    assert gone == []


def test_every_input_topic_is_shown_with_an_event_that_the_intake_accepts() -> None:
    shown = set()
    for block in blocks(README):
        if block.language != "json" or block.info not in topic.INPUTS:
            continue
        told = list(read(block.info, block.text.encode(), Redactor()))
        assert [each.error.detail for each in told if isinstance(each, Refusal)] == []
        shown |= {block.info for each in told if isinstance(each, Event)}
        assert not any(each.extra for each in told if isinstance(each, Event))
    assert shown == set(topic.INPUTS)


def test_the_events_that_are_shown_have_no_field_that_the_models_do_not_know() -> None:
    for block in blocks(README):
        if block.language == "json" and block.info in topic.INPUTS and "resourceLogs" not in block.text:
            kind = decode(RECORDS[block.info], block.text.encode())
            assert isinstance(kind, Event | Heartbeat)
            assert set(orjson.loads(block.text)) <= {"kind", *kind.__struct_fields__}


def test_the_catalog_entry_that_is_shown_can_be_published(tmp_path: Path) -> None:
    (shown,) = [block.text for block in blocks(README) if block.info == "catalog"]
    (tmp_path / "catalog-info.yaml").write_text(shown, encoding="utf-8")
    (entry,) = backstage.read([tmp_path])
    assert (entry.service, entry.owner, entry.scope) == ("checkout-api", "team-checkout", "shop")
    assert (entry.tier, entry.customer_facing, entry.depends_on) == (1, True, ["payments"])


def test_the_rotation_that_is_shown_can_be_read(tmp_path: Path) -> None:
    (shown,) = [block.text for block in blocks(README) if block.info == "on-call"]
    (tmp_path / "team-checkout.yaml").write_text(shown, encoding="utf-8")
    moments = [datetime(2026, 2, day, 12, tzinfo=UTC) for day in (2, 3)]
    schedule = read_schedules(tmp_path)
    on_call = [schedule.on_call("team-checkout", each) for each in moments]
    assert [[each.handle for each in one] for one in on_call] == [["bo"], ["eve"]]


def test_the_output_records_that_are_shown_are_what_the_recording_gives(
    replayed: dict[str, list[Any]],
) -> None:
    shown = [each for each in blocks(README) if each.language == "json" and each.info in topic.OUTPUTS]
    assert {each.info for each in shown} == {topic.TRIAGE, topic.EVIDENCE}
    for block in shown:
        decode(RECORDS[block.info], block.text.encode())
        record = orjson.loads(block.text)
        assert any(is_part(record, each) for each in replayed[block.info]), f"{block.info} gives it no longer"


def is_part(shown: Any, whole: Any) -> bool:
    """Tell whether a record is another one with fields and list elements left out."""
    if isinstance(shown, dict):
        return isinstance(whole, dict) and all(
            key in whole and is_part(value, whole[key]) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return all(any(is_part(each, other) for other in whole) for each in shown)
    return bool(shown == whole)


def test_the_demonstration_that_is_shown_is_what_the_recording_gives(replayed: dict[str, list[Any]]) -> None:
    shown = blocks(README)[0].text
    (headline,) = re.findall(r"triage v1, incident: (.*)$", shown, re.MULTILINE)
    assert headline in {each["headline"] for each in replayed[topic.TRIAGE]}
    ranked = re.findall(r"^ (\d) +([\d.]+) +(\w+) ", shown, re.MULTILINE)
    candidates = [each for each in replayed[topic.CAUSES] if each["candidates"]][-1]["candidates"]
    known = [(str(each["rank"]), f"{each['score']:.1f}", each["verdict"]) for each in candidates]
    assert ranked == known[:4]


def test_the_size_of_the_demonstration_is_the_one_that_is_told() -> None:
    assert f"the demo's {len(EXAMPLE.recording()):,} events" in README


def test_the_dead_letter_that_is_shown_is_the_one_that_is_written() -> None:
    event = {"kind": "alert", "timestamp": 1782207660000, "service": "a", "name": "b", "status": "firing"}
    (refusal,) = read(topic.ALERTS, orjson.dumps(event), Redactor())
    assert isinstance(refusal, Refusal)
    assert refusal.error.detail in README


def test_the_table_of_metrics_is_that_of_the_code() -> None:
    metric_types = Counter | Gauge | Histogram
    declared = [each for each in [*vars(metrics).values(), health.RESTARTS] if isinstance(each, metric_types)]
    known = {}
    for each in declared:
        (described,) = each.describe()
        name = f"{described.name}_total" if isinstance(each, Counter) else described.name
        known[name] = ", ".join(each._labelnames)
    assert {name: labels for name, labels, _ in rows(README, "metric")} == known


def test_the_table_of_exit_codes_is_that_of_the_code() -> None:
    written = [(int(code), name) for code, name, _ in rows(README, "code")]
    assert written == [(each.value, each.name) for each in ExitCode]
