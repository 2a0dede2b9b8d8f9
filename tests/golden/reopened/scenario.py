"""A seat map runs out of memory, again some minutes after its restart, and once more after half an hour."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, MEMORY, Service
from tests.golden.story import Story
from tests.golden.traffic import Lines, Stretch, Trouble

START = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=75.0)
FAILURES = tuple(
    Trouble(start=minute, end=minute + 3.0, grows_within=0.3, fades_within=0.3)
    for minute in (4.0, 13.0, 49.0)
)


def story() -> Story:
    """Tell the whole story."""
    show = Story(START, seed=25)
    for name in ("ticket-api", "seat-map"):
        Lines(service=name, per_minute=4, body="seats of show {hex} read in {ms} ms").tell(show, WHOLE)
    begin = 0.0
    for failure in FAILURES:
        until = failure.end + 5.0
        stretch = Stretch(start=begin, end=until)
        Service(
            name="ticket-api", requests_per_s=10, p95_ms=200, every_s=30.0, trouble=failure,
            troubled={ERROR_RATIO: 35.0},
        ).tell(show, stretch)  # fmt: skip
        Service(
            name="seat-map", requests_per_s=10, p95_ms=60, every_s=30.0, trouble=failure,
            troubled={MEMORY: 99.0, ERROR_RATIO: 50.0},
        ).tell(show, stretch)  # fmt: skip
        Lines(
            service="seat-map", per_minute=30, severity="ERROR", trouble=failure,
            body="show {hex} not loaded: out of memory after {count} plans",
        ).tell(show, stretch)  # fmt: skip
        show.alert_episode(
            "ticket-api", "TicketErrorsHigh", fires=failure.start + 1, resolves=failure.end + 0.8,
            severity="critical", summary="Share of failing orders is above 5 %", value=35.0, threshold=5.0,
            unit="%",
        )  # fmt: skip
        begin = until
    show.feedback(5.4, "acknowledge", "ticket-api")
    return show


SCENARIO = Scenario(name="reopened", story=story)
