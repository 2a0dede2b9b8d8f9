import pytest

from models.dead_letter import DeadLetter
from streams.dead_letters.letter import DeadLetterError, FiledLetter
from streams.dead_letters.sending_back import Originals, send_back
from streams.kafka.outbox import Outbox
from streams.settings import Settings


@pytest.mark.parametrize("topic", ["log-patterns", "metric-buckets", "span-buckets", "signals"])
@pytest.mark.parametrize("mended", [None, b"{}"])
async def test_nothing_is_sent_back_to_a_topic_that_only_we_write(topic: str, mended: bytes | None) -> None:
    facts = {"stage": "scopes", "reason": "invalid_json", "detail": "not JSON"}
    letter = DeadLetter(topic=topic, partition=0, offset=3, **facts)
    settings = Settings()
    with pytest.raises(DeadLetterError, match=rf"^2:17: {topic} is written by Headwater itself.*alerts"):
        await send_back(FiledLetter("2:17", letter), Originals(settings), Outbox(settings), mended)
