"""The checkout outage, told in order: 54 minutes of a shop on a Tuesday."""

from datetime import UTC, datetime

from tests.golden.checkout_outage.shop import (
    CART_REQUEST,
    CHECKOUT,
    DEPLOYED,
    OTHERS,
    PAYMENTS,
    REPORT_REQUEST,
    ROLLED_BACK,
    SEARCH_REQUEST,
    SECRETS,
    WEB,
    checkout_request,
)
from tests.golden.scenario import Scenario
from tests.golden.story import Story
from tests.golden.trace import tell_requests
from tests.golden.traffic import Stretch

START = datetime(2026, 5, 12, 13, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=54.0)
RETRY_COMMIT = "9c41e07b5d2f8a63"
FLAPS = ((6.5, 7.5), (9.0, 9.6), (24.4, 25.2), (27.1, 27.9), (30.3, 31.4))
"""When the informational alert of catalog-search fires and resolves: it has nothing to do with anything."""


def story() -> Story:
    """Tell the whole story."""
    shop = Story(START, seed=42)
    _traffic(shop)
    _before(shop)
    _outage(shop)
    _recovery(shop)
    return shop


def _traffic(shop: Story) -> None:
    for service in (WEB, CHECKOUT, PAYMENTS, *OTHERS):
        service.tell(shop, WHOLE)
    tell_requests(shop, checkout_request("v41"), 13, Stretch(start=0.0, end=DEPLOYED))
    tell_requests(shop, checkout_request("v42"), 13, Stretch(start=DEPLOYED, end=ROLLED_BACK))
    tell_requests(shop, checkout_request("v41"), 13, Stretch(start=ROLLED_BACK, end=WHOLE.end))
    tell_requests(shop, SEARCH_REQUEST, 6, WHOLE)
    tell_requests(shop, CART_REQUEST, 4, WHOLE)
    tell_requests(shop, REPORT_REQUEST, 2, WHOLE)
    for fires, resolves in FLAPS:
        note = {"severity": "info", "summary": "catalog-search evicts more of its cache than usual"}
        shop.alert(fires, "catalog-search", "CacheEvictionsHigh", since=fires, **note)
        shop.alert(resolves, "catalog-search", "CacheEvictionsHigh", "resolved", since=fires, **note)


def _before(shop: Story) -> None:
    shop.change(
        2.0,
        "feature_flag",
        "catalog-search",
        name="search-synonyms",
        state="on",
        summary="Turn on synonyms for half of the searches",
    )
    shop.change(
        5.0,
        "commit",
        "web",
        commit="1f0d9a4be8c37752",
        author="web-bot",
        summary="Explain the local setup in the README",
        attributes={"files_changed": ["docs/setup.md", "README.md"]},
    )
    WEB.restart(shop, 8.0, "v118")
    shop.change(
        8.0,
        "deploy",
        "web",
        started=7.2,
        version="v118",
        previous_version="v117",
        commit="1f0d9a4be8c37752",
        summary="Deploy web v118",
        state="succeeded",
    )
    shop.change(
        12.0,
        "scaling",
        "inventory",
        name="inventory",
        summary="Scale inventory from 4 to 5 replicas",
        state="succeeded",
    )


def _outage(shop: Story) -> None:
    shop.change(
        16.5,
        "commit",
        "checkout-api",
        commit=RETRY_COMMIT,
        author="checkout-bot",
        summary="Retry payment authorization up to five times with a timeout of 800 ms",
        attributes={
            "files_changed": ["src/payment/client.py", "src/payment/retry.py", "tests/payment/test_retry.py"],
            "diff": "-    timeout_ms=3000, attempts=1\n+    timeout_ms=800, attempts=5",
        },
    )
    CHECKOUT.restart(shop, DEPLOYED, "v42")
    shop.change(
        DEPLOYED,
        "deploy",
        "checkout-api",
        started=DEPLOYED - 0.9,
        version="v42",
        previous_version="v41",
        commit=RETRY_COMMIT,
        summary="Deploy checkout-api v42: retry payment authorization",
        state="succeeded",
    )
    shop.change(
        21.0,
        "deploy",
        "reporting",
        started=20.4,
        version="v9",
        previous_version="v8",
        summary="Deploy reporting v9: new columns in the monthly report",
        state="succeeded",
    )
    shop.alert_episode(
        "checkout-api",
        "CheckoutErrorRateHigh",
        fires=23.0,
        resolves=37.5,
        severity="critical",
        summary="Share of failed checkouts is above 5 %",
        labels={"env": "production", "route": "POST /checkout"},
        value=18.0,
        threshold=5.0,
        unit="%",
    )
    shop.change(
        24.0,
        "config",
        "notifications",
        name="mail-batch-size",
        summary="Raise the mail batch size from 50 to 80",
        state="succeeded",
    )
    shop.alert_episode(
        "payments",
        "PaymentsLatencyHigh",
        fires=25.0,
        resolves=38.0,
        severity="warning",
        summary="95th percentile of payments is above 1,000 ms",
        labels={"env": "production"},
        value=1300.0,
        threshold=1000.0,
        unit="ms",
    )
    shop.feedback(25.6, "acknowledge", "checkout-api")
    shop.feedback(
        28.4, "note", "checkout-api", "Errors began right after v42; payments only suffers from the retries"
    )


def _recovery(shop: Story) -> None:
    CHECKOUT.restart(shop, ROLLED_BACK, "v41")
    shop.change(
        ROLLED_BACK,
        "rollback",
        "checkout-api",
        started=ROLLED_BACK - 0.8,
        version="v41",
        previous_version="v42",
        summary="Roll checkout-api back to v41",
        state="succeeded",
    )
    shop.feedback(36.2, "mitigate", "checkout-api", "Rolled back to v41, errors are going down")
    shop.feedback(41.0, "resolve", "checkout-api", "Error ratio and latency are back to usual")


SCENARIO = Scenario(name="checkout_outage", story=story, secrets=SECRETS)
