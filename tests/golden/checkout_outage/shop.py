"""What is the shop like on a good day, and what does the outage do to its services?"""

from tests.golden.service import CPU, ERROR_RATIO, P95, POOL, REQUESTS, Service
from tests.golden.trace import Call
from tests.golden.traffic import Trouble, lines_of

DEPLOYED = 20.0
ROLLED_BACK = 35.0
# The first bad requests come 70 s after the deployment, when the old instances have drained.
CONFLICTS = Trouble(start=21.2, end=35.1, grows_within=1.3, fades_within=1.2)
# The retries have to pile up before they overload the payments service.
OVERLOAD = Trouble(start=22.0, end=35.3, grows_within=2.0, fades_within=1.5)

FAKE_EMAIL = "shopper.4711" + "@" + "example.test"
FAKE_TOKEN = "hw" + "0fake0" + "9f3c1d7e5b2a4680" * 2
FAKE_CARD = " ".join(["4111"] + ["1111"] * 3)
SECRETS = (FAKE_EMAIL, FAKE_TOKEN, FAKE_CARD)


WEB = Service(
    name="web",
    requests_per_s=120,
    p95_ms=310,
    trouble=OVERLOAD,
    troubled={P95: 1_900.0},
    lines=(
        *lines_of(
            "web",
            (14, "INFO", "GET /products/{sku} 200 {ms}ms client={ip}"),
            (10, "INFO", "POST /cart 200 {ms}ms client={ip} user={user}"),
            (2, "WARN", "session cookie of client {ip} has expired, asking to sign in"),
            (1, "WARN", "slow upstream answer after {slow_ms} ms for /recommendations"),
        ),
        *lines_of(
            "web",
            (12, "WARN", "checkout did not finish for user {user}, showing the page to try again"),
            trouble=CONFLICTS,
        ),
    ),
)
CHECKOUT = Service(
    name="checkout-api",
    requests_per_s=14,
    p95_ms=420,
    pool_in_use=11,
    trouble=CONFLICTS,
    troubled={ERROR_RATIO: 18.0, P95: 3_400.0, POOL: 19.0},
    lines=(
        *lines_of(
            "checkout-api",
            (24, "INFO", "order {order} placed by {user} in {ms} ms, total {amount} EUR"),
            (12, "INFO", "payment authorized for order {order}, amount {amount} EUR"),
            (6, "INFO", "GET /orders/{order} 200 {bytes} bytes"),
            (2, "WARN", "voucher {hex} was rejected: expired"),
            (1, "WARN", "connection to cart was reset by peer, reconnected after {ms} ms"),
        ),
        *lines_of(
            "checkout-api",
            (34, "ERROR", "payment of order {order} failed: idempotency key {key} has another body (409)"),
            (26, "ERROR", "payment client timed out after 800 ms, order {order}, attempt {attempt} of 5"),
            (3, "ERROR", "confirmation mail to " + FAKE_EMAIL + " withheld: order {order} is not paid"),
            (
                3,
                "ERROR",
                "request to payments failed: Authorization: Bearer "
                + FAKE_TOKEN
                + " order {order} status 409",
            ),
            trouble=CONFLICTS,
        ),
    ),
)
PAYMENTS = Service(
    name="payments",
    requests_per_s=15,
    p95_ms=190,
    cpu_pct=38,
    pool_in_use=14,
    trouble=OVERLOAD,
    troubled={P95: 1_300.0, CPU: 93.0, POOL: 40.0, REQUESTS: 61.0, ERROR_RATIO: 2.6},
    lines=(
        *lines_of(
            "payments",
            (16, "INFO", "authorization {hex} approved, amount {amount} EUR, {ms} ms"),
            (3, "INFO", "settlement batch of {count} payments handed over"),
            (1, "WARN", "card " + FAKE_CARD + " was declined by its issuer"),
        ),
        *lines_of(
            "payments",
            (14, "WARN", "waited {slow_ms} ms for a database connection, pool of 40 is in use"),
            trouble=OVERLOAD,
        ),
    ),
)
OTHERS = (
    Service(
        name="inventory",
        requests_per_s=45,
        p95_ms=60,
        pool_in_use=8,
        lines=lines_of(
            "inventory",
            (12, "INFO", "reserved {count} of {sku} for order {order}"),
            (2, "WARN", "stock of {sku} is low: {count} left"),
        ),
    ),
    Service(
        name="cart",
        requests_per_s=32,
        p95_ms=45,
        lines=lines_of(
            "cart",
            (12, "INFO", "cart {hex} updated, {count} items, {ms} ms"),
            (1, "WARN", "cart {hex} was changed meanwhile, trying again"),
        ),
    ),
    Service(
        name="catalog-search",
        requests_per_s=70,
        p95_ms=120,
        lines=lines_of(
            "catalog-search",
            (14, "INFO", "query took {ms} ms, {count} hits"),
            (2, "WARN", "query {hex} fell back to the secondary index"),
        ),
    ),
    Service(
        name="notifications",
        requests_per_s=12,
        p95_ms=80,
        lines=lines_of(
            "notifications",
            (8, "INFO", "confirmation for order {order} queued"),
            (1, "WARN", "mail relay {ip} is busy, trying again in {count} s"),
        ),
    ),
    Service(
        name="reporting",
        requests_per_s=3,
        p95_ms=700,
        lines=lines_of("reporting", (5, "INFO", "report {hex} rendered, {bytes} bytes")),
    ),
    Service(
        name="ledger-export",
        requests_per_s=1,
        p95_ms=350,
        lines=lines_of("ledger-export", (4, "INFO", "exported {count} bookings in {ms} ms")),
    ),
)


def checkout_request(version: str) -> Call:
    """Give a checkout as that version performs it: v42 gives payments 800 ms and tries five times."""
    retrying = version == "v42"
    payments = Call(
        service="payments",
        operation="POST /authorizations",
        own_ms=95,
        trouble=OVERLOAD,
        slower=9.0,
        troubled_error_ratio=0.02,
        timeout_ms=800.0 if retrying else 3_000.0,
        attempts=5 if retrying else 1,
    )
    checkout = Call(
        service="checkout-api",
        operation="POST /checkout",
        own_ms=60,
        error_ratio=0.002,
        trouble=CONFLICTS if retrying else None,
        troubled_error_ratio=0.16,
        calls=(
            Call(service="cart", operation="GET /carts", own_ms=12),
            Call(service="inventory", operation="POST /reservations", own_ms=18),
            payments,
            Call(service="notifications", operation="POST /messages", own_ms=9, optional=True),
        ),
        optional=True,  # web shows the page to try again and answers 200
        error_line="checkout of order {order} failed after {ms} ms: payment was not confirmed"
        if retrying
        else None,
    )
    return Call(service="web", operation="POST /checkout", own_ms=25, calls=(checkout,))


SEARCH_REQUEST = Call(
    service="web",
    operation="GET /search",
    own_ms=15,
    calls=(Call(service="catalog-search", operation="GET /query", own_ms=55),),
)
CART_REQUEST = Call(
    service="web",
    operation="POST /cart",
    own_ms=12,
    calls=(Call(service="cart", operation="PUT /carts", own_ms=14),),
)
REPORT_REQUEST = Call(
    service="reporting",
    operation="GET /reports",
    own_ms=320,
    calls=(Call(service="ledger-export", operation="GET /bookings", own_ms=110),),
)
