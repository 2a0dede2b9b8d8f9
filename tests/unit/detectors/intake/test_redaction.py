import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.intake.redaction import Redactor
from detectors.intake.secret import is_plain
from models.record import InvalidRecordError

redact, redact_value = Redactor().redact, Redactor().redact_value

CANARY = "Hydr0" + "Canary" + "77xQ"
"""A made-up secret, in pieces so that no scanner of the repository takes it for a real one."""

LONG = CANARY * 3

VISA = "4111 1111 1111 1111"
GERMAN = "DE89 3704 0044 0532 0130 00"
SPANISH = "ES91 2100 0418 4502 0005 1332"

SECRETS: dict[str, tuple[str, str]] = {
    "password": (f"login with password={CANARY} failed", CANARY),
    "password in quotes": (f'login with password="{CANARY} and more" failed', "and more"),
    "password in a cut text": (f'login with password="{CANARY}', CANARY),
    "password like a tag": (f"password=<{CANARY}>", CANARY),
    "password in JSON": (json.dumps({"user": "u", "password": CANARY}), CANARY),
    "password in JSON in JSON": (json.dumps(json.dumps({"password": f"{CANARY} {CANARY}"})), CANARY),
    "password in a long quote": (f'"secret": "{"word " * 300}{CANARY}"', CANARY),
    "connection string": (f"Server=db;User=u;Password={CANARY};Timeout=5", CANARY),
    "azure key": (f"AccountName=n;AccountKey={LONG}==;Suffix=s", CANARY),
    "query": (f"GET /pay?access_token={CANARY}&page=2", CANARY),
    "camel case": (f"accessToken: {CANARY}", CANARY),
    "django key": (f"SECRET_KEY = '{CANARY}'", CANARY),
    "bearer": (f"Authorization: Bearer {LONG}", CANARY),
    "lower case bearer": (f"sent bearer {LONG} to payments", CANARY),
    "basic": (f"authorization: basic {LONG}==", CANARY),
    "token scheme": (f"Authorization: Token {LONG}", CANARY),
    "key scheme": (f"'authorization': 'ApiKey {LONG}'", CANARY),
    "cookies": (f"Cookie: theme=dark; sid={CANARY}; csrf=y", CANARY),
    "set-cookie": (f"Set-Cookie: sid={CANARY}; Path=/", CANARY),
    "credentials in a URL": (f"connect to postgres://app:{CANARY}@db:5432/shop", CANARY),
    "password alone in a URL": (f"connect to redis://:{CANARY}@cache:6379/0", CANARY),
    "e-mail": (f"mail to {CANARY}@example.org", CANARY),
    "JWT": (f"got eyJ{LONG}.eyJ{LONG}.{LONG} from gateway", CANARY),
    "JWT after an underscore": (f"session_eyJ{LONG}.{LONG}.{LONG}", CANARY),
    "encrypted JWT": (f"eyJ{LONG}.{LONG}.{LONG}.{LONG}.{LONG}", CANARY),
    "AWS key": ("AKIA" + "ABCDEFGH" + "IJKLMNOP in use", "ABCDEFGH"),
    "GitHub token": ("cloned with ghp_" + "a1B2" * 9, "a1B2a1B2"),
    "GitHub fine-grained token": ("github_pat_" + "a1B2" * 10, "a1B2a1B2"),
    "GitLab token": ("glpat-" + "a1B2" * 6, "a1B2a1B2"),
    "chat token": ("xoxb-" + "a1B2" * 6, "a1B2a1B2"),
    "payment key": ("sk_live_" + "a1B2" * 6, "a1B2a1B2"),
    "chat webhook": ("post to hooks.slack.com/services/" + "T0a1B2/" * 5, "T0a1B2/T0"),
    "cloud token": ("dop_v1_" + "a1b2" * 16, "a1b2a1b2"),
    "vault token": ("hvs." + "a1B2" * 8, "a1B2a1B2"),
    "notebook token": ("dapi" + "a1b2" * 8, "a1b2a1b2"),
    "monitoring key": ("NRAK-" + "A1B2" * 7, "A1B2A1B2"),
    "shop token": ("shpat_" + "a1b2" * 8, "a1b2a1b2"),
    "access token of a cloud": ("ya29." + "a1B2" * 8, "a1B2a1B2"),
    "telephony key": ("SK" + "a1b2" * 8, "a1b2a1b2"),
    "bot token": ("123456789:AA" + "a1B2" * 9, "a1B2a1B2"),
    "signature of a link": ("GET https://files.test/a?sv=1&sig=" + "a1B2" * 8 + "%3D", "a1B2a1B2"),
    "webhook secret": ("whsec_" + "a1B2" * 8, "a1B2a1B2"),
    "dashboard token": ("glsa_" + "a1B2" * 8, "a1B2a1B2"),
    "model hub token": ("hf_" + "a1B2" * 9, "a1B2a1B2"),
    "tracker token": ("ATATT3" + "a1B2" * 8, "a1B2a1B2"),
    "error tracker token": ("sntrys_" + "a1B2" * 8, "a1B2a1B2"),
    "till token": ("sq0atp-" + "a1B2" * 6, "a1B2a1B2"),
    "planner key": ("lin_api_" + "a1B2" * 8, "a1B2a1B2"),
    "private key": (f"-----BEGIN RSA PRIVATE KEY-----\n{LONG}\n-----END RSA PRIVATE KEY----- sent", CANARY),
    "private key, cut": (f"key: -----BEGIN PRIVATE KEY-----\\n{LONG}", CANARY),
    "PGP private key": (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{LONG}\n", CANARY),
    "card": (f"card {VISA} declined", "1111 1111"),
    "card without spaces": (f"card={VISA.replace(' ', '')}", "1111111"),
    "card with dashes": (f"card {VISA.replace(' ', '-')}.", "1111-1111"),
    "card before a number": (f"charged {VISA.replace(' ', '')} 200 times", "1111111"),
    "card after a number": (f"line 12 {VISA} declined", "1111 1111"),
    "card after four digits": (f"terminal 1234 {VISA}", "1111 1111"),
    "card of 15 digits": ("card 3782 " + "822463 10005", "822463"),
    "IBAN": (f"paid from {GERMAN} today", "3704 0044"),
    "IBAN without spaces": (f"paid from {GERMAN.replace(' ', '')} today", "37040044"),
    "IBAN before a word": (f"paid from {SPANISH} EUR", "2100 0418"),
    "IBAN without spaces before a word": (f"{SPANISH.replace(' ', '')} PAID", "21000418"),
}
"""By kind: a line, and the part of it that must be gone."""

CLEAN = [
    "order 4711 placed for 12.50 EUR in 184 ms",
    "2026-06-23T09:42:00.123456Z GET /checkout 200 1782205200123456789",
    "trace 0af7651916cd43dd8448eb211c80319c span b7ad6b7169203331",
    "pod checkout-api-7d9c5b6f4-x2x9p restarted 3 times",
    "connection to 10.0.12.7:5432 refused (attempt 3 of 5)",
    "build 20260623094512 of commit 9c41e07bb2f1c4a5d6e7f8091a2b3c4d5e6f7081",
    "id 123e4567-e89b-12d3-a456-426614174000 not found",
    "the card 4111 1111 1111 1112 has a wrong check digit",
    "the account DE88 3704 0044 0532 0130 00 has wrong check digits",
    "counters 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
    "zeros 0000000000000000",
    "microseconds 1782205200123456 and 1782205200123464",
    "eyJust a word that begins like a token",
    "user@localhost has no mailbox",
    "public key: -----BEGIN PUBLIC KEY-----",
    "tokenizer authored passable keys",
]

PIECES = [
    *(line for line, _ in SECRETS.values()),
    *CLEAN,
    " ",
    "\n",
    '"',
    "'",
    "\\",
    "=",
    ":",
    ";",
    "<",
    "@",
    "4",
]

ADVERSARIAL = [
    "eyJ-", "eyJ" + "a" * 20, "eyJaaaaaa.", "a@", "a.", "a@a.", "password=", 'password="', "password ",
    "pass", "password=\\", "bearer ", "://", "://a:", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ",
    "-----END ", "4", "4 ", "4111 ", "4-", "AB12", "AB12 ", "sk-", "SG.", "glpat-", "github_pat_",
    "cookie: a;", "AKIA", "<secret>", '{"password":["a"]},', "password:[", "password:{", 'password=\\"',
    "--password ", "--a-", '["--password ',
]  # fmt: skip


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_is_left(kind: str) -> None:
    line, secret = SECRETS[kind]
    assert secret in line.replace("\\", "")
    assert secret not in redact(line)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_typed_placeholder_says_what_was_there(kind: str) -> None:
    cleaned = redact(SECRETS[kind][0])
    kinds = ("secret", "token", "jwt", "private-key", "credentials", "email", "iban", "card")
    assert any(f"<{each}>" in cleaned for each in kinds)


def test_what_stands_around_a_secret_stays() -> None:
    assert redact(f"card {VISA} declined after 3 tries") == "card <card> declined after 3 tries"
    assert redact(f"from {SPANISH} EUR 12") == "from <iban> EUR 12"
    assert redact(f"Server=db;Password={CANARY};Timeout=5") == "Server=db;Password=<secret>;Timeout=5"
    assert redact(f"redis://:{CANARY}@cache:6379/0 is down") == "redis://<credentials>@cache:6379/0 is down"


@pytest.mark.parametrize("line", CLEAN)
def test_a_clean_line_is_left_as_it_is(line: str) -> None:
    assert redact(line) == line


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=6).map("".join))
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@settings(deadline=None, max_examples=500, derandomize=True)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=8).map(" ".join))
def test_a_text_of_plain_words_without_a_long_number_is_left_as_it_is(text: str) -> None:
    zeroed = re.sub("[0-9]", "0", text)
    if all(map(is_plain, zeroed.split())) and not Redactor().may_be_number(zeroed.encode()):
        assert redact(text) is text


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_is_made_of_plain_words(kind: str) -> None:
    zeroed = re.sub("[0-9]", "0", SECRETS[kind][0])
    assert Redactor().may_be_number(zeroed.encode()) or not all(map(is_plain, zeroed.split()))


