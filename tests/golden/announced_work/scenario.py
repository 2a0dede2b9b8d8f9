"""The stock database moves at night, as announced; one of its alerts still fires when the work is over."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, Service
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble, lines_of

START = datetime(2026, 3, 13, 23, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=26.0)
LAG = Trouble(start=3.0, end=18.0, grows_within=0.5, fades_within=0.5)
SERVICES = (
    Service(
        name="warehouse-api", requests_per_s=5, p95_ms=140, every_s=30.0,
        lines=lines_of("warehouse-api", (6, "INFO", "pick list {hex} printed in {ms} ms")),
    ),
    Service(
        name="stock-db", requests_per_s=9, p95_ms=15, every_s=30.0, trouble=LAG, troubled={ERROR_RATIO: 9.0},
        lines=lines_of("stock-db", (6, "INFO", "checkpoint {hex} written, {bytes} bytes")),
    ),
)  # fmt: skip


def story() -> Story:
    """Tell the whole story."""
    night = Story(START, seed=24)
    for each in SERVICES:
        each.tell(night, WHOLE)
    night.change(
        2.0, "maintenance", "stock-db", name="move to new disks", state="started",
        summary="stock-db moves to new disks", attributes={"ends_at": night.when(12.0)},
    )  # fmt: skip
    night.alert_episode(
        "stock-db", "StockDbRestarted", fires=3.2, resolves=6.0, severity="warning",
        summary="The database was restarted",
    )  # fmt: skip
    night.alert_episode(
        "stock-db", "StockDbErrorsHigh", fires=4.0, resolves=19.0, severity="critical",
        summary="Share of failing queries is above 2 %", value=9.0, threshold=2.0, unit="%",
    )  # fmt: skip
    night.feedback(13.5, "acknowledge", "stock-db")
    return night


SCENARIO = Scenario(name="announced_work", story=story)
