import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

from streams import log_output


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_lines_are_json_with_an_event_name_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    log_output.set_up("info")
    structlog.get_logger().info("incident.detected", incident_id="i1")
    [line] = lines(capsys)
    assert line["event"] == "incident.detected"
    assert line["incident_id"] == "i1"
    assert line["level"] == "info"


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log_output.set_up("warning")
    structlog.get_logger().info("chunk.folded")
    assert lines(capsys) == []


def test_libraries_are_heard_from_warning_on_and_in_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    log_output.set_up("debug")
    logging.getLogger("aiokafka.consumer").info("Joined group %s", "g")
    logging.getLogger("aiokafka.consumer").warning("Heartbeat failed for %s", "g")
    [line] = lines(capsys)
    assert (line["event"], line["logger"]) == ("Heartbeat failed for g", "aiokafka.consumer")


def test_an_exception_is_inside_the_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_output.set_up("info")
    try:
        raise ValueError("bad bucket")
    except ValueError:
        structlog.get_logger().exception("chunk.failed")
    [line] = lines(capsys)
    assert "ValueError: bad bucket" in str(line["exception"])
