import gzip
import json
import lzma
import re
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from streams.commands.signatures import command
from tests.unit.detectors.intake.test_stack_trace import GO, JAVA, NET, NODE, PYTHON


def ids_of(sent: str | bytes, *options: str) -> list[str]:
    told = CliRunner().invoke(command, ["--format", "ids", *options], input=sent)
    assert told.exit_code == 0, told.output
    return told.output.split()


def groups_of(sent: str) -> list[dict[str, object]]:
    told = CliRunner().invoke(command, ["--format", "json"], input=sent)
    assert told.exit_code == 0, told.output
    return [json.loads(line) for line in told.output.splitlines()]


@given(st.lists(st.binary(max_size=60).map(lambda each: each.replace(b"\n", b"")), max_size=20))
def test_whatever_the_bytes_each_line_gets_one_id_and_the_same_twice(lines: list[bytes]) -> None:
    sent = b"".join(each + b"\n" for each in lines)
    first = CliRunner().invoke(command, ["--format", "ids"], input=sent)
    again = CliRunner().invoke(command, ["--format", "ids"], input=sent)
    assert first.exit_code == 0
    assert len(first.output.splitlines()) == len(lines)
    assert first.output == again.output


def test_a_message_in_json_gets_the_id_of_the_message_alone() -> None:
    sent = 'connection refused by peer\n{"level":"error","msg":"connection refused by peer"}\n'
    ids = CliRunner().invoke(command, ["--format", "ids"], input=sent).output.split()
    assert ids[0] == ids[1]


def test_a_file_that_is_not_there_is_named_with_code_2(tmp_path: Path) -> None:
    told = CliRunner().invoke(command, [str(tmp_path / "none.log")])
    assert told.exit_code == 2
    assert "none.log cannot be read" in told.output


@pytest.mark.parametrize("trace", [JAVA.split("\n", 1)[1], PYTHON, GO.rstrip(), NODE, NET])
def test_every_line_of_a_trace_gets_the_id_of_its_fault_and_a_json_line_with_it_too(trace: str) -> None:
    other = trace.replace("5", "8").replace("7", "6")
    in_json = json.dumps({"level": "error", "message": "failed", "stack_trace": trace})
    lines = ["started", *trace.split("\n"), "2026-05-12 INFO done", *other.split("\n"), in_json]
    ids = ids_of("\n".join(lines) + "\n")
    length = len(trace.split("\n"))
    assert len(ids) == len(lines)
    assert set(ids[1 : 1 + length]) == set(ids[2 + length :]) == {ids[-1]}
    assert len(set(ids)) == 3
    counts = {each["signature_id"]: each["count"] for each in groups_of("\n".join(lines))}
    assert counts == {ids[0]: 1, ids[1]: 3, ids[1 + length]: 1}


def test_the_head_of_a_trace_that_never_comes_is_an_ordinary_line() -> None:
    assert ids_of("FooError: no\nnext\n") == [*ids_of("FooError: no\n"), *ids_of("next\n")]


def test_recordings_and_batches_of_opentelemetry_are_read_by_service() -> None:
    event = {"kind": "log", "timestamp": 1, "service": "web", "body": "disk full", "attributes": {"a": 1}}
    recorded = json.dumps(event)
    batch = {"resourceLogs": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}]},
        "scopeLogs": [{"logRecords": [{"body": {"stringValue": each}} for each in ("disk full", "ok")]}],
    }]}  # fmt: skip
    ids = ids_of(f"{recorded}\n{json.dumps(batch)}\ndisk full\n")
    assert ids[:2] == ids_of("disk full\n", "--service", "web") * 2
    assert ids[2] == ids_of("disk full\n")[0] != ids[0]
    counted = {
        str(each["template"]): each["count"] for each in groups_of(f"{recorded}\n{json.dumps(batch)}\n")
    }
    assert counted == {"disk full": 2, "ok": 1}


