import msgspec
import pytest

from detectors.intake.folding import Fold
from detectors.intake.national_id import NATIONAL_IDS
from detectors.intake.reading import read, sound_lines
from detectors.intake.redaction import Redactor
from models import topic
from models.chunk import Chunk
from models.event import Change
from models.record import encode

IDS = {
    "br-cpf": "390.533.447-05",
    "ca-sin": "123 456 782",
    "ch-ahv": "756.9217.0769.85",
    "de-steuer-id": "36 574 261 809",
    "es-dni": "54362315-K",
    "es-nie": "X-2482300W",
    "fr-nir": "2 95 10 99 126 111 93",
    "gb-nhs": "943 476 5870",
    "in-aadhaar": "2341 2341 2346",
    "it-codice-fiscale": "RCCMNL83S18D969H",
    "nl-bsn": "1112.22.333",
    "pl-pesel": "44051401359",
    "us-ssn": "536-90-4399",
}
"""One of each kind: the examples of the documents that state the rules."""

OFF_BY_ONE = {
    **{kind: value for kind, value in IDS.items() if kind != "us-ssn"},
    "it-codice-fiscale": "RCCMNL83S18D969I",
    "es-dni": "54362315-L",
    "es-nie": "X-2482300X",
}


def test_there_is_an_example_of_each() -> None:
    assert IDS.keys() == NATIONAL_IDS.keys()


@pytest.mark.parametrize("kind", IDS)
def test_an_id_is_redacted_where_it_is_configured_and_only_there(kind: str) -> None:
    line = f"case of {IDS[kind]}, closed"
    assert Redactor(national_ids=[kind]).redact(line) == f"case of <{kind}>, closed"
    assert Redactor().redact(line) == line
    assert Redactor(national_ids=IDS.keys() - {kind}).redact(line).find(f"<{kind}>") == -1


@pytest.mark.parametrize("kind", IDS)
def test_an_id_without_its_separators_is_found_too(kind: str) -> None:
    bare = "".join(filter(str.isalnum, IDS[kind]))
    told = Redactor(national_ids=[kind]).redact(f"case of {bare}, closed")
    assert (f"<{kind}>" in told) == (kind != "us-ssn"), "nine bare digits without a check digit are no id"


@pytest.mark.parametrize("kind", OFF_BY_ONE)
def test_what_fails_the_check_stays(kind: str) -> None:
    value = OFF_BY_ONE[kind]
    if value == IDS[kind]:
        value = value[:-1] + str((int(value[-1]) + 1) % 10)
    line = f"case of {value}, closed"
    assert Redactor(national_ids=[kind]).redact(line) == line


@pytest.mark.parametrize("line", ["666-12-3456", "000-12-3456", "900-12-3456", "536-00-4399", "536-90-0000"])
def test_what_was_never_given_out_as_a_social_security_number_stays(line: str) -> None:
    assert Redactor(national_ids=["us-ssn"]).redact(line) == line


@pytest.mark.parametrize("kind", IDS)
def test_a_part_of_something_longer_is_no_id(kind: str) -> None:
    redactor = Redactor(national_ids=[kind])
    for line in (f"x{IDS[kind]}", f"{IDS[kind]}7", f"a-{IDS[kind]}-b", f"v1.{IDS[kind]}"):
        assert redactor.redact(line) == line


@pytest.mark.parametrize("kind", IDS)
def test_a_clean_line_does_not_vouch_for_an_id_that_differs_from_it_in_digits(kind: str) -> None:
    line = f"case of {IDS[kind]}, closed"
    twin = line.translate(str.maketrans("0123456789", "1234567890"))
    fold = Fold(Redactor(national_ids=[kind]))
    for body in (twin, twin, line):
        data = msgspec.json.encode(
            {"timestamp": 1782207720, "service": "pay", "severity": "INFO", "body": body}
        )
        fold.add_lines(sound_lines([data]))
    chunk = Chunk(source="logs:0", epoch=1, first=0, end=3)
    assert IDS[kind].encode() not in encode(list(fold.records(topic.LOGS, chunk)))


def test_an_id_or_card_that_is_sent_as_a_number_is_redacted_and_the_fields_of_an_event_stay() -> None:
    data = msgspec.json.encode(
        {
            "timestamp": 1782207720, "service": "pay", "change_kind": "config",
            "attributes": {"card": 4111111111111111, "insured": 44051401359, "files": 12},
        }
    )  # fmt: skip
    (event,) = read(topic.DEPLOYS, data, Redactor(national_ids=IDS))
    assert isinstance(event, Change)
    assert event.attributes == {"card": "<card>", "insured": "<pl-pesel>", "files": 12}
    assert event.timestamp.timestamp() == 1782207720


def test_an_id_that_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError, match="atlantis-id"):
        Redactor(national_ids=["us-ssn", "atlantis-id"])
