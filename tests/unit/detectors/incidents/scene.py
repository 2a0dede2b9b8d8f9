"""Scenes of incidents: what failed at which service, beside changes of which at most one is to blame."""

from dataclasses import dataclass, field
from typing import NamedTuple

from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.cause.candidate import CauseFinding
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.event import Alert, Change, ChangeKind
from models.signal import Symptom, SymptomKind
from tests.unit.detectors.incidents.builders import (
    a_change,
    a_metric,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
)


def _entry(service: str, *depends_on: str, external: bool = False) -> CatalogEntry:
    annotations = {"headwater.dev/external": "true"} if external else {}
    return CatalogEntry(
        service=service,
        owner="team-shop",
        scope="shop",
        depends_on=list(depends_on),
        annotations=annotations,
        customer_facing=service == "storefront",
    )


ENTRIES = [
    _entry("storefront", "cart", "product-catalog", "checkout", "auth"),
    _entry("checkout", "payments", "inventory", "shipping", "sessions-cache"),
    _entry("payments", "payments-db", "acme-pay"),
    _entry("product-catalog", "catalog-db", "search"),
    _entry("search", "search-index"),
    _entry("inventory", "inventory-db"),
    _entry("cart", "sessions-cache"),
    _entry("auth", "users-db"),
    _entry("order-worker", "events-queue", "orders-db"),
    _entry("reports", "orders-db"),
    _entry("notifications", "events-queue", "mail-relay"),
    _entry("shipping"),
    _entry("acme-pay", external=True),
    *(_entry(f"{each}-db") for each in ("payments", "catalog", "inventory", "users", "orders")),
    *(_entry(each) for each in ("search-index", "sessions-cache", "events-queue", "mail-relay")),
]
SHOP = Catalog(ENTRIES)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One incident with what is to be found."""

    blamed: str | None
    """The commit of the change that is to blame; None: no change is."""
    service: str
    """Where the cause lies."""
    failing: list[Symptom]
    changes: list[list[Change]]
    alerts: list[Alert] = field(default_factory=lambda: [an_alert("storefront", timestamp=at("12:01"))])

    def ranked(self) -> CauseFinding:
        changes = [each for group in self.changes for each in group]
        return cause_candidate.rank(
            a_situation(
                alerts=self.alerts, symptoms=self.failing, changes=changes, catalog=SHOP, service="storefront"
            )
        )


class Diff(NamedTuple):
    """What one deployment changed."""

    files: list[str]
    diff: str


INNOCENT = {
    "logging": Diff(["api/log.go"], '-\tlog.Printf("got %d", n)\n+\tlogger.Info("received", "count", n)\n'),
    "documents": Diff(["docs/pay.md"], "-old words\n+new words\n"),
    "tests": Diff(["pay/charge_test.go"], "+func TestCharge(t *testing.T) {}\n"),
    "comments": Diff(["pay/charge.go"], "-\t// charges a card\n+\t// charges a card once\n"),
    "a style": Diff(["web/button.css"], "-.b { padding: 4px; }\n+.b { padding: 8px; }\n"),
    "a patch release": Diff(["go.mod", "go.sum"], "-\tlib/mux v1.8.0\n+\tlib/mux v1.8.1\n"),
    "its own version": Diff(["pay/version.go"], '-const Version = "1.4.1"\n+const Version = "1.4.2"\n'),
    "a counter": Diff(
        ["pay/metrics.go"],
        '+\thits = prometheus.NewCounter(prometheus.CounterOpts{\n+\t\tName: "cache_hits_total",\n+\t})\n',
    ),
    "an extracted helper": Diff(
        ["pay/check.go"],
        "-\tif amount < 0 || amount > 900 {\n-\t\treturn errRange\n-\t}\n+\treturn within(amount, 0, 900)\n",
    ),
}


def innocents(service: str, many: int) -> list[Change]:
    """Give deployments that change nothing that a program does, one a minute, the last before the onset."""
    kinds = list(INNOCENT.values())
    return [
        each
        for place in range(many)
        for kind in [kinds[place % len(kinds)]]
        for each in deployed(
            service, f"11:{58 - place:02}", f"innocent-{service}-{place}", "tidy up", kind.files, kind.diff
        )
    ]


def deployed(
    service: str, time: str, commit: str, summary: str, files: list[str], diff: str, **fields: object
) -> list[Change]:
    """Give a deployment and the commit that it carries."""
    merged = a_change(
        None, change_kind=ChangeKind.COMMIT, commit=commit, timestamp=at("00:30"), summary=summary,
        attributes={"files_changed": files, "diff": diff}, event_id=f"commit-{commit}",
    )  # fmt: skip
    live = {"version": f"v-{commit}", "previous_version": "v-before"} | fields
    deploy = a_change(
        service, commit=commit, timestamp=at(time), summary=summary, event_id=f"deploy-{commit}",
        attributes={"files_changed": files}, **live,
    )  # fmt: skip
    return [merged, deploy]


def configured(
    service: str, time: str, commit: str, name: str, diff: str = "", kind: ChangeKind = ChangeKind.CONFIG,
    summary: str | None = None,
) -> list[Change]:  # fmt: skip
    """Give a change that is no deployment: of a configuration, a flag, the scale or the infrastructure."""
    return [
        a_change(
            service, change_kind=kind, commit=commit, name=name, timestamp=at(time), summary=summary,
            event_id=f"{kind.value}-{commit}", attributes={"diff": diff} if diff else {},
        )
    ]  # fmt: skip


def flipped(service: str, time: str, commit: str, flag: str) -> list[Change]:
    return configured(service, time, commit, flag, kind=ChangeKind.FEATURE_FLAG, summary="off->on")


def error(service: str, text: str, time: str = "12:00", **fields: object) -> Symptom:
    return a_signature(service, text, onset_at=at(time), event_id=f"{service}-{text}", **fields)


def metric(
    service: str, name: str, value: float, usual: float, time: str = "12:00", unit: str = ""
) -> Symptom:
    levels = {"value": value, "baseline": usual, "unit": unit}
    return a_metric(service, name, onset_at=at(time), event_id=f"{service}-{name}", **levels)


def slow(service: str, operation: str, time: str = "12:00") -> Symptom:
    levels = {"value": 2400.0, "baseline": 120.0, "threshold": 500.0, "unit": "ms", "severity": "unknown"}
    named = {"subject": operation, "text": operation, "event_id": f"{service}-slow-{operation}"}
    return a_symptom(service, SymptomKind.LATENCY, onset_at=at(time), **named, **levels)


def failing(service: str, operation: str, time: str = "12:00") -> Symptom:
    named = {"subject": operation, "text": operation, "event_id": f"{service}-failing-{operation}"}
    return a_symptom(service, onset_at=at(time), **named)


def blamed(finding: CauseFinding) -> str | None:
    """Give the commit that the first candidate names; None: it names no change."""
    first = finding.candidates[0]
    return first.change.commit if first.change else None
