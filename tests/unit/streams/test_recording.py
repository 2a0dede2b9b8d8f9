import gzip
import json
import lzma
from pathlib import Path

import pytest

from streams.recording.reading import Broken, Line, RecordingError, extent, read, read_merged

ALERT = {
    "kind": "alert",
    "timestamp": 1782205200.5,
    "service": "checkout-api",
    "name": "Errors",
    "status": "firing",
}


def a_recording(folder: Path, *lines: object, name: str = "some.ndjson") -> Path:
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines) + "\n"
    packed = {".gz": gzip.compress, ".xz": lzma.compress}.get(Path(name).suffix, bytes)
    (folder / name).write_bytes(packed(text.encode()))
    return folder / name


@pytest.mark.parametrize("name", ["some.ndjson", "some.ndjson.gz", "some.ndjson.xz"])
def test_a_line_keeps_its_bytes_and_knows_its_topic_key_and_time(tmp_path: Path, name: str) -> None:
    path = a_recording(tmp_path, ALERT, name=name)
    assert list(read(path)) == [
        Line(1, "alerts", "checkout-api", 1782205200.5, json.dumps(ALERT).encode(), path)
    ]


@pytest.mark.parametrize(
    ("kind", "topic"),
    [
        ("change", "deploys"),
        ("log", "logs"),
        ("metric", "metrics"),
        ("span", "spans"),
        ("feedback", "feedback"),
    ],
)
def test_every_kind_has_its_topic(tmp_path: Path, kind: str, topic: str) -> None:
    (line,) = read(a_recording(tmp_path, {"kind": kind, "timestamp": 1782205200}))
    assert isinstance(line, Line)
    assert (line.topic, line.key) == (topic, "")


def test_feedback_without_a_service_is_keyed_by_its_incident(tmp_path: Path) -> None:
    (line,) = read(
        a_recording(tmp_path, {"kind": "feedback", "timestamp": 1782205200, "incident_id": "inc-1"})
    )
    assert isinstance(line, Line)
    assert line.key == "inc-1"


def test_text_times_are_read_and_impossible_ones_are_left_to_the_intake(tmp_path: Path) -> None:
    times = ["2026-06-23T11:00:00+02:00", "2026-06-23T09:00:00", "yesterday", 1782205200000, None, True]
    lines = list(read(a_recording(tmp_path, *({**ALERT, "timestamp": each} for each in times))))
    assert [line.timestamp for line in lines if isinstance(line, Line)] == [1782205200.0, *[None] * 5]


def test_an_event_with_a_field_of_the_wrong_type_is_still_sent(tmp_path: Path) -> None:
    (line,) = read(a_recording(tmp_path, {**ALERT, "service": 7}))
    assert isinstance(line, Line)
    assert (line.topic, line.key) == ("alerts", "")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[1]", "object"),
        ("{", "not JSON"),
        ('{"kind": "poem"}', "poem"),
        ("[" * 100_000, "not"),
        ("\xff", "not JSON"),
    ],
)
def test_a_line_that_is_no_event_is_told_with_its_number(tmp_path: Path, text: str, word: str) -> None:
    first, broken, last = read(a_recording(tmp_path, ALERT, text, ALERT))
    assert isinstance(first, Line)
    assert isinstance(broken, Broken)
    assert broken.number == 2
    assert word in broken.reason
    assert isinstance(last, Line)


def test_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    assert [line.number for line in read(a_recording(tmp_path, "", ALERT, "  ", ALERT))] == [2, 4]


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = a_recording(tmp_path, *[ALERT] * 1000, name="cut.ndjson.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RecordingError, match=r"cut\.ndjson\.gz cannot be read"):
        list(read(path))


def test_several_recordings_are_merged_by_event_time(tmp_path: Path) -> None:
    one = a_recording(
        tmp_path, *({**ALERT, "timestamp": 1782205200 + each} for each in (0, 4)), name="one.ndjson"
    )
    two = a_recording(
        tmp_path, {**ALERT, "timestamp": 1782205202}, {**ALERT, "timestamp": "?"}, name="two.ndjson.gz"
    )
    times = [line.timestamp for line in read_merged([one, two]) if isinstance(line, Line)]
    assert times == [1782205200.0, 1782205202.0, None, 1782205204.0]


def test_the_extent_leaves_broken_lines_out(tmp_path: Path) -> None:
    path = a_recording(tmp_path, {**ALERT, "timestamp": 1782205230}, "?", ALERT, {**ALERT, "timestamp": None})
    assert extent([path]) == (3, 1782205200.5, 1782205230.0)
