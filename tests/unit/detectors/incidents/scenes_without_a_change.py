"""Incidents for which no change is to blame, each with changes close by that look as if they were."""

from tests.unit.detectors.incidents.builders import an_alert, at
from tests.unit.detectors.incidents.scene import (
    Scene,
    configured,
    deployed,
    error,
    failing,
    flipped,
    metric,
    slow,
)

_TIDY = "-\tif n < 0 {\n-\t\treturn errRange\n-\t}\n+\treturn inRange(n)\n"

SCENES = {
    "a campaign": Scene(
        blamed=None,
        service="storefront",
        failing=[
            metric("storefront", "requests_per_sec", 6100, 1200, "11:57"),
            metric("cart", "requests_per_sec", 2400, 600, "11:57"),
            metric("storefront", "cpu_utilization", 96, 40, "11:58", "%"),
            error("storefront", "server overloaded, shedding load", "11:59"),
        ],
        changes=[
            deployed(
                "storefront",
                "11:40",
                "css",
                "restyle",
                ["web/a.css"],
                "-.a { margin: 1px; }\n+.a { margin: 2px; }\n",
            ),
            deployed(
                "cart", "11:50", "pool", "raise the pool", ["cart/db.yaml"], "-  pool: 20\n+  pool: 40\n"
            ),
            flipped("storefront", "11:30", "flag", "spring_sale_banner"),
        ],
    ),
    "an expired certificate": Scene(
        blamed=None,
        service="checkout",
        failing=[
            error(
                "checkout",
                "Post https://shipping.internal: x509: certificate has expired or is not yet valid",
            )
        ],
        changes=[
            deployed(
                "shipping", "11:52", "rates", "new rates", ["ship/rates.go"], "-\tbase := 4\n+\tbase := 5\n"
            ),
            flipped("checkout", "11:57", "flag", "express_lane"),
        ],
    ),
    "an outage of the payment provider": Scene(
        blamed=None,
        service="payments",
        failing=[
            error("payments", "acme-pay returned 503 Service Unavailable", "11:59"),
            failing("checkout", "POST /pay", "12:00"),
        ],
        changes=[
            deployed("payments", "11:53", "tidy", "tidy amounts", ["pay/amount.go"], _TIDY),
            configured("payments", "11:20", "currencies", "payments/currencies.yaml", "+  - SEK\n"),
        ],
    ),
    "a lost node": Scene(
        blamed=None,
        service="cart",
        failing=[
            error("cart", "node ip-10-2-3-4 is NotReady: kubelet stopped posting node status", "11:59"),
            failing("storefront", "GET /cart", "12:00"),
        ],
        changes=[deployed("cart", "11:55", "rename", "rename a helper", ["cart/rows.go"], _TIDY)],
    ),
    "an index that has grown": Scene(
        blamed=None,
        service="search-index",
        failing=[
            metric("search-index", "disk_used_percent", 100, 88, "11:50", "%"),
            error(
                "search-index",
                "flood stage disk watermark exceeded, index read-only: no space left on device",
                "11:58",
            ),
            failing("search", "index document", "11:59"),
        ],
        changes=[deployed("search", "11:52", "tidy", "tidy ranges", ["search/range.go"], _TIDY)],
    ),
    "a message that nobody can read": Scene(
        blamed=None,
        service="order-worker",
        failing=[
            error("order-worker", "malformed message at offset 8812 of orders: invalid utf-8, redelivered")
        ],
        alerts=[an_alert("order-worker", timestamp=at("12:01"))],
        changes=[
            deployed(
                "order-worker",
                "11:50",
                "patch",
                "deps: patch",
                ["go.mod", "go.sum"],
                "-\tlib/codec v1.2.3\n+\tlib/codec v1.2.4\n",
            ),
            deployed("order-worker", "11:57", "tidy", "tidy limits", ["worker/limit.go"], _TIDY),
        ],
    ),
    "a resolver": Scene(
        blamed=None,
        service="checkout",
        failing=[
            error("checkout", "lookup payments.shop.svc: SERVFAIL", "11:58:30"),
            error("cart", "getaddrinfo EAI_AGAIN sessions-cache", "11:59"),
            error("product-catalog", "lookup catalog-db.shop.svc: no such host", "11:59"),
        ],
        changes=[
            deployed("checkout", "11:50", "tidy", "tidy ranges", ["checkout/range.go"], _TIDY),
            flipped("cart", "11:55", "flag", "persist_carts"),
        ],
    ),
    "no machines to be had": Scene(
        blamed=None,
        service="cart",
        failing=[
            error(
                "cart", "scale-up failed: InsufficientInstanceCapacity: no capacity for m6i.large in zone b"
            ),
            metric("cart", "cpu_utilization", 98, 60, "11:57", "%"),
        ],
        changes=[
            deployed(
                "cart", "11:53", "color", "colors", ["web/theme.ts"], '-  color: "#fff",\n+  color: "#eee",\n'
            )
        ],
    ),
    "a vacuum of the database": Scene(
        blamed=None,
        service="orders-db",
        failing=[
            error("orders-db", "autovacuum: VACUUM public.orders (to prevent wraparound)", "11:58"),
            metric("orders-db", "disk_iops", 16000, 2500, "11:58"),
            slow("order-worker", "store order", "11:59"),
        ],
        alerts=[an_alert("order-worker", timestamp=at("12:01"))],
        changes=[deployed("order-worker", "11:55", "tidy", "tidy ranges", ["worker/range.go"], _TIDY)],
    ),
    "a limit of the mail provider": Scene(
        blamed=None,
        service="notifications",
        failing=[error("notifications", "POST https://api.sendgrid.com/v3/mail/send: 429 Too Many Requests")],
        alerts=[an_alert("notifications", timestamp=at("12:01"))],
        changes=[
            deployed(
                "notifications", "11:49", "mail", "new words", ["templates/welcome.html"], "-<p>Hi\n+<p>Hey\n"
            ),
            flipped("notifications", "11:57", "flag", "digest_mails"),
        ],
    ),
    "clocks that differ": Scene(
        blamed=None,
        service="auth",
        failing=[error("auth", "token used before issued: clock skew of 94s on host ip-10-0-4-7")],
        changes=[deployed("auth", "11:54", "tidy", "tidy ranges", ["auth/range.go"], _TIDY)],
    ),
    "credentials that ran out": Scene(
        blamed=None,
        service="order-worker",
        failing=[
            error("order-worker", "ExpiredToken: The security token included in the request is expired")
        ],
        alerts=[an_alert("order-worker", timestamp=at("12:01"))],
        changes=[deployed("order-worker", "11:56", "tidy", "tidy ranges", ["worker/range.go"], _TIDY)],
    ),
    "packets that get lost": Scene(
        blamed=None,
        service="sessions-cache",
        failing=[
            metric("sessions-cache", "tcp_retransmits_per_sec", 880, 2, "11:58"),
            slow("cart", "GET sessions", "11:58"),
            slow("checkout", "GET sessions", "11:58"),
        ],
        changes=[
            deployed("cart", "11:54", "tidy", "tidy ranges", ["cart/range.go"], _TIDY),
            deployed("checkout", "11:50", "docs", "docs", ["docs/a.md"], "+a\n"),
        ],
    ),
    "a crawler": Scene(
        blamed=None,
        service="storefront",
        failing=[
            metric("storefront", "http_requests_per_second", 4800, 900, "11:56"),
            metric("product-catalog", "http_requests_per_second", 4100, 700, "11:56"),
            slow("product-catalog", "GET /products", "11:58"),
        ],
        changes=[deployed("product-catalog", "11:51", "tidy", "tidy ranges", ["catalog/range.go"], _TIDY)],
    ),
    "a fault older than the change": Scene(
        blamed=None,
        service="inventory-db",
        failing=[
            metric("inventory-db", "connections_used", 498, 120, "11:40"),
            error("inventory-db", "FATAL: sorry, too many clients already", "11:41"),
            failing("inventory", "reserve", "11:42"),
        ],
        changes=[
            deployed(
                "inventory", "11:55", "pool", "lower the pool", ["inv/db.yaml"], "-  pool: 40\n+  pool: 30\n"
            ),
            flipped("checkout", "11:57", "flag", "reserve_early"),
        ],
    ),
    "an outage of the sign-in provider": Scene(
        blamed=None,
        service="auth",
        failing=[
            error("auth", "POST https://shop.okta.com/oauth2/token timed out after 10s"),
            failing("storefront", "POST /login"),
        ],
        changes=[
            deployed(
                "storefront",
                "11:57",
                "login",
                "restyle the login",
                ["web/login.css"],
                "-a { margin: 1px }\n+a { margin: 2px }\n",
            ),
            deployed("auth", "11:15", "tidy", "tidy ranges", ["auth/range.go"], _TIDY),
        ],
    ),
}
