"""A quarter of an hour in which nothing is wrong, although warnings recur and two services are deployed."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import Service
from tests.golden.story import Story
from tests.golden.trace import Call, tell_requests
from tests.golden.traffic import Lines, Stretch

START = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=15.0)

PORTAL = Service(
    name="portal",
    requests_per_s=30,
    p95_ms=210,
    lines=(
        Lines(service="portal", per_minute=20, body="GET /titles 200 {ms}ms client={ip}"),
        Lines(
            service="portal", per_minute=3, severity="WARN", body="client {ip} sent an expired session {hex}"
        ),
    ),
)
LOANS = Service(
    name="loans",
    requests_per_s=8,
    p95_ms=160,
    pool_in_use=6,
    lines=(
        Lines(service="loans", per_minute=14, body="loan {order} of {user} extended in {ms} ms"),
        Lines(service="loans", per_minute=4, severity="WARN", body="reminder {hex} is due for {count} days"),
        Lines(
            service="loans", per_minute=2, severity="ERROR", body="mail to {user} came back: mailbox is full"
        ),
    ),
)
CATALOGUE = Service(
    name="catalogue",
    requests_per_s=18,
    p95_ms=90,
    lines=(Lines(service="catalogue", per_minute=18, body="found {count} titles in {ms} ms"),),
)
REQUEST = Call(
    service="portal",
    operation="GET /titles",
    own_ms=20,
    calls=(
        Call(service="loans", operation="GET /loans", own_ms=30),
        Call(service="catalogue", operation="GET /titles", own_ms=25),
    ),
)


def story() -> Story:
    """Tell the whole story."""
    library = Story(START, seed=11)
    for service in (PORTAL, LOANS, CATALOGUE):
        service.tell(library, WHOLE)
    tell_requests(library, REQUEST, 14, WHOLE)
    library.change(
        3.0,
        "commit",
        "portal",
        commit="a7d31c90e84f5b26",
        summary="Larger letters on the start page",
        attributes={"files_changed": ["src/start/page.css"]},
    )
    PORTAL.restart(library, 5.0, "v31")
    library.change(
        5.0,
        "deploy",
        "portal",
        version="v31",
        previous_version="v30",
        commit="a7d31c90e84f5b26",
        summary="Deploy portal v31",
        state="succeeded",
    )
    LOANS.restart(library, 9.0, "v8")
    library.change(
        9.0,
        "deploy",
        "loans",
        version="v8",
        previous_version="v7",
        summary="Deploy loans v8: tidy the reminder job",
        state="succeeded",
    )
    return library


SCENARIO = Scenario(name="quiet", story=story)
