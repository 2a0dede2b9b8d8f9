import subprocess
import sys

import pytest

from streams import cli, machine


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