@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.text(max_size=40), st.sampled_from(sorted(SECRETS)), st.text(max_size=40))
def test_a_secret_between_spaces_is_found_whatever_stands_around_it(
    before: str, kind: str, after: str
) -> None:
    line, secret = SECRETS[kind]
    assert secret not in redact(f"{before} {line} {after}")


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_the_time_grows_with_the_length_of_the_text_and_not_with_its_square(piece: str) -> None:
    def seconds(repeats: int) -> float:
        return _fastest(lambda: redact(piece * repeats))

    repeats = 6_000 // len(piece)
    # Ten times the text: linear is 10, quadratic 100; a busy machine is neither.
    assert seconds(10 * repeats) < 40 * max(seconds(repeats), 1e-5)


def _fastest(work: Callable[[], Any]) -> float:
    """Give CPU seconds: what else the machine does is not in them."""
    taken = []
    for _ in range(5):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def test_everything_behind_a_sensitive_name_is_gone_however_it_is_nested() -> None:
    labels = {
        "env": "production",
        "db": {"user": "app", "password": CANARY, "hosts": ["a", {"pwd": CANARY}]},
        "credentials": {"kind": "plain", "value": CANARY, "tries": [CANARY, 4711]},
        "accessToken": CANARY,
        "X-Auth-Token": CANARY,
        "pin_token": 4711,
        f"owner {CANARY}@example.org": "yes",
    }
    cleaned = redact_value(labels)
    assert CANARY not in json.dumps(cleaned)
    assert "4711" not in json.dumps(cleaned)
    assert cleaned["env"] == "production"
    assert cleaned["db"]["user"] == "app"
    assert cleaned["db"]["hosts"][0] == "a"


