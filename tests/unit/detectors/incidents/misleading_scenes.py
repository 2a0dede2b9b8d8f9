"""Incidents whose first suspect is the wrong one: more of a thing that breaks, less of one that does not."""

from models.event import Alert, Change, ChangeKind
from tests.unit.detectors.incidents.builders import an_alert, at
from tests.unit.detectors.incidents.scene import (
    INNOCENT,
    Scene,
    configured,
    deployed,
    error,
    failing,
    flipped,
    metric,
    slow,
)


def innocent(service: str, time: str, kind: str) -> list[Change]:
    found = INNOCENT[kind]
    return deployed(service, time, f"innocent-{kind}", "tidy up", found.files, found.diff)


def paged(service: str) -> list[Alert]:
    return [an_alert(service, timestamp=at("12:01"))]


SCENES = {
    "a key that puts all on one partition": Scene(
        blamed="guilty",
        service="order-worker",
        failing=[error("order-worker", "ThrottledWrite: hot partition orders-0 rejects writes")],
        alerts=paged("order-worker"),
        changes=[
            deployed(
                "order-worker",
                "11:44",
                "guilty",
                "simplify keys",
                ["worker/key.py"],
                "-    return hash(order.id) % shards\n+    return tenant_key\n",
            ),
            innocent("order-worker", "11:57", "logging"),
        ],
    ),
    "an expression that backtracks": Scene(
        blamed="guilty",
        service="search",
        failing=[
            metric("search", "cpu_utilization", 99, 30, "11:58", "%"),
            slow("search", "GET /search", "11:58"),
        ],
        changes=[
            deployed(
                "search",
                "11:50",
                "guilty",
                "accept more queries",
                ["search/parse.py"],
                '-PATTERN = r"^\\w+$"\n+PATTERN = r"^(\\w+\\s?)*$"\n',
            ),
            configured(
                "search",
                "11:40",
                "more",
                "hpa/search",
                kind=ChangeKind.SCALING,
                summary="from 4 to 8 replicas",
            ),
        ],
    ),
    "a cache that a flag turns off": Scene(
        blamed="guilty",
        service="product-catalog",
        failing=[
            metric("catalog-db", "queries_per_sec", 8000, 900, "11:58"),
            metric("catalog-db", "db_cpu_utilization", 97, 35, "11:58", "%"),
            slow("product-catalog", "GET /products", "11:59"),
        ],
        changes=[
            configured(
                "product-catalog",
                "11:56",
                "guilty",
                "catalog_cache_enabled",
                kind=ChangeKind.FEATURE_FLAG,
                summary="on->off",
            ),
            deployed(
                "catalog-db",
                "11:45",
                "vacuum",
                "vacuum settings",
                ["db/conf"],
                "-autovacuum_naptime = 60\n+autovacuum_naptime = 30\n",
            ),
        ],
    ),
    "days of another zone": Scene(
        blamed="guilty",
        service="shipping",
        failing=[error("shipping", "delivery date is in the past: 2026-06-22T23:00Z")],
        changes=[
            deployed(
                "shipping",
                "11:35",
                "guilty",
                "dates",
                ["ship/date.py"],
                "-    return now(tz=WAREHOUSE_TZ).date()\n+    return utcnow().date()\n",
            ),
            innocent("shipping", "11:58", "a patch release"),
        ],
    ),
    "a protocol that is too new": Scene(
        blamed="guilty",
        service="sessions-cache",
        failing=[error("cart", "tls: protocol version not supported dialing sessions-cache:6380")],
        changes=[
            configured(
                "sessions-cache",
                "11:55",
                "guilty",
                "sessions-cache/tls",
                "-  min_version: TLS1.2\n+  min_version: TLS1.3\n",
            ),
            innocent("cart", "11:57", "an extracted helper"),
        ],
    ),
    "a probe of a path that is gone": Scene(
        blamed="guilty",
        service="cart",
        failing=[
            error("cart", "Readiness probe failed: HTTP probe failed with statuscode: 404"),
            metric("cart", "container_restarts_total", 14, 0),
        ],
        changes=[
            deployed(
                "cart",
                "11:54",
                "guilty",
                "new probe",
                ["charts/cart/values.yaml"],
                "-      path: /healthz\n+      path: /livez\n",
            ),
            innocent("storefront", "11:59", "a style"),
        ],
    ),
    "a resolver that was changed": Scene(
        blamed="guilty",
        service="checkout",
        failing=[
            error("checkout", "lookup payments.shop.svc: no such host"),
            failing("storefront", "POST /pay"),
        ],
        changes=[
            configured("checkout", "11:57", "guilty", "dnsPolicy of checkout", "-  ndots: 5\n+  ndots: 1\n"),
            innocent("payments", "11:58", "comments"),
        ],
    ),
    "an authority that nobody trusts": Scene(
        blamed="guilty",
        service="shipping",
        failing=[error("checkout", "POST https://shipping: x509: certificate signed by unknown authority")],
        changes=[
            configured(
                "shipping", "11:53", "guilty", "certificate of shipping", summary="use the new authority"
            ),
            flipped("checkout", "11:58", "flag", "gift_wrap"),
        ],
    ),
    "an index that was dropped": Scene(
        blamed="guilty",
        service="order-worker",
        failing=[
            error("orders-db", "slow query: sequential scan on orders where customer_id = <*>"),
            slow("order-worker", "load orders"),
        ],
        alerts=paged("order-worker"),
        changes=[
            deployed(
                "order-worker",
                "11:48",
                "guilty",
                "drop unused",
                ["migrations/0110.sql"],
                "+DROP INDEX idx_orders_customer;\n",
            ),
            innocent("order-worker", "11:57", "a counter"),
        ],
    ),
    "a cache that is larger than the memory": Scene(
        blamed="guilty",
        service="search",
        failing=[
            error("search", "container search killed: OOMKilled"),
            metric("search", "memory_used_percent", 100, 55, "11:55", "%"),
        ],
        changes=[
            deployed(
                "search",
                "11:30",
                "guilty",
                "more hits",
                ["search/cache.yaml"],
                "-  cache_size_mb: 256\n+  cache_size_mb: 4096\n",
            ),
            innocent("search", "11:56", "logging"),
        ],
    ),
    "a pool that is larger than the database": Scene(
        blamed="guilty",
        service="payments",
        failing=[
            error("payments-db", "FATAL: sorry, too many clients already"),
            failing("payments", "POST /charge"),
        ],
        changes=[
            deployed(
                "payments",
                "11:49",
                "guilty",
                "more throughput",
                ["pay/db.yaml"],
                "-  max_connections: 20\n+  max_connections: 400\n",
            ),
            configured(
                "payments-db", "11:20", "log", "log_connections", "-log_duration = off\n+log_duration = on\n"
            ),
        ],
    ),
    "a batch that is too large": Scene(
        blamed="guilty",
        service="notifications",
        failing=[error("notifications", "mail-relay: 552 message batch exceeds size limit, timed out")],
        alerts=paged("notifications"),
        changes=[
            configured(
                "notifications",
                "11:51",
                "guilty",
                "notifications/sender.yaml",
                "-  batch: 50\n+  batch: 5000\n",
            ),
            innocent("mail-relay", "11:58", "documents"),
        ],
    ),
    "a rollback to what cannot read": Scene(
        blamed="guilty",
        service="cart",
        failing=[error("cart", "cannot read cart: unknown field discounts")],
        changes=[
            configured("cart", "11:57", "guilty", "cart", kind=ChangeKind.ROLLBACK),
            flipped("cart", "11:10", "flag", "cart_tips"),
        ],
    ),
    "a broker that is away": Scene(
        blamed=None,
        service="events-queue",
        failing=[
            error(
                "events-queue",
                "broker 3 unreachable, host is unreachable; leader election for 40 partitions",
                "11:58",
            ),
            error("order-worker", "no leader for partition orders-7", "11:59"),
            error("notifications", "no leader for partition mails-2", "11:59"),
        ],
        alerts=paged("order-worker"),
        changes=[
            innocent("order-worker", "11:55", "an extracted helper"),
            innocent("notifications", "11:50", "logging"),
        ],
    ),
    "a provider of maps whose quota is used up": Scene(
        blamed=None,
        service="shipping",
        failing=[error("shipping", "maps API: quotaExceeded: monthly limit reached for project shop")],
        changes=[
            innocent("shipping", "11:57", "an extracted helper"),
            flipped("shipping", "11:40", "flag", "eta_v2"),
        ],
    ),
    "a database that failed over": Scene(
        blamed=None,
        service="inventory-db",
        failing=[
            error("inventory-db", "failover: replica promoted after the primary was lost", "11:57"),
            error("inventory", "cannot execute UPDATE in a read-only transaction", "11:58"),
        ],
        changes=[innocent("inventory", "11:54", "an extracted helper")],
    ),
    "a disk that is broken": Scene(
        blamed=None,
        service="search-index",
        failing=[
            error("search-index", "blk_update_request: I/O error, dev nvme1n1, sector 4711", "11:58"),
            slow("search", "GET /search", "11:59"),
        ],
        changes=[
            deployed("search-index", "11:52", "words", "words", ["idx/words.txt"], "+tea\n"),
            innocent("search", "11:56", "comments"),
        ],
    ),
    "a delivery network that is down": Scene(
        blamed=None,
        service="storefront",
        failing=[error("storefront", "asset fetch failed: Cloudflare 522 connection timed out")],
        changes=[
            innocent("storefront", "11:55", "a style"),
            flipped("storefront", "11:50", "flag", "new_fonts"),
        ],
    ),
    "a neighbour that takes the processor": Scene(
        blamed=None,
        service="cart",
        failing=[
            metric("cart", "cpu_steal_percent", 62, 1, "11:57", "%"),
            slow("cart", "GET /cart", "11:58"),
        ],
        changes=[innocent("cart", "11:50", "a counter")],
    ),
    "a table that was locked by hand": Scene(
        blamed=None,
        service="orders-db",
        failing=[
            metric("orders-db", "lock_waits", 340, 2, "11:55"),
            error("order-worker", "canceling statement due to lock timeout", "11:56"),
            error("reports", "canceling statement due to lock timeout", "11:56"),
        ],
        alerts=paged("order-worker"),
        changes=[innocent("order-worker", "11:53", "an extracted helper")],
    ),
}
