"""What the placeholders tell with a key, and that they tell nothing more."""

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.intake.folding import Fold
from detectors.intake.pseudonym import Pseudonyms
from detectors.intake.reading import sound_lines
from detectors.intake.redaction import Redactor
from detectors.mining.pattern import pattern_of
from models import topic
from models.chunk import Chunk
from models.record import encode
from tests.unit.detectors.intake.test_national_id import IDS
from tests.unit.detectors.intake.test_redaction import GERMAN, PIECES, VISA

KEY = "a key that nobody guesses"
KEYED = Redactor(pseudonym_key=KEY, national_ids=IDS)

PERSONAL = {"email": "jane@example.org", "card": VISA, "iban": GERMAN, **IDS}
"""A value of each kind that has a pseudonym."""

TEXTS = [*PIECES, *PERSONAL.values()]


@pytest.mark.parametrize("kind", PERSONAL)
def test_the_same_value_has_the_same_pseudonym_wherever_it_stands(kind: str) -> None:
    value = PERSONAL[kind]
    first = KEYED.redact(f"for {value} we wait")
    found = re.search(rf"<{kind}:[0-9a-f]{{8}}>", first)
    assert found is not None
    assert KEYED.redact(f"({value})") == f"({found[0]})"
    assert Redactor(pseudonym_key=KEY, national_ids=IDS).redact(value) == found[0]
    assert Redactor(pseudonym_key=f"{KEY}!", national_ids=IDS).redact(value) != found[0]
    assert Redactor(national_ids=IDS).redact(value) == f"<{kind}>"


@pytest.mark.parametrize(
    ("kind", "ways"),
    [
        ("email", ["Jane@Example.org", "jane@example.org", "JANE@EXAMPLE.ORG"]),
        ("card", [VISA, VISA.replace(" ", "-"), VISA.replace(" ", "")]),
        ("iban", [GERMAN, GERMAN.replace(" ", "")]),
        ("es-dni", ["54362315-K", "54362315k", "54362315 K"]),
    ],
)
def test_how_a_value_is_written_does_not_count(kind: str, ways: list[str]) -> None:
    told = {KEYED.redact(f"x {each} y") for each in ways}
    assert len(told) == 1
    assert told.pop().startswith(f"x <{kind}:")


def test_equal_digits_of_two_kinds_have_two_pseudonyms() -> None:
    names = Pseudonyms(KEY)
    one, other = (names.placeholder(kind, "123456782").partition(":")[2] for kind in ("ca-sin", "nl-bsn"))
    assert one != other


def test_secrets_have_no_pseudonym() -> None:
    told = KEYED.redact("password=hunter22 and token: " + "ghp_" + "a1B2" * 9)
    assert ":" not in told.replace("token: ", "")


@settings(deadline=None, max_examples=300, derandomize=True)
@given(
    st.lists(st.sampled_from([*PIECES, *PERSONAL.values()]) | st.text(max_size=8), max_size=6).map("".join)
)
def test_redacting_twice_is_redacting_once_with_pseudonyms_too(text: str) -> None:
    once = KEYED.redact(text)
    assert KEYED.redact(once) == once


def a_fold(redactor: Redactor, *bodies: str) -> bytes:
    fold = Fold(redactor)
    for body in bodies:
        data = msgspec.json.encode(
            {"timestamp": 1782207720, "service": "shop", "severity": "INFO", "body": body}
        )
        fold.add_lines(sound_lines([data]))
    return encode(list(fold.records(topic.LOGS, Chunk(source="logs:0", epoch=1, first=0, end=9))))


def test_lines_of_many_people_are_one_statement() -> None:
    lines = [f"mail to user{number}.{chr(97 + number)}@example.org, bounced" for number in range(20)]
    assert len({pattern_of(KEYED.redact(each)) for each in lines}) == 1
    assert pattern_of(KEYED.redact(lines[0])) == pattern_of(Redactor().redact(lines[0]))
    assert a_fold(KEYED, *lines).count(b'"count":20') == 1


def test_what_one_redactor_lets_pass_is_not_remembered_for_another() -> None:
    line = f"taxpayer {IDS['de-steuer-id']} was seen"
    assert IDS["de-steuer-id"].encode() in a_fold(Redactor(), line, line, line)
    assert IDS["de-steuer-id"].encode() not in a_fold(KEYED, line, line, line)
    assert IDS["de-steuer-id"].encode() in a_fold(Redactor(), line)


def test_the_key_is_told_nowhere() -> None:
    told = f"{KEYED!r} {vars(KEYED)} {Pseudonyms(KEY)!r} {vars(Pseudonyms(KEY))}"
    assert KEY not in told
