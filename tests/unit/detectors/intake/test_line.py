import pytest

from detectors.intake.line import LINE_LIMIT, line_of


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("2026-05-12T13:00:00Z ERROR disk full", "error"),
        ("[WARN] slow", "warn"),
        ('{"level":"error","fields":{"message":"disk full"}}', "error"),
        ("no errors", None),
        ("done error=0", None),
    ],
)
def test_a_severity_that_was_not_sent_is_read_where_lines_carry_it(body: str, severity: str | None) -> None:
    assert line_of(body).severity == severity


def test_a_severity_that_was_sent_stays() -> None:
    assert line_of("ERROR disk full", "info").severity == "info"


def test_colours_are_removed_and_a_long_line_is_cut_and_marked() -> None:
    assert line_of("\x1b[31mdisk\x1b[0m full").body == "disk full"
    assert line_of("x" * 1_000_000).body == "x" * LINE_LIMIT + " …"


def test_a_trace_in_json_tells_its_fault() -> None:
    sent = '{"msg":"TypeError: no\\n    at load (/srv/app.js:1:2)"}'
    assert line_of(sent).identity == "TypeError < load"
