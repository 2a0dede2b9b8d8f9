"""The ledger fails at night; the first responder does not answer, the second one does."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, Service
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble, lines_of

START = datetime(2026, 10, 20, 0, 30, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=45.0)
FAILING = Trouble(start=15.0, end=38.0, grows_within=0.5)

SERVICES = (
    Service(
        name="ledger",
        requests_per_s=12,
        p95_ms=140,
        trouble=FAILING,
        troubled={ERROR_RATIO: 17.0},
        lines=(
            *lines_of("ledger", (12, "INFO", "booking {order} written in {ms} ms")),
            *lines_of("ledger", (15, "ERROR", "booking {order} refused: period is closed"), trouble=FAILING),
        ),
    ),
    Service(
        name="ledger-export",
        requests_per_s=2,
        p95_ms=600,
        lines=lines_of("ledger-export", (6, "INFO", "exported {count} bookings in {ms} ms")),
    ),
)


def story() -> Story:
    """Tell the whole story."""
    bank = Story(START, seed=29)
    for service in SERVICES:
        service.tell(bank, WHOLE)
    bank.alert_episode(
        "ledger",
        "BookingsRefused",
        fires=16.0,
        resolves=39.0,
        severity="critical",
        summary="Share of bookings that are refused is above 5 %",
        value=17.0,
        threshold=5.0,
        unit="%",
    )
    bank.feedback(16.2, "acknowledge", "ledger", "opened a ticket", actor="automation")
    bank.feedback(29.0, "acknowledge", "ledger", actor="rune.s")
    bank.feedback(38.5, "mitigate", "ledger", "Opened the period again", actor="rune.s")
    bank.feedback(41.0, "resolve", "ledger", actor="rune.s")
    return bank


SCENARIO = Scenario(name="unanswered_page", story=story)