def test_no_secret_is_in_the_table_whatever_the_format_of_its_line() -> None:
    secret = "hunter" + "222"
    lines = [f"login with password={secret}", json.dumps({"msg": f"password={secret}"}),
             f"FooError: password={secret}", "    at load (/srv/app.js:1:2)"]  # fmt: skip
    for form in ("table", "json"):
        told = CliRunner().invoke(command, ["--format", form], input="\n".join(lines))
        assert "<secret>" in told.output
        assert secret not in told.output


def test_the_most_frequent_come_first_and_only_so_many_are_shown() -> None:
    sent = "rare\n" + "often told\n" * 3 + "twice said so\n" * 2
    told = CliRunner().invoke(command, ["--format", "json", "--top", "2"], input=sent)
    rows = [json.loads(line) for line in told.output.splitlines()]
    assert [(each["template"], each["count"], each["first"], each["last"]) for each in rows] == [
        ("often told", 3, 2, 4), ("twice said so", 2, 5, 6),
    ]  # fmt: skip
    table = CliRunner().invoke(command, ["--top", "1"], input=sent).output
    assert "often told" in table
    assert "50.0%" in table
    assert "twice" not in table


def test_compressed_files_are_read_and_a_damaged_one_ends_with_code_2(tmp_path: Path) -> None:
    sent = b"disk full\nFooError: x\n    at load (/srv/app.js:1:2)\n"
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(sent))
    (tmp_path / "a.log.xz").write_bytes(lzma.compress(sent))
    expected = ids_of(sent)
    for name in ("a.log.gz", "a.log.xz"):
        told = CliRunner().invoke(command, ["--format", "ids", str(tmp_path / name)])
        assert told.output.split() == expected
    (tmp_path / "b.log.xz").write_bytes(b"no archive")
    assert CliRunner().invoke(command, [str(tmp_path / "b.log.xz")]).exit_code == 2


def test_a_line_of_megabytes_gets_one_id_and_is_marked_as_cut() -> None:
    long = "disk " + "full " * 600_000
    assert len(ids_of(f"a\n{long}\nb\n")) == 3
    (row,) = groups_of(long)
    assert str(row["example"]).endswith("…")


def pour(pipe: IO[bytes], lines: bytes) -> None:
    """Write until nobody reads any more."""
    while True:
        pipe.write(lines)
        pipe.flush()


def test_who_reads_the_pipe_gets_each_id_at_once_and_may_leave_early() -> None:
    code = "from streams.commands.signatures import command; command(['--format', 'ids'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        for line in (b"disk full\n", b"FooError: perhaps the head of a trace\n"):
            running.stdin.write(line)
            running.stdin.flush()
            assert running.stdout.readline().startswith(b"signature-")
        running.stdout.close()
        with pytest.raises(BrokenPipeError):
            pour(running.stdin, b"disk full\n" * 10_000)
        assert b"Traceback" not in running.stderr.read()
        running.stdin = None


def test_the_readme_shows_what_comes_out() -> None:
    readme = Path(__file__).resolve().parents[3] / "README.md"
    section = readme.read_text(encoding="utf-8").split("## On its own")[1].split("\n## ")[0]
    log, _, shown, *_ = re.findall(r"```(?:log|sh|)\n(.*?)```", section, re.DOTALL)
    told = CliRunner().invoke(command, input=log)
    assert [each.rstrip() for each in told.output.splitlines()] == shown.splitlines()


def test_what_else_a_recording_holds_is_told_apart_by_its_kind_alone() -> None:
    events = [
        {"kind": "metric", "timestamp": 1, "service": "web", "name": "cpu", "value": 1},
        {"kind": "metric", "timestamp": 2, "service": "web", "name": "memory", "value": 7},
        {"kind": "span", "timestamp": 2, "service": "web", "name": "get", "duration_ms": 7},
        {"kind": "span", "timestamp": 2, "service": "web", "message": "disk full"},
    ]
    rows = groups_of("\n".join(map(json.dumps, events)))
    assert [(each["template"], each["count"]) for each in rows] == [
        ("(metric, no line)", 2), ("(span, no line)", 1), ("disk full", 1),
    ]  # fmt: skip
