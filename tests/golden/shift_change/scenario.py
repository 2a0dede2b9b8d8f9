"""Picking robots stand still while the night shift hands over; a slip of the pen gives it to nobody."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, Service
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble, lines_of

START = datetime(2026, 11, 10, 5, 20, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=90.0)
FAILING = Trouble(start=15.0, end=68.0, grows_within=0.5)

SERVICES = (
    Service(
        name="picking",
        requests_per_s=9,
        p95_ms=220,
        trouble=FAILING,
        troubled={ERROR_RATIO: 14.0},
        lines=(
            *lines_of("picking", (10, "INFO", "tote {order} picked in {ms} ms")),
            *lines_of(
                "picking", (14, "ERROR", "tote {order} refused: no route to the aisle"), trouble=FAILING
            ),
        ),
    ),
    Service(
        name="packing",
        requests_per_s=3,
        p95_ms=300,
        lines=lines_of("packing", (6, "INFO", "packed {count} totes in {ms} ms")),
    ),
)


def story() -> Story:
    """Tell the whole story."""
    store = Story(START, seed=37)
    for service in SERVICES:
        service.tell(store, WHOLE)
    store.alert_episode(
        "picking",
        "TotesRefused",
        fires=16.0,
        resolves=69.0,
        severity="critical",
        summary="Share of totes that are refused is above 5 %",
        value=14.0,
        threshold=5.0,
        unit="%",
    )
    store.feedback(18.0, "acknowledge", "picking", actor="ida")
    store.feedback(38.0, "note", "picking", "Ida and oke look at the map of aisle 7", actor="ida")
    store.feedback(44.0, "acknowledge", "picking", actor="oke")
    store.feedback(46.0, "assign", "picking", "team-map", actor="oke")
    store.feedback(49.0, "assign", "picking", "team-maps", actor="oke")
    store.feedback(50.0, "acknowledge", "picking", actor="on-call")
    store.feedback(67.0, "mitigate", "picking", "Took the map of yesterday back", actor="jun")
    store.feedback(73.0, "resolve", "picking", actor="jun")
    return store


SCENARIO = Scenario(name="shift_change", story=story)
