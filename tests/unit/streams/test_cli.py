import json
import subprocess
import sys
from pathlib import Path

import pytest

from streams import cli, machine
from streams.policy_file import SHIPPED
from streams.policy_file import read as read_policy
from tests.golden import SCENARIOS


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def test_help_imports_no_command() -> None:
    script = (
        "import sys; from streams import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([each for each in sys.modules if each.startswith(('streams.commands.', 'faust', 'aiokafka'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "kafka" in done.stdout
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", [name for name, _ in cli.COMMANDS.items()])
def test_each_listed_command_can_be_imported_and_shows_its_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if name not in cli.headwater.list_commands(None):  # type: ignore[arg-type]  # the context is not used
        pytest.skip(f"streams.commands.{cli.COMMANDS[name][0]} is not there")
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert out.startswith(f"Usage: headwater {name}")


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "kafak")
    assert code == 2
    assert "kafak" in err


def test_an_unreachable_broker_is_one_line_with_advice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = f"127.0.0.1:{machine.free_port()}"
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", server)
    code, _, err = run(capsys, "topics", "check")
    assert code == 1
    assert err.startswith(f"Error: no broker at {server}: start one with `headwater kafka start`")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("command", [["worker"], ["replay", __file__]])
def test_a_mistake_in_the_policy_stops_the_start_with_its_line(
    command: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(SHIPPED.read_text(encoding="utf-8").replace("  near: 0.6", "  near: much"))
    monkeypatch.setenv("HEADWATER_POLICY", str(policy))
    code, _, err = run(capsys, *command)
    line = SHIPPED.read_text(encoding="utf-8").split("  near: 0.6")[0].count("\n") + 1
    assert code == 2
    assert f"{policy}, line {line}, severity.near: Expected `float`, got `str`" in err


def test_a_replay_is_judged_by_the_policy_that_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    recording, catalog, _ = SCENARIOS["bedside"].export(tmp_path)
    worst = {}
    for policy in (SHIPPED, SHIPPED.parent / "profiles" / "healthcare.yaml"):
        arguments = [str(recording), "--catalog", str(catalog), "--policy", str(policy)]
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", "replay", *arguments], capture_output=True, check=True
        )
        values = [json.loads(line)["value"] for line in done.stdout.splitlines()]
        triages = [each for each in values if each["kind"] == "triage"]
        worst[policy.stem] = min(each["severity"] for each in triages)
        assert {each["rules_version"].split("+")[1] for each in triages} == {read_policy(policy).digest}
    assert worst == {"policy": 2, "healthcare": 1}


def test_a_wrong_setting_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_PARTITIONS", "some")
    code, _, err = run(capsys, "topics", "check")
    assert code == 2
    assert (
        err == "Error: HEADWATER_PARTITIONS is 'some'; expected a whole number of partitions from 1 to 1000\n"
    )


def test_debugging_shows_where_an_error_came_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_PARTITIONS", "some")
    monkeypatch.setenv("HEADWATER_LOG_LEVEL", "debug")
    _, _, err = run(capsys, "topics", "check")
    assert "Traceback" in err
