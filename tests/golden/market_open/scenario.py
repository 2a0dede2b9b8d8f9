"""09:12 in New York, the Monday after clocks changed: orders are slow, and the market opens at 09:30."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import P95, Service
from tests.golden.story import Story
from tests.golden.traffic import Lines, Stretch, Trouble

START = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=50.0)
TROUBLE = Trouble(start=12.0, end=38.0, grows_within=0.5, fades_within=0.5)

ROUTER = Service(
    name="order-router",
    requests_per_s=400,
    p95_ms=22,
    trouble=TROUBLE,
    troubled={P95: 68},
    lines=(Lines(service="order-router", per_minute=8, body="order {order} routed in {ms} ms"),),
)


def story() -> Story:
    """Tell the morning."""
    morning = Story(START, seed=8)
    ROUTER.tell(morning, WHOLE)
    morning.change(
        11.5, "deploy", "order-router", version="r88", previous_version="r87",
        summary="Deploy order-router r88: check margins twice", state="succeeded",
    )  # fmt: skip
    morning.alert_episode(
        "order-router", "OrderLatencyHigh", fires=14.0, resolves=39.5, severity="warning",
        source="prometheus", summary="95th percentile of an order is above 40 ms",
        value=68.0, threshold=40.0, unit="ms",
    )  # fmt: skip
    morning.feedback(31.0, "acknowledge", "order-router")
    morning.change(
        37.5, "rollback", "order-router", version="r87", previous_version="r88",
        summary="Roll order-router back to r87",
    )  # fmt: skip
    return morning


SCENARIO = Scenario(name="market_open", story=story, profile="trading-hours")
