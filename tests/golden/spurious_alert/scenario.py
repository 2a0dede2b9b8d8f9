"""Nothing is wrong, and a probe that lost one packet alerts for forty seconds."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import Service
from tests.golden.story import Story
from tests.golden.trace import Call, tell_requests
from tests.golden.traffic import Stretch, lines_of

START = datetime(2026, 3, 15, 7, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=12.0)
SERVICES = (
    Service(
        name="timetable", requests_per_s=22, p95_ms=190,
        lines=lines_of("timetable", (14, "INFO", "GET /departures 200 {ms}ms client={ip}")),
    ),
    Service(
        name="route-planner", requests_per_s=12, p95_ms=120,
        lines=lines_of(
            "route-planner", (10, "INFO", "{count} routes found in {ms} ms"),
            (2, "WARN", "timetable version {hex} is {count} minutes old"),
        ),
    ),
)  # fmt: skip
REQUEST = Call(
    service="timetable", operation="GET /departures", own_ms=20,
    calls=(Call(service="route-planner", operation="GET /routes", own_ms=40),),
)  # fmt: skip


def story() -> Story:
    """Tell the whole story."""
    morning = Story(START, seed=26)
    for each in SERVICES:
        each.tell(morning, WHOLE)
    tell_requests(morning, REQUEST, 12, WHOLE)
    for minute, status in ((6.0, "firing"), (6.67, "resolved")):
        morning.alert(
            minute, "timetable", "ProbeFailed", status, severity="critical", source="blackbox",
            summary="The probe of /departures failed",
        )  # fmt: skip
    return morning


SCENARIO = Scenario(name="spurious_alert", story=story)
