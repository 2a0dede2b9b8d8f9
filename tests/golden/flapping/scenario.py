"""The queue of a mail gateway sways about its threshold for half an hour: one alert that comes and goes."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import Service
from tests.golden.story import Story
from tests.golden.traffic import Series, Stretch, lines_of

START = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=52.0)
SERVICES = (
    Service(
        name="mail-gateway", requests_per_s=6, p95_ms=300, every_s=60.0,
        lines=lines_of("mail-gateway", (4, "INFO", "message {hex} accepted from {ip}")),
    ),
    Service(
        name="mail-store", requests_per_s=6, p95_ms=40, every_s=60.0,
        lines=lines_of("mail-store", (4, "INFO", "message {hex} stored, {bytes} bytes")),
    ),
)  # fmt: skip
QUEUE = Series(
    service="mail-gateway", name="mail.queue.length", unit="messages", usual=980.0, wobble=15.0, every_s=60.0
)


def story() -> Story:
    """Tell the whole story."""
    mail = Story(START, seed=23)
    for each in (*SERVICES, QUEUE):
        each.tell(mail, WHOLE)
    for number in range(9):
        fires = 5.0 + 3.5 * number
        for minute, status in ((fires, "firing"), (fires + 1.25, "resolved")):
            mail.alert(
                minute, "mail-gateway", "MailQueueLong", status, severity="warning",
                summary="More than 1,000 messages wait", value=1_004.0 if status == "firing" else 990.0,
                threshold=1_000.0, unit="messages",
            )  # fmt: skip
    return mail


SCENARIO = Scenario(name="flapping", story=story)
