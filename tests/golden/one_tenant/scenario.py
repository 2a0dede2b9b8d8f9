"""A migration of one tenant's data goes wrong; ten minutes later a second tenant is migrated."""

from datetime import UTC, datetime

from tests.golden.parameter import Parameters
from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, Service
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=34.0)
TENANTS = ("northwind", "tailspin", "fabrikam", "adatum", "litware")
"""In equal parts."""
TROUBLE = Trouble(start=14.0, end=30.0, grows_within=0.5, fades_within=0.5)
SECOND_FROM = 24.0

WORKSPACE = Service(
    name="workspace-api", requests_per_s=120, p95_ms=90, trouble=TROUBLE, troubled={ERROR_RATIO: 9.0}
)


def story() -> Story:
    """Tell the morning."""
    day = Story(START, seed=5)
    WORKSPACE.tell(day, WHOLE)
    _lines(day)
    day.change(
        13.5, "config", "workspace-api", name="tenant-store", state="succeeded",
        summary="Move northwind to the new document store",
    )  # fmt: skip
    day.alert_episode(
        "workspace-api", "ApiErrorRateHigh", fires=15.5, resolves=31.5, severity="critical",
        source="prometheus", summary="Share of failed requests is above 5 %",
        value=9.0, threshold=5.0, unit="%",
    )  # fmt: skip
    day.feedback(18.0, "acknowledge", "workspace-api")
    day.change(
        23.5, "config", "workspace-api", name="tenant-store", state="succeeded",
        summary="Move tailspin to the new document store",
    )  # fmt: skip
    day.change(
        29.5,
        "rollback",
        "workspace-api",
        name="tenant-store",
        summary="Move both tenants back to the old store",
    )
    return day


def _lines(day: Story) -> None:
    chance = day.chance("lines")
    parameters = Parameters(chance)
    minute = 0.0
    while minute < WHOLE.end:
        for number, tenant in enumerate(TENANTS):
            at = minute + (number + chance.random()) / 60
            body = "document {key} opened in {ms} ms".format_map(parameters)
            day.log(at, "workspace-api", "INFO", body, attributes={"tenant.id": tenant})
            is_moved = tenant == "northwind" or (tenant == "tailspin" and minute >= SECOND_FROM)
            if is_moved and TROUBLE.at(at) > 0.5:
                body = "document {key} not found in store b".format_map(parameters)
                for attempt in range(14):
                    day.log(
                        at + attempt / 1000, "workspace-api", "ERROR", body, attributes={"tenant.id": tenant}
                    )
        minute += 0.1


SCENARIO = Scenario(name="one_tenant", story=story, profile="saas-single-tenant")
