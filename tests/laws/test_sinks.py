"""What every sink keeps, whatever it writes to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sinks.postmortem_files import PostmortemFiles
from sinks.sink import PostmortemSink
from tests.unit.detectors.incidents.test_postmortem_draft import an_outage, drafted

SINKS: dict[str, Callable[[Path], PostmortemSink]] = {"files": PostmortemFiles}
"""Each sink with everything it keeps below one folder."""


def kept(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.fixture(params=sorted(SINKS))
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> PostmortemSink:
    return SINKS[request.param](tmp_path)


async def test_writing_twice_leaves_one_result(sink: PostmortemSink, tmp_path: Path) -> None:
    await sink.write(drafted(an_outage()))
    once = kept(tmp_path)
    await sink.write(drafted(an_outage()))
    assert once
    assert kept(tmp_path) == once


async def test_closing_twice_is_harmless(sink: PostmortemSink, tmp_path: Path) -> None:
    await sink.write(drafted(an_outage()))
    await sink.close()
    once = kept(tmp_path)
    await sink.close()
    assert kept(tmp_path) == once


async def test_closing_without_writing_leaves_nothing(sink: PostmortemSink, tmp_path: Path) -> None:
    await sink.close()
    assert kept(tmp_path) == {}


async def test_what_is_given_is_not_changed(sink: PostmortemSink) -> None:
    draft = drafted(an_outage())
    before = repr(draft)
    await sink.write(draft)
    assert repr(draft) == before
