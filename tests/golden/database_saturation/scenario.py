"""A report runs unplanned on the order database: its connections are used up, and orders wait for them."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import CPU, ERROR_RATIO, P95, POOL, Service
from tests.golden.story import Story
from tests.golden.trace import Call, tell_requests
from tests.golden.traffic import Stretch, Trouble, lines_of

START = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=15.0)
SHORTAGE = Trouble(start=4.0, end=9.5, grows_within=1.0, fades_within=0.6)
SERVICES = (
    Service(
        name="order-web", requests_per_s=25, p95_ms=260, trouble=SHORTAGE,
        troubled={ERROR_RATIO: 16.0, P95: 5_200.0},
        lines=lines_of("order-web", (12, "INFO", "GET /cart 200 {ms}ms client={ip}")),
    ),
    Service(
        name="order-api", requests_per_s=18, p95_ms=150, pool_in_use=9, trouble=SHORTAGE,
        troubled={ERROR_RATIO: 19.0, P95: 4_800.0, POOL: 50.0},
        lines=(
            *lines_of("order-api", (12, "INFO", "order {order} stored in {ms} ms")),
            *lines_of(
                "order-api",
                (26, "ERROR", "order {order} not stored: no connection free within {slow_ms} ms"),
                trouble=SHORTAGE,
            ),
        ),
    ),
    Service(
        name="order-db", requests_per_s=60, p95_ms=9, cpu_pct=30, pool_in_use=40, trouble=SHORTAGE,
        troubled={CPU: 98.0, POOL: 200.0, P95: 2_100.0},
        lines=(
            *lines_of("order-db", (8, "INFO", "checkpoint complete, wrote {count} buffers")),
            *lines_of(
                "order-db",
                (14, "ERROR", "remaining connection slots are reserved, client {ip} refused"),
                trouble=SHORTAGE,
            ),
        ),
    ),
)  # fmt: skip
REQUEST = Call(
    service="order-web", operation="POST /orders", own_ms=25, trouble=SHORTAGE, troubled_error_ratio=0.02,
    calls=(
        Call(
            service="order-api", operation="POST /orders", own_ms=40, trouble=SHORTAGE,
            troubled_error_ratio=0.18, slower=9.0,
        ),
    ),
)  # fmt: skip


def story() -> Story:
    """Tell the whole story."""
    noon = Story(START, seed=27)
    for each in SERVICES:
        each.tell(noon, WHOLE)
    tell_requests(noon, REQUEST, 14, WHOLE)
    noon.change(
        1.5, "deploy", "order-web", version="v210", previous_version="v209",
        summary="Deploy order-web v210: new colours", attributes={"files_changed": ["src/theme/colours.css"]},
    )  # fmt: skip
    noon.alert_episode(
        "order-web", "OrderErrorsHigh", fires=5.6, resolves=10.8, severity="critical",
        summary="Share of failing orders is above 5 %", value=16.0, threshold=5.0, unit="%",
    )  # fmt: skip
    noon.alert_episode(
        "order-db", "ConnectionsNearLimit", fires=5.9, resolves=10.6, severity="warning",
        summary="More than 90 % of the connections are in use", value=99.0, threshold=90.0, unit="%",
    )  # fmt: skip
    noon.feedback(7.0, "acknowledge", "order-web")
    return noon


SCENARIO = Scenario(name="database_saturation", story=story)
