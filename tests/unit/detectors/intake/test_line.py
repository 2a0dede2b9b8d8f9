import pytest

from detectors.intake.line import LINE_LIMIT, line_of


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("2026-05-12T13:00:00Z ERROR disk full", "error"),
        ("[WARN] slow", "warn"),
        ('{"level":"error","fields":{"message":"disk full"}}', "error"),
        ("2026-05-12 13:00:00,123 [main] ERROR com.acme.Orders - disk full", "error"),
        ("May 12 13:00:00 web-1 app[12]: WARNING: slow", "warn"),
        ("2026/05/12 13:00:00 [error] 12#0: *5 open() failed", "error"),
        ("[Wed May 12 14:32:52 2026] [core:error] [client 1] no file", "error"),
        ("ERROR:root:disk full", "error"),
        ("[13:00:00 ERR] disk full", "error"),
        ("E0512 13:00:00.100000 1 disk.go:3] full", "error"),
        ("E/Disk( 12): full", "error"),
        ("05-12 13:00:00.000  1234  1234 W Disk: nearly full", "warn"),
        ("<11>May 12 13:00:00 web app: disk full", "error"),
        ('10.0.0.1 - - [12/May/2026:13:00:00 +0000] "GET / HTTP/1.1" 502 0', "error"),
        ('10.0.0.1 - - [12/May/2026:13:00:00 +0000] "GET / HTTP/1.1" 200 502', "info"),
        ('level=warning msg="disk nearly full" free=3', "warn"),
        ('{"level":50,"time":1,"msg":"disk full"}', "error"),
        ('{"log":{"level":"error"},"message":"disk full"}', "error"),
        ('{"level":{"name":"ERROR","no":40},"message":"disk full"}', "error"),
        ('{"version":"1.1","short_message":"disk full","level":3}', "error"),
        ('{"log":"2026-05-12 13:00:00 ERROR disk full\\n","stream":"stderr"}', "error"),
        ("no errors", None),
        ("done error=0", None),
        ("0 errors, ERROR=0", None),
        ("13:00:01 the error budget is fine", None),
        ("<999>x", None),
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
    assert line_of(sent).identity == "TypeError←load"


@pytest.mark.parametrize(
    "sent",
    [
        'level=info msg="disk \\"a\\" full" free=3',
        '{"level":"info","msg":"disk \\"a\\" full","free":3}',
        '{"log":"{\\"msg\\":\\"disk \\\\\\"a\\\\\\" full\\",\\"free\\":3}\\n"}',
    ],
)
def test_the_message_comes_out_of_its_wrapping_and_the_other_fields_become_attributes(sent: str) -> None:
    line = line_of(sent)
    assert (line.body, dict(line.attributes)) == ('disk "a" full', {"free": "3"})


def test_a_line_that_only_holds_pairs_is_no_logfmt() -> None:
    for sent in ("acquire lock=1, msg=3 level=2", 'msg="no end level=info', "key=1 msg=2"):
        assert line_of(sent).body == sent


@pytest.mark.parametrize("name", ["exception", "stack", "stack_trace"])
def test_a_trace_in_a_field_of_its_own_tells_the_fault(name: str) -> None:
    trace = "TypeError: no 5\\n    at load (/srv/app.js:1:2)"
    assert line_of(f'{{"message":"failed","{name}":"{trace}"}}').identity == "TypeError←load"
    assert line_of(f'{{"message":"failed","error":{{"{name}":"{trace}"}}}}').identity == "TypeError←load"
    told = line_of("failed", None, {"exception.stacktrace": trace.replace("\\n", "\n")})
    assert (told.identity, told.severity) == ("TypeError←load", "error")


@pytest.mark.parametrize(
    ("sent", "body", "severity"),
    [
        ('{"message": {"text": "order refused", "order": 7}, "level": "warn"}', "order refused", "warn"),
        ('{"event": "checkout", "message": {"text": "order refused"}}', "order refused", None),
        ('{"error": "boom", "status": 500}', "boom", "error"),
        ('{"error": "boom", "msg": "order refused", "level": "info"}', "order refused", "info"),
    ],
)
def test_a_message_is_found_where_it_lies_deeper_or_where_only_a_fault_is_told(
    sent: str, body: str, severity: str | None
) -> None:
    line = line_of(sent)
    assert (line.body, line.severity) == (body, severity)
