"""Three systems on one evening: a bad flag, a bad deployment and a full store, one in each."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, P95, POOL, Service
from tests.golden.story import Story
from tests.golden.trace import Call, tell_requests
from tests.golden.traffic import Lines, Stretch, Trouble

START = datetime(2026, 2, 17, 19, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=11.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Three services in a row; the trouble is at one of them, and its callers fail with it."""

    services: tuple[str, str, str]
    """From the outermost to the innermost."""
    faulty: str
    trouble: Trouble
    error_ratio: float
    """Share of failing requests at the worst, 0 to 1."""
    slower: float
    error_line: str

    def tell(self, story: Story) -> None:
        """Write its traffic."""
        reached = self.services.index(self.faulty)
        for depth, name in enumerate(self.services):
            self._service(name, hit=depth <= reached).tell(story, WHOLE)
        tell_requests(story, self._request(0), 16, WHOLE)

    def _service(self, name: str, *, hit: bool) -> Service:
        lines = [
            Lines(service=name, per_minute=11, body=name + " answered {user} in {ms} ms with {bytes} bytes"),
            Lines(service=name, per_minute=2, severity="WARN", body="cache of " + name + " missed key {hex}"),
        ]
        if name == self.faulty:
            lines.append(
                Lines(
                    service=name, per_minute=40, severity="ERROR", body=self.error_line, trouble=self.trouble
                )
            )
        usual_p95_ms = 120.0
        return Service(
            name=name,
            requests_per_s=20,
            p95_ms=usual_p95_ms,
            pool_in_use=9 if name == self.services[2] else None,
            every_s=20.0,
            lines=tuple(lines),
            trouble=self.trouble if hit else None,
            troubled={
                ERROR_RATIO: self.error_ratio * 100,
                P95: usual_p95_ms * self.slower,
                **({POOL: 60.0} if name == self.faulty else {}),
            },
        )

    def _request(self, depth: int) -> Call:
        name = self.services[depth]
        faulty = name == self.faulty
        return Call(
            service=name,
            operation=f"GET /{name}",
            own_ms=20,
            trouble=self.trouble if faulty else None,
            troubled_error_ratio=self.error_ratio,
            slower=self.slower,
            calls=(self._request(depth + 1),) if depth < len(self.services) - 1 else (),
        )


SEARCH = System(
    services=("search-web", "ranking", "document-store"),
    faulty="ranking",
    trouble=Trouble(start=4.7, end=8.6, grows_within=0.5, fades_within=0.5),
    error_ratio=0.22,
    slower=2.0,
    error_line="model b gave no score for query {hex}: feature vector has {count} of 64 values",
)
BILLING = System(
    services=("billing-api", "invoices", "tax-rates"),
    faulty="invoices",
    trouble=Trouble(start=5.2, end=9.0, grows_within=0.5, fades_within=0.5),
    error_ratio=0.3,
    slower=1.3,
    error_line="invoice {order} cannot be rendered: no field vat_id in customer {user}",
)
MEDIA = System(
    services=("player", "transcoder", "media-store"),
    faulty="media-store",
    trouble=Trouble(start=4.0, end=9.3, grows_within=1.0, fades_within=0.6),
    error_ratio=0.15,
    slower=9.0,
    error_line="no connection to the volume within {slow_ms} ms, {count} requests wait",
)


def story() -> Story:
    """Tell the three stories into one recording."""
    evening = Story(START, seed=3)
    for system in (SEARCH, BILLING, MEDIA):
        system.tell(evening)
    _search(evening)
    _billing(evening)
    _media(evening)
    return evening


def _search(evening: Story) -> None:
    evening.change(
        0.5,
        "deploy",
        "document-store",
        version="v5",
        previous_version="v4",
        summary="Deploy document-store v5",
    )
    evening.change(
        4.0,
        "feature_flag",
        "ranking",
        name="ranking-model-b",
        state="on",
        summary="Rank all searches with model b",
    )
    evening.alert_episode(
        "search-web",
        "SearchErrorRateHigh",
        fires=5.8,
        resolves=9.9,
        severity="critical",
        summary="Share of failed searches is above 5 %",
        value=22.0,
        threshold=5.0,
        unit="%",
    )
    evening.change(
        8.5, "feature_flag", "ranking", name="ranking-model-b", state="off", summary="Rank with model a again"
    )


def _billing(evening: Story) -> None:
    evening.change(
        3.1,
        "commit",
        "invoices",
        commit="d04c7e9b1f6a2358",
        summary="Print the VAT id on invoices",
        attributes={"files_changed": ["src/invoice/render.py", "src/invoice/template.html"]},
    )
    evening.change(
        4.6,
        "deploy",
        "invoices",
        version="v12",
        previous_version="v11",
        commit="d04c7e9b1f6a2358",
        summary="Deploy invoices v12: VAT id on invoices",
        state="succeeded",
    )
    evening.alert_episode(
        "billing-api",
        "InvoiceErrorRateHigh",
        fires=6.4,
        resolves=10.2,
        severity="critical",
        summary="Share of invoices that fail is above 5 %",
        value=30.0,
        threshold=5.0,
        unit="%",
    )
    evening.feedback(7.0, "acknowledge", "billing-api")
    evening.change(
        8.9,
        "rollback",
        "invoices",
        version="v11",
        previous_version="v12",
        summary="Roll invoices back to v11",
    )
    evening.feedback(10.8, "resolve", "billing-api", "Invoices are rendered again")


def _media(evening: Story) -> None:
    evening.alert_episode(
        "player",
        "StartupTimeHigh",
        fires=5.5,
        resolves=10.4,
        severity="critical",
        summary="Films take longer than 800 ms to start",
        value=1080.0,
        threshold=800.0,
        unit="ms",
    )


SCENARIO = Scenario(name="two_scopes", story=story)
