"""Documents in a folder."""

import doctest
import os
from pathlib import Path

import msgspec
import pytest

from models.postmortem import Postmortem
from models.record import decode
from sinks import postmortem_files
from sinks.postmortem_files import PostmortemFiles
from sinks.sink import SinkUnavailableError
from tests.unit.detectors.incidents.test_postmortem_draft import an_outage, drafted


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_the_examples_in_the_docstrings_are_true() -> None:
    result = doctest.testmod(postmortem_files)
    assert result.attempted > 0
    assert result.failed == 0


async def test_both_documents_are_there_and_the_record_reads_back(tmp_path: Path) -> None:
    draft = drafted(an_outage())
    await PostmortemFiles(tmp_path / "new" / "folder").write(draft)
    folder = tmp_path / "new" / "folder"
    assert names(folder) == ["incident-1.json", "incident-1.md"]
    assert decode(Postmortem, (folder / "incident-1.json").read_bytes()) == draft


async def test_a_newer_draft_replaces_the_older_one(tmp_path: Path) -> None:
    sink, draft = PostmortemFiles(tmp_path), drafted(an_outage())
    await sink.write(draft)
    await sink.write(msgspec.structs.replace(draft, version=2))
    assert "Draft 2 of incident" in (tmp_path / "incident-1.md").read_text(encoding="utf-8")
    assert len(names(tmp_path)) == 2


async def test_what_a_crash_left_behind_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".incident-1.md.part").write_text("half a docu", encoding="utf-8")
    await PostmortemFiles(tmp_path).write(drafted(an_outage()))
    assert names(tmp_path) == ["incident-1.json", "incident-1.md"]


async def test_an_incident_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    draft = msgspec.structs.replace(drafted(an_outage()), incident_id="../../etc/passwd")
    await PostmortemFiles(folder).write(draft)
    assert names(tmp_path) == ["inside"]
    assert len(names(folder)) == 2


@pytest.mark.parametrize("other", ["a.b", "a/b", "", "x" * 300])
def test_different_ids_have_different_safe_names(other: str) -> None:
    name = postmortem_files.file_name(other)
    assert name not in {postmortem_files.file_name(each) for each in ("a_b", "a b", "x" * 301)}
    assert os.sep not in name
    assert not name.startswith(".")
    assert len(name) < 200


async def test_a_place_that_is_no_folder_says_where_and_when_to_come_back(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    with pytest.raises(SinkUnavailableError) as raised:
        await PostmortemFiles(taken).write(drafted(an_outage()))
    assert str(taken) in str(raised.value)
    assert raised.value.retry_after.total_seconds() > 0
    assert taken.read_text(encoding="utf-8") == "a file"
