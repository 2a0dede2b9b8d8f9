from pathlib import Path

from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from streams.commands.signatures import command


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
