import base64
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dead_letter import DeadLetter
from streams.dead_letters.letter import LONGEST_SECRET, PAYLOAD_LIMIT, letter

SECRET = "sesame" * 40


@dataclass
class Arrived:
    value: bytes | None
    key: bytes | None = b"cart"
    partition: int = 3
    offset: int = 17
    timestamp: int = 1782205200500


def redact(text: str) -> str:
    return text.replace(SECRET, "<secret>")


def a_letter(value: bytes | None, **choices: object) -> DeadLetter:
    arrived = Arrived(value, **{key: choices.pop(key) for key in ("key",) if key in choices})  # type: ignore[arg-type]
    facts = {"topic": "logs", "stage": "intake", "reason": "invalid_json", "detail": "not JSON", **choices}
    return letter(arrived, redact=redact, **facts)  # type: ignore[arg-type]


def payload_bytes(written: DeadLetter) -> bytes:
    return base64.b64decode(written.payload) if written.encoding == "base64" else written.payload.encode()


def test_a_letter_names_the_place_the_stage_the_reason_and_the_time() -> None:
    written = a_letter(b"{oops", element=2)
    assert (written.topic, written.partition, written.offset, written.element) == ("logs", 3, 17, 2)
    assert (written.stage, written.reason, written.detail) == ("intake", "invalid_json", "not JSON")
    assert (written.key, written.payload, written.encoding, written.size) == ("cart", "{oops", "utf-8", 5)
    assert written.recorded_at == 1782205200.5
    assert not written.truncated


@pytest.mark.parametrize("value", [None, b""])
def test_a_record_without_a_value_has_an_empty_payload(value: bytes | None) -> None:
    assert a_letter(value).payload == ""


def test_bytes_that_are_no_text_are_kept_as_base64() -> None:
    written = a_letter(b"\xff\x00\x01")
    assert written.encoding == "base64"
    assert payload_bytes(written) == b"\xff\x00\x01"


@pytest.mark.parametrize("start", [b"", b"\xff"])
def test_secrets_are_redacted_in_text_and_in_binary(start: bytes) -> None:
    written = a_letter(
        start + b"token " + SECRET.encode() + b" end", key=SECRET.encode(), detail=f"got {SECRET}"
    )
    assert payload_bytes(written) == start + b"token <secret> end"
    assert written.key == "<secret>"
    assert written.detail == "got <secret>"


def test_a_long_payload_is_cut_and_says_so() -> None:
    written = a_letter("ä".encode() * 1_000_000)
    assert written.truncated
    assert written.size == 2_000_000
    assert len(written.payload.encode()) == PAYLOAD_LIMIT


def test_of_an_array_only_the_refused_element_is_kept() -> None:
    written = a_letter(b'[{"a": 1}, 7]', element=1, refused=b"7")
    assert (written.payload, written.size, written.truncated) == ("7", 13, False)


@given(
    st.integers(PAYLOAD_LIMIT - 300, PAYLOAD_LIMIT + LONGEST_SECRET + 300), st.sampled_from([b"", b"\xff"])
)
def test_no_part_of_a_secret_survives_at_any_place_where_the_payload_is_cut(
    position: int, start: bytes
) -> None:
    value = start + b"." * position + SECRET.encode() + b"." * 2000
    assert b"sesame" not in payload_bytes(a_letter(value))


def test_many_secrets_before_the_cut_do_not_bring_a_part_of_the_last_one_in() -> None:
    value = (SECRET + " ").encode() * 10_000
    assert b"sesame" not in payload_bytes(a_letter(value))
