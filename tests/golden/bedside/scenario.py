"""A hospital at night: one order of medication in sixteen is lost, and the alert is only a warning."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, Service
from tests.golden.story import Story
from tests.golden.traffic import Lines, Stretch, Trouble

START = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=30.0)
TROUBLE = Trouble(start=12.0, end=20.0, grows_within=0.5, fades_within=0.5)

MEDICATION = Service(
    name="medication-orders",
    requests_per_s=6,
    p95_ms=150,
    trouble=TROUBLE,
    troubled={ERROR_RATIO: 6.2},
    lines=(
        Lines(service="medication-orders", per_minute=6, body="order {order} handed to the ward in {ms} ms"),
        Lines(
            service="medication-orders", per_minute=20, severity="ERROR", trouble=TROUBLE,
            body="order {order} not stored: lock on ward {count} not granted",
        ),
    ),
)  # fmt: skip


def story() -> Story:
    """Tell the night."""
    night = Story(START, seed=21)
    MEDICATION.tell(night, WHOLE)
    night.alert_episode(
        "medication-orders", "OrderErrorsHigh", fires=14.0, resolves=21.5, severity="warning",
        source="prometheus", summary="Share of failed orders is above 2 %",
        value=6.2, threshold=2.0, unit="%",
    )  # fmt: skip
    night.feedback(16.0, "acknowledge", "medication-orders")
    return night


SCENARIO = Scenario(name="bedside", story=story, profile="healthcare")
