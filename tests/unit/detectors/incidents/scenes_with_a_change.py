"""Incidents for which one change is to blame, beside innocent ones that lie closer or look worse."""

from models.event import ChangeKind
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

SCENES = {
    "a time limit in the wrong unit": Scene(
        blamed="guilty",
        service="checkout",
        failing=[error("checkout", "charge failed: context deadline exceeded after 3ms calling payments")],
        changes=[
            configured(
                "checkout", "11:52", "guilty", "checkout/clients.yaml", "-  timeout: 3s\n+  timeout: 3ms\n"
            ),
            deployed(
                "payments",
                "11:58",
                "tidy",
                "extract helper for amounts",
                ["pay/amount.go"],
                "-\tif a < 0 {\n-\t\treturn errNegative\n-\t}\n+\treturn checkAmount(a)\n",
            ),
        ],
    ),
    "a memory limit lowered": Scene(
        blamed="guilty",
        service="search",
        failing=[
            error("search", "container search killed: OOMKilled, exit code 137"),
            metric("search", "container_restarts_total", 9, 0),
            failing("product-catalog", "GET /search", "12:01"),
        ],
        changes=[
            deployed(
                "search",
                "11:40",
                "guilty",
                "chore: right-size resources",
                ["charts/search/values.yaml"],
                "-    memory: 1Gi\n+    memory: 128Mi\n",
            ),
            deployed(
                "product-catalog",
                "11:57",
                "facets",
                "add facets endpoint",
                ["catalog/facets.py"],
                "+@app.get('/facets')\n+def facets():\n+    return load_facets()\n",
            ),
        ],
    ),
    "a cache that expires at once": Scene(
        blamed="guilty",
        service="product-catalog",
        failing=[
            metric("catalog-db", "db_cpu_utilization", 96, 30, "11:59", "%"),
            error("catalog-db", "slow query: SELECT * FROM products WHERE id = <*>", "11:59"),
            metric("catalog-db", "db_queries_per_second", 7400, 1500, "11:59"),
            slow("product-catalog", "GET /products", "12:00"),
        ],
        changes=[
            deployed(
                "product-catalog",
                "11:30",
                "guilty",
                "chore: align cache settings",
                ["config/cache.yaml"],
                "-  entry_ttl: 10m\n+  entry_ttl: 10s\n",
            ),
            deployed(
                "catalog-db",
                "11:56",
                "index",
                "add index on updated_at",
                ["db/migrations/0042_index.sql"],
                "+CREATE INDEX CONCURRENTLY idx_updated ON products (updated_at);\n",
            ),
            flipped("storefront", "11:55", "banner", "summer_banner"),
        ],
    ),
    "a pool that is too small": Scene(
        blamed="guilty",
        service="payments",
        failing=[
            error("payments", "HikariPool-1 - Connection is not available, request timed out after 30000ms"),
            failing("checkout", "POST /pay"),
        ],
        changes=[
            deployed(
                "payments",
                "11:35",
                "guilty",
                "config cleanup",
                ["config/application.yaml"],
                "-    maximumPoolSize: 40\n+    maximumPoolSize: 4\n",
            ),
            deployed(
                "payments",
                "11:57",
                "log",
                "structured logging",
                ["pay/log.java"],
                '-    log.info("charged {}", id);\n+    log.info("charged", kv("id", id));\n',
            ),
        ],
    ),
    "retries that overload a callee": Scene(
        blamed="guilty",
        service="checkout",
        failing=[
            metric("inventory", "requests_per_sec", 5200, 850, "11:58"),
            error("inventory", "request rejected: overloaded, queue full", "11:58"),
            failing("checkout", "POST /reserve", "11:59"),
        ],
        changes=[
            deployed(
                "checkout",
                "11:45",
                "guilty",
                "simplify client",
                ["client/inventory.go"],
                "-\tMaxRetries: 2,\n-\tBackoff: time.Second,\n+\tMaxRetries: 10,\n",
            ),
            deployed(
                "inventory",
                "11:56",
                "words",
                "comments",
                ["inv/reserve.go"],
                "-// reserve takes stock\n+// reserve takes stock once\n",
            ),
        ],
    ),
    "a library of the next major release": Scene(
        blamed="guilty",
        service="shipping",
        failing=[
            error("shipping", "java.lang.NoSuchMethodError: com.fasterxml.jackson.databind.ObjectMapper")
        ],
        changes=[
            deployed(
                "shipping",
                "11:50",
                "guilty",
                "deps: bump jackson",
                ["pom.xml"],
                "-    <jackson>2.14.2</jackson>\n+    <jackson>3.0.0</jackson>\n",
            ),
            deployed(
                "shipping",
                "11:57",
                "patch",
                "deps: bump guava patch",
                ["pom.xml"],
                "-    <guava.version>33.1.0</guava.version>\n+    <guava.version>33.1.1</guava.version>\n",
            ),
        ],
    ),
    "a migration that locks a table": Scene(
        blamed="guilty",
        service="order-worker",
        failing=[
            error("order-worker", "Lock wait timeout exceeded; try restarting transaction on table orders"),
            slow("orders-db", "INSERT orders"),
        ],
        alerts=[an_alert("order-worker", timestamp=at("12:01"))],
        changes=[
            deployed(
                "order-worker",
                "11:54",
                "guilty",
                "add gift flag",
                ["migrations/0107_gift.sql"],
                "+ALTER TABLE orders ADD COLUMN gift boolean NOT NULL DEFAULT false;\n",
            ),
            deployed(
                "storefront",
                "11:59",
                "css",
                "restyle header",
                ["web/header.css"],
                "-.h { padding: 2px; }\n+.h { padding: 4px; }\n",
            ),
        ],
    ),
    "a flag that opens a broken path": Scene(
        blamed="guilty",
        service="product-catalog",
        failing=[error("product-catalog", "PricingEngine: ZeroDivisionError in bulk_discount")],
        changes=[
            flipped("product-catalog", "11:55", "guilty", "pricing_engine_v2"),
            deployed("product-catalog", "11:58", "docs", "describe endpoints", ["docs/api.md"], "+# API\n"),
        ],
    ),
    "a format of sessions, with a flag elsewhere": Scene(
        blamed="guilty",
        service="cart",
        failing=[error("cart", "failed to deserialize session: unexpected field cart_v2")],
        changes=[
            deployed(
                "cart",
                "11:20",
                "guilty",
                "compact sessions",
                ["cart/session.py"],
                "-    return json.dumps({'cart': rows})\n+    return encode({'cart_v2': rows})\n",
            ),
            flipped("notifications", "11:58", "flag", "digest_mails"),
        ],
    ),
    "a leak of files from the night": Scene(
        blamed="guilty",
        service="search",
        failing=[
            error("search", "open /data/segments: too many open files"),
            metric("search", "open_file_descriptors", 65536, 4000, "11:55"),
        ],
        changes=[
            deployed(
                "search",
                "04:10",
                "guilty",
                "simplify reader",
                ["search/reader.go"],
                "-\tdefer reader.Close()\n \treturn scan(reader)\n",
            ),
            deployed(
                "search",
                "11:54",
                "metric",
                "rename a metric",
                ["search/metrics.go"],
                '-\tName: "search_hits",\n+\tName: "search_hits_total",\n',
            ),
        ],
    ),
    "a password that was rotated": Scene(
        blamed="guilty",
        service="payments-db",
        failing=[error("payments", 'FATAL: password authentication failed for user "payments"')],
        changes=[
            configured(
                "payments-db", "11:56", "guilty", "payments-db-credentials", summary="rotate the secret"
            ),
            deployed(
                "payments",
                "11:58",
                "tidy",
                "rename a constant",
                ["pay/version.go"],
                '-const Version = "1.4.1"\n+const Version = "1.4.2"\n',
            ),
        ],
    ),
    "a network policy": Scene(
        blamed="guilty",
        service="checkout",
        failing=[error("checkout", "dial tcp 10.3.0.7:8080: connect: connection timed out (shipping)")],
        changes=[
            configured(
                "checkout",
                "11:57",
                "guilty",
                "networkpolicy/checkout-egress",
                "-    - port: 8080\n+    - port: 443\n",
                ChangeKind.INFRASTRUCTURE,
            ),
            deployed("shipping", "11:59", "docs", "docs", ["README.md"], "+hello\n"),
        ],
    ),
    "too few replicas": Scene(
        blamed="guilty",
        service="cart",
        failing=[
            metric("cart", "cpu_utilization", 97, 35, "11:58", "%"),
            slow("cart", "POST /cart", "11:58"),
        ],
        changes=[
            configured(
                "cart",
                "11:50",
                "guilty",
                "hpa/cart",
                "-  minReplicas: 8\n+  minReplicas: 2\n",
                ChangeKind.SCALING,
            ),
            deployed(
                "sessions-cache",
                "11:57",
                "log",
                "log evictions at debug",
                ["cache/log.c"],
                '-\tlog_info("evicted");\n+\tlog_debug("evicted");\n',
            ),
        ],
    ),
    "a job that runs each minute": Scene(
        blamed="guilty",
        service="reports",
        failing=[
            metric("orders-db", "db_cpu_utilization", 99, 40, "11:59", "%"),
            error("orders-db", "slow query: SELECT sum(total) FROM orders GROUP BY <*>", "11:59"),
            slow("order-worker", "store order", "12:00"),
        ],
        alerts=[an_alert("order-worker", timestamp=at("12:01"))],
        changes=[
            configured(
                "reports",
                "11:55",
                "guilty",
                "cronjob/orders-report",
                '-  schedule: "0 3 * * *"\n+  schedule: "* * * * *"\n',
            ),
            deployed(
                "order-worker",
                "11:57",
                "id",
                "log the request id",
                ["worker/log.py"],
                '-    log.info("stored")\n+    log.info("stored", extra={"request_id": rid})\n',
            ),
        ],
    ),
    "a rate limit": Scene(
        blamed="guilty",
        service="storefront",
        failing=[error("storefront", "429 Too Many Requests: rate limit exceeded for route /api")],
        changes=[
            configured(
                "storefront",
                "11:53",
                "guilty",
                "ingress/limits.yaml",
                "-  requests_per_second: 1000\n+  requests_per_second: 100\n",
            ),
            flipped("storefront", "11:57", "banner", "weekend_banner"),
        ],
    ),
    "one query for each row": Scene(
        blamed="guilty",
        service="product-catalog",
        failing=[
            metric("catalog-db", "queries_per_sec", 9100, 1100, "11:58"),
            slow("product-catalog", "GET /products", "11:58"),
        ],
        changes=[
            deployed(
                "product-catalog",
                "11:49",
                "guilty",
                "simplify loading",
                ["catalog/load.py"],
                "-    return repo.find_all(ids)\n+    return [repo.find(id) for id in ids]\n",
            ),
            configured(
                "catalog-db",
                "11:56",
                "log",
                "postgresql.conf",
                "-log_min_duration_statement = 500\n+log_min_duration_statement = 250\n",
            ),
        ],
    ),
    "a topic that nobody reads": Scene(
        blamed="guilty",
        service="order-worker",
        failing=[error("order-worker", "Unknown topic or partition: orders.v2")],
        alerts=[an_alert("order-worker", timestamp=at("12:01"))],
        changes=[
            configured(
                "order-worker",
                "11:51",
                "guilty",
                "order-worker/kafka.yaml",
                "-  topic: orders\n+  topic: orders.v2\n",
            ),
            deployed(
                "notifications",
                "11:58",
                "mail",
                "new template of the welcome mail",
                ["templates/welcome.html"],
                "-<p>Hi</p>\n+<p>Hello</p>\n",
            ),
        ],
    ),
    "an issuer of tokens": Scene(
        blamed="guilty",
        service="auth",
        failing=[
            error("storefront", "401 Unauthorized: token issuer mismatch"),
            error("auth", "token rejected: iss does not match"),
        ],
        changes=[
            deployed(
                "auth",
                "11:48",
                "guilty",
                "move to the new domain",
                ["auth/settings.py"],
                '-ISSUER = "https://id.shop.example"\n+ISSUER = "https://login.shop.example"\n',
            ),
            deployed(
                "storefront",
                "11:58",
                "img",
                "lazy images",
                ["web/img.tsx"],
                '-  <img src={u} />\n+  <img src={u} loading="lazy" />\n',
            ),
        ],
    ),
    "a roll-out under way": Scene(
        blamed="guilty",
        service="cart",
        failing=[error("cart", "panic: runtime error: invalid memory address or nil pointer dereference")],
        changes=[
            deployed(
                "cart",
                "12:06",
                "guilty",
                "coupons",
                ["cart/coupon.go"],
                "-\tif c == nil {\n-\t\treturn 0\n-\t}\n \treturn c.Value\n",
                started_at=at("11:58"),
            ),
            deployed(
                "cart",
                "11:30",
                "log",
                "log sizes",
                ["cart/log.go"],
                '-\tlog.Printf("size %d", n)\n+\tlog.Printf("cart size %d", n)\n',
            ),
        ],
    ),
    "a log level that fills the disk": Scene(
        blamed="guilty",
        service="order-worker",
        failing=[
            error("order-worker", "write /var/log/app.log: no space left on device"),
            metric("order-worker", "disk_used_percent", 100, 41, "11:57", "%"),
        ],
        alerts=[an_alert("order-worker", timestamp=at("12:01"))],
        changes=[
            configured(
                "order-worker",
                "08:00",
                "guilty",
                "order-worker/logging.yaml",
                "-  level: info\n+  level: trace\n",
            ),
            deployed(
                "order-worker",
                "11:52",
                "tidy",
                "tidy imports",
                ["worker/main.py"],
                "-import os\n+import sys\n",
            ),
        ],
    ),
    "a field that a callee no longer sends": Scene(
        blamed="guilty",
        service="payments",
        failing=[error("checkout", "cannot parse response of payments: missing field currency")],
        changes=[
            deployed(
                "payments",
                "11:46",
                "guilty",
                "trim response",
                ["pay/response.go"],
                '-\tCurrency string `json:"currency"`\n \tTotal int64 `json:"total"`\n',
            ),
            deployed(
                "checkout",
                "11:58",
                "tidy",
                "extract helper",
                ["checkout/total.go"],
                "-\tif n < 0 {\n-\t\treturn errRange\n-\t}\n+\treturn inRange(n)\n",
            ),
        ],
    ),
    "too few workers of a queue": Scene(
        blamed="guilty",
        service="notifications",
        failing=[metric("notifications", "queue_oldest_message_age_seconds", 1900, 4, "11:58", "s")],
        alerts=[an_alert("notifications", name="Mail backlog", timestamp=at("12:01"))],
        changes=[
            deployed(
                "notifications",
                "11:40",
                "guilty",
                "tune consumer",
                ["config/worker.yaml"],
                "-  concurrency: 32\n+  concurrency: 2\n",
            ),
            deployed("mail-relay", "11:56", "doc", "describe relays", ["docs/relay.md"], "+relay\n"),
        ],
    ),
}
