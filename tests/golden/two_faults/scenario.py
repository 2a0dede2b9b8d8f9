"""Two faults in one system within a minute: the search index is corrupt, and the ledger's disk is full."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, P95, Service
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble, lines_of

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=14.0)
INDEX = Trouble(start=4.0, end=9.0, grows_within=0.4, fades_within=0.4)
DISK = Trouble(start=4.6, end=10.0, grows_within=0.4, fades_within=0.4)


def service(name: str, p95_ms: float, trouble: Trouble | None, *errors: str, **troubled: float) -> Service:
    """Give a service with its usual lines, and what it logs and measures while the trouble lasts."""
    usual = lines_of(name, (12, "INFO", "request {hex} answered in {ms} ms"))
    failing = lines_of(name, *((30, "ERROR", each) for each in errors), trouble=trouble)
    metrics = {{"errors": ERROR_RATIO, "p95": P95}[key]: value for key, value in troubled.items()}
    return Service(
        name=name, requests_per_s=20, p95_ms=p95_ms, every_s=20.0, lines=(*usual, *failing),
        trouble=trouble, troubled=metrics,
    )  # fmt: skip


SERVICES = (
    service("edge", 40, None),
    service("storefront", 180, INDEX, "page for {user} without results: catalogue answered 500", errors=24.0),
    service("catalogue", 90, INDEX, "search for {sku} failed: index segment {hex} unreadable", errors=27.0),
    service("search-index", 30, INDEX, "checksum of segment {hex} differs", errors=31.0),
    service(
        "account-api", 150, DISK, "balance of {user} not available: ledger timed out", errors=12.0, p95=2_900
    ),
    service("ledger", 80, DISK, "write of booking {order} rolled back after {slow_ms} ms", errors=14.0),
    service("ledger-db", 12, DISK, "could not extend file: no space left on device", p95=900),
)


def story() -> Story:
    """Tell the whole story."""
    shop = Story(START, seed=21)
    for each in SERVICES:
        each.tell(shop, WHOLE)
    shop.alert_episode(
        "storefront", "StorefrontErrorsHigh", fires=5.5, resolves=10.2, severity="critical",
        summary="Share of pages that fail is above 5 %", value=24.0, threshold=5.0, unit="%",
    )  # fmt: skip
    shop.alert_episode(
        "account-api", "AccountErrorsHigh", fires=6.4, resolves=11.2, severity="critical",
        summary="Share of account requests that fail is above 2 %", value=12.0, threshold=2.0, unit="%",
    )  # fmt: skip
    return shop


SCENARIO = Scenario(name="two_faults", story=story)
