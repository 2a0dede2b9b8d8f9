"""Friday of a sale, 20:05 in Berlin: one order in twelve fails after a flag, until it is turned off."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, P95, Service
from tests.golden.story import Story
from tests.golden.trace import Call, tell_requests
from tests.golden.traffic import Lines, Series, Stretch, Trouble

START = datetime(2026, 11, 27, 18, 50, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=46.0)
TROUBLE = Trouble(start=15.5, end=24.0, grows_within=0.5, fades_within=0.5)

STOREFRONT = Service(
    name="storefront",
    requests_per_s=900,
    p95_ms=210,
    trouble=TROUBLE,
    troubled={ERROR_RATIO: 8.4, P95: 340},
    lines=(Lines(service="storefront", per_minute=8, body="order {order} placed in {ms} ms"),),
)
ORDERS = Series(
    service="storefront",
    name="orders_per_minute",
    unit="1",
    usual=640,
    wobble=14,
    trouble=TROUBLE,
    troubled=385,
)


def story() -> Story:
    """Tell the whole evening."""
    sale = Story(START, seed=11)
    STOREFRONT.tell(sale, WHOLE)
    ORDERS.tell(sale, WHOLE)
    request = Call(
        service="storefront",
        operation="POST /orders",
        own_ms=40,
        trouble=TROUBLE,
        troubled_error_ratio=0.084,
        error_line="order {order} refused: voucher service answered {ms} vouchers for one basket",
    )
    tell_requests(sale, request, 60, Stretch(start=0.0, end=30.0))
    sale.change(
        15.0,
        "feature_flag",
        "storefront",
        name="two-vouchers",
        state="on",
        summary="Allow two vouchers an order",
    )
    sale.alert_episode(
        "storefront", "OrderErrorRateHigh", fires=17.0, resolves=26.0, severity="warning",
        source="prometheus", summary="Share of failed orders is above 2 %",
        value=8.4, threshold=2.0, unit="%",
    )  # fmt: skip
    sale.alert_episode(
        "storefront", "CartLatencyHigh", fires=18.0, resolves=43.0, severity="warning",
        source="prometheus", summary="95th percentile of the cart is above 300 ms",
        value=340.0, threshold=300.0, unit="ms",
    )  # fmt: skip
    sale.feedback(18.5, "acknowledge", "storefront")
    sale.change(
        23.8,
        "feature_flag",
        "storefront",
        name="two-vouchers",
        state="off",
        summary="One voucher an order again",
    )
    return sale


SCENARIO = Scenario(name="peak_checkout", story=story, profile="ecommerce-peak")