def test_what_is_not_text_stays_as_it_is() -> None:
    value = {
        "count": 3,
        "ratio": 0.5,
        "on": True,
        "none": None,
        "bypass": "no",
        "compass": "north",
        "token": "",
    }
    assert redact_value(value) == value


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(PIECES),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PIECES), inner, max_size=3)
        ),
    )
)
def test_redacting_a_value_twice_is_redacting_it_once_and_changes_no_input(value: Any) -> None:
    before = json.dumps(value)
    once = redact_value(value)
    assert json.dumps(value) == before
    assert redact_value(once) == once


def test_a_value_that_is_nested_too_deep_is_refused_with_the_limit() -> None:
    value: Any = CANARY
    for _ in range(101):
        value = {"a": value}
    with pytest.raises(InvalidRecordError, match="nested deeper than 100 levels"):
        redact_value(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"password": ["hunter2secret"]}',
        '{"token": {"value": "hunter2secret"}}',
        'sent {"password": "ab\\"hunter2secret"}',
        "mysql --user root --password hunter2secret --host db",
        "run --db-password hunter2secret",
        'run --password "my hunter2secret"',
        'exec ["login", "--password", "hunter2secret"]',
        'payload={"password": ["hunter2secret"]}',
        'payload={"token": {"value": "hunter2secret"}}',
        json.dumps(json.dumps({"password": ["hunter2secret"]})),
        json.dumps(json.dumps({"password": 'ab"cd hunter2secret'})),
        'cut off: {"password": "ab\\"cd hunter2secret',
    ],
)
def test_a_secret_that_is_nested_escaped_or_a_flag_is_gone(text: str) -> None:
    assert "hunter2secret" not in redact(text)


def test_json_without_a_secret_stays_as_it_was_written() -> None:
    text = '{"key":  "value", "token_count": 7 }'
    assert redact(text) == text
