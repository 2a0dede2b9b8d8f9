from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from msgspec.structs import replace

from models.dead_letter import DeadLetter
from models.record import encode
from streams.dead_letters.letter import DeadLetterError, FiledLetter, find_letter, letter, read_letters
from streams.dead_letters.sending_back import SENT_BACK_HEADER, Originals, read_mended, send_back
from streams.kafka.outbox import Outbox
from streams.kafka.topic_reader import read_all
from streams.settings import Settings


async def set_aside(settings: Settings, outbox: Outbox, value: bytes, **choices: Any) -> FiledLetter:
    """Put a record on `logs` and its letter on `dead-letters`, as the intake does."""
    await (await outbox.send("logs", value, b"cart"))
    *_, record = [each async for each in read_all(settings, ["logs"]) if each.value == value]
    facts = {"stage": "intake", "reason": "invalid_json", "detail": "not JSON", **choices}
    written: DeadLetter = letter(
        record, topic="logs", redact=lambda text: text.replace("hunter2", "***"), **facts
    )
    sent = await (await outbox.send("dead-letters", encode(written), b"logs:0"))
    return FiledLetter(f"{sent.partition}:{sent.offset}", written)


async def on_logs(settings: Settings) -> list[Any]:
    return [each async for each in read_all(settings, ["logs"])]


async def test_a_letter_is_found_by_its_place_topic_or_reason(settings: Settings) -> None:
    async with Outbox(settings) as outbox:
        first = await set_aside(settings, outbox, b"{one")
        second = await set_aside(settings, outbox, b"{two", reason="invalid_field")
    assert await find_letter(settings, second.place) == second
    assert [each async for each in read_letters(settings, reason="invalid_json")] == [first]
    assert [each async for each in read_letters(settings, topic="spans")] == []
    with pytest.raises(DeadLetterError, match=r"no dead letter '9:9'"):
        await find_letter(settings, "9:9")


async def test_the_original_bytes_are_sent_back_not_the_redacted_copy(settings: Settings) -> None:
    async with Outbox(settings) as outbox, Originals(settings) as originals:
        filed = await set_aside(settings, outbox, b'{"password": "hunter2"')
        assert "hunter2" not in filed.letter.payload
        said = await send_back(filed, originals, outbox)
    records = await on_logs(settings)
    assert [(each.key, each.value) for each in records] == [(b"cart", b'{"password": "hunter2"')] * 2
    assert records[1].headers == ((SENT_BACK_HEADER, filed.place.encode()),)
    assert "sent the original record (22 bytes) to logs" in said


async def test_of_an_array_only_the_refused_element_is_sent_back(settings: Settings) -> None:
    async with Outbox(settings) as outbox, Originals(settings) as originals:
        filed = await set_aside(settings, outbox, b'[{"a": 1}, {"b": 2}]', element=1)
        await send_back(filed, originals, outbox)
        otlp = await set_aside(settings, outbox, b'{"resourceLogs": []}', element=1)
        with pytest.raises(DeadLetterError, match=r"cannot be cut out.*--file"):
            await send_back(otlp, originals, outbox)
    assert (await on_logs(settings))[1].value == b'{"b":2}'


async def test_a_mended_record_goes_back_under_the_original_key(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mended.json").write_bytes(b'{"kind": "log"}\n')
    async with Outbox(settings) as outbox, Originals(settings) as originals:
        filed = await set_aside(settings, outbox, b"{one")
        said = await send_back(filed, originals, outbox, read_mended(tmp_path / "mended.json"))
    record = (await on_logs(settings))[1]
    assert (record.key, record.value) == (b"cart", b'{"kind": "log"}')
    assert "mended" in said


async def test_an_original_that_is_gone_is_refused_unless_it_is_mended(settings: Settings) -> None:
    async with Outbox(settings) as outbox, Originals(settings) as originals:
        filed = await set_aside(settings, outbox, b"{one")
        await delete_all(settings, TopicPartition(f"{settings.topic_prefix}logs", filed.letter.partition))
        with pytest.raises(DeadLetterError, match=r"no longer has offset 0.*--file"):
            await send_back(filed, originals, outbox)
        unknown = filed._replace(letter=replace(filed.letter, topic="raw.gone"))
        with pytest.raises(DeadLetterError, match="no longer has offset"):
            await send_back(unknown, originals, outbox)
        await send_back(filed, originals, outbox, b'{"kind": "log"}')
    (record,) = await on_logs(settings)
    assert (record.key, record.value) == (b"cart", b'{"kind": "log"}')


async def test_a_letter_that_cannot_be_read_does_not_hide_the_others(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Outbox(settings) as outbox:
        await (await outbox.send("dead-letters", b"?", b"logs:0"))
        filed = await set_aside(settings, outbox, b"{one")
    assert [each async for each in read_letters(settings)] == [filed]
    assert "cannot be read itself" in capsys.readouterr().err


async def delete_all(settings: Settings, partition: TopicPartition) -> None:
    """Take all records away as retention does."""
    admin = AIOKafkaAdminClient(**settings.connection())
    await admin.start()
    try:
        await admin.delete_records({partition: RecordsToDelete(before_offset=-1)})
    finally:
        await admin.close()
