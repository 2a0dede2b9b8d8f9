"""Users see the storefront fail; what lies behind shows two minutes later, and people pass it on again."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, P95, POOL, Service
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble, lines_of

START = datetime(2026, 9, 15, 14, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=40.0)
SEEN = Trouble(start=19.5, end=34.0, grows_within=0.5)
BEHIND = Trouble(start=21.0, end=34.0, grows_within=0.5)
"""When the pool of the prices runs full: its queue had hidden it until then."""

SERVICES = (
    Service(
        name="storefront",
        requests_per_s=50,
        p95_ms=260,
        trouble=SEEN,
        troubled={ERROR_RATIO: 14.0},
        lines=lines_of("storefront", (12, "INFO", "GET /articles 200 {ms}ms client={ip}")),
    ),
    Service(
        name="pricing",
        requests_per_s=20,
        p95_ms=80,
        pool_in_use=9,
        trouble=BEHIND,
        troubled={ERROR_RATIO: 22.0, P95: 2_600.0, POOL: 60.0},
        lines=(
            *lines_of("pricing", (12, "INFO", "price of {sku} computed in {ms} ms")),
            *lines_of(
                "pricing",
                (20, "ERROR", "no connection to pricing-db within 2000 ms for {sku}"),
                trouble=BEHIND,
            ),
        ),
    ),
)


def story() -> Story:
    """Tell the whole story."""
    shop = Story(START, seed=23)
    for service in SERVICES:
        service.tell(shop, WHOLE)
    shop.alert_episode(
        "storefront",
        "ArticlePagesFail",
        fires=20.0,
        resolves=35.5,
        severity="critical",
        summary="Share of article pages without a price is above 5 %",
        value=14.0,
        threshold=5.0,
        unit="%",
    )
    shop.feedback(20.7, "acknowledge", "storefront", actor="ada.k")
    shop.feedback(25.0, "acknowledge", "storefront", actor="cy")
    shop.feedback(27.0, "assign", "storefront", "team-data", actor="cy")
    shop.feedback(28.0, "acknowledge", "storefront", "The vacuum holds the connections", actor="dee")
    shop.feedback(34.2, "mitigate", "storefront", "Stopped the vacuum", actor="dee")
    shop.feedback(38.0, "resolve", "storefront", actor="dee")
    return shop


SCENARIO = Scenario(name="moved_owner", story=story)
