"""The cache of one region of three is cold after a node was replaced: only its viewers wait and fail."""

from datetime import UTC, datetime

from tests.golden.parameter import Parameters
from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, P95, Service
from tests.golden.story import Story
from tests.golden.traffic import Stretch, Trouble

START = datetime(2026, 3, 18, 20, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=14.0)
COLD = Trouble(start=4.0, end=9.0, grows_within=0.4, fades_within=0.5)
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")
HIT = "eu-west-1"
SERVICES = (
    Service(
        name="stream-api", requests_per_s=60, p95_ms=180, trouble=COLD,
        troubled={ERROR_RATIO: 11.0, P95: 1_400.0},
    ),
    Service(name="segment-cache", requests_per_s=90, p95_ms=12, trouble=COLD, troubled={P95: 700.0}),
)  # fmt: skip


def story() -> Story:
    """Tell the whole story."""
    evening = Story(START, seed=29)
    for each in SERVICES:
        each.tell(evening, WHOLE)
    _lines(evening, "stream-api", "segment {hex} sent in {ms} ms", "segment {hex} not sent: cache timed out")
    _lines(evening, "segment-cache", "hit for {hex}", "no copy of {hex}, origin asked {count} times")
    evening.change(
        3.6, "infrastructure", "segment-cache", name="replace cache node",
        summary="Replace a cache node in eu-west-1", attributes={"region": HIT},
    )  # fmt: skip
    evening.alert_episode(
        "segment-cache", "HitRateLow", fires=5.2, resolves=10.3, severity="warning", labels={"region": HIT},
        summary="Hit rate is below 80 %", value=41.0, threshold=80.0, unit="%",
    )  # fmt: skip
    evening.alert_episode(
        "stream-api", "PlaybackErrorsHigh", fires=5.5, resolves=10.3, severity="critical",
        labels={"region": HIT}, summary="Share of failing segments is above 2 %", value=11.0, threshold=2.0,
        unit="%",
    )  # fmt: skip
    return evening


def _lines(story: Story, service: str, usual: str, failing: str) -> None:
    """Write lines of all regions, and failures of the one that is hit."""
    chance = story.chance(f"lines {service}")
    parameters = Parameters(chance)
    for step in range(round((WHOLE.end - WHOLE.start) * 36)):
        minute = WHOLE.start + step / 36 + chance.uniform(0.0, 0.02)
        region = REGIONS[step % len(REGIONS)]
        fails = region == HIT and chance.random() < COLD.at(minute) * 0.9
        severity, body = ("ERROR", failing) if fails else ("INFO", usual)
        story.log(minute, service, severity, body.format_map(parameters), attributes={"region": region})


SCENARIO = Scenario(name="one_region", story=story)
