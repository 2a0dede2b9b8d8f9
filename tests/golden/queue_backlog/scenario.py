"""A bucket refuses writes, so thumbnails cannot be stored, and the queue of pictures grows for minutes."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import Service
from tests.golden.story import Story
from tests.golden.traffic import Series, Stretch, Trouble, lines_of

START = datetime(2026, 3, 17, 15, 0, tzinfo=UTC)
WHOLE = Stretch(start=0.0, end=18.0)
REFUSED = Trouble(start=4.0, end=11.0, grows_within=0.3, fades_within=0.3)
BACKLOG = Trouble(start=4.0, end=11.0, grows_within=6.0, fades_within=2.5)
TELLING = (
    Service(
        name="upload-api", requests_per_s=14, p95_ms=220,
        lines=lines_of("upload-api", (12, "INFO", "picture {hex} of {user} accepted, {bytes} bytes")),
    ),
    Service(
        name="thumbnailer", requests_per_s=14, p95_ms=400,
        lines=(
            *lines_of("thumbnailer", (12, "INFO", "thumbnail of {hex} written in {ms} ms")),
            *lines_of(
                "thumbnailer",
                (40, "ERROR", "thumbnail of {hex} not stored, will try again: bucket answered 503"),
                trouble=REFUSED,
            ),
        ),
    ),
    Service(
        name="object-store", requests_per_s=40, p95_ms=35,
        lines=(
            *lines_of("object-store", (8, "INFO", "object {hex} stored on {count} disks")),
            *lines_of(
                "object-store", (40, "ERROR", "write of {hex} refused: bucket is read-only"), trouble=REFUSED
            ),
        ),
    ),
    Series(
        service="thumbnailer", name="queue.depth", unit="messages", usual=180.0, wobble=12.0, every_s=20.0,
        trouble=BACKLOG, troubled=9_000.0,
    ),
    Series(
        service="thumbnailer", name="queue.oldest_message_age_s", unit="s", usual=4.0, wobble=0.4,
        every_s=20.0, trouble=BACKLOG, troubled=420.0,
    ),
)  # fmt: skip


def story() -> Story:
    """Tell the whole story."""
    afternoon = Story(START, seed=28)
    for each in TELLING:
        each.tell(afternoon, WHOLE)
    afternoon.change(
        3.8, "config", "object-store", name="bucket-policy", summary="Set the policy of all buckets anew",
        attributes={"diff": "- write: [thumbnailer, upload-api]\n+ write: [upload-api]"},
    )  # fmt: skip
    afternoon.alert_episode(
        "thumbnailer", "QueueBacklog", fires=7.5, resolves=13.4, severity="warning",
        summary="More than 3,000 pictures wait", value=5_200.0, threshold=3_000.0, unit="messages",
    )  # fmt: skip
    afternoon.change(
        10.9, "rollback", "object-store", name="bucket-policy", summary="Take the bucket policy back",
        previous_version="bucket-policy",
    )  # fmt: skip
    return afternoon


SCENARIO = Scenario(name="queue_backlog", story=story)
