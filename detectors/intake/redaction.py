"""Which parts of a text are secrets or personal data? They are replaced before anything is kept."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from models.record import InvalidRecordError

_ZEROS = bytes.maketrans(b"123456789", b"000000000")

_SENSITIVE_NAME = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|private|secret|signing|encryption|account)"
    r"[_-]?key|client[_-]?secret|authorization|auth|cookie|session[_-]?id|credentials?)"
)
_SENSITIVE_KEY = re.compile(rf"(?:^|[_.\s-]|(?-i:(?<=[a-z0-9])(?=[A-Z]))){_SENSITIVE_NAME}$", re.IGNORECASE)

_VENDOR_TOKEN = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_[A-Za-z0-9_]{30,}\b"
    r"|\bglpat-[A-Za-z0-9_-]{20,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}\b"
    r"|\bAIza[A-Za-z0-9_-]{35}"
    r"|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\bnpm_[A-Za-z0-9]{30,}\b|\bpypi-[A-Za-z0-9_-]{30,}"
    r"|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|\bhooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,}"
    r"|\bdo[opr]_v\d_[a-f0-9]{40,}"
    r"|\bhv[sbr]\.[A-Za-z0-9_-]{20,}"
    r"|\bdapi[a-f0-9]{32}\b"
    r"|\bNRAK-[A-Z0-9]{20,}"
    r"|\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"
    r"|\bya\d\d\.[A-Za-z0-9_-]{20,}"
    r"|\bSK[a-f0-9]{32}\b"
    r"|\b\d{8,10}:AA[A-Za-z0-9_-]{32,}"
    r"|(?<=[?&]sig=)[A-Za-z0-9%+/=]{20,}"
    r"|\bwhsec_[A-Za-z0-9+/=]{20,}"
    r"|\bgl(?:sa|c)_[A-Za-z0-9_+/=]{20,}"
    r"|\bhf_[A-Za-z0-9]{30,}"
    r"|\bATATT\d[A-Za-z0-9_=-]{20,}"
    r"|\bsntry[su]_[A-Za-z0-9_+/=]{20,}"
    r"|\bsq\d[a-z]{3}-[A-Za-z0-9_-]{20,}"
    r"|\blin_api_[A-Za-z0-9]{20,}"
)
"""What the makers' own documents say of the form of their keys, beginnings that nothing else has.

No pattern may ask for one digit and not for another: lines that differ in digits alone are judged together,
unless `depends_on_digits` holds.
"""
# Takes a whole run of token characters even where it is no token, so that no run is read twice.
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{5,}+(\.[A-Za-z0-9_-]{5,}+(?:\.[A-Za-z0-9_-]*+){0,3})?")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_BASIC_AUTH_URL = re.compile(r"(?<=://)[^\s/@:]{0,256}:[^\s/@]{1,256}@")
_SCHEME = r"(?:bearer|basic|digest|token|api-?key|negotiate|ntlm|hmac|aws4-hmac-sha256)"
_AUTHORIZATION = re.compile(r"\b(bearer|basic|digest)\s+[A-Za-z0-9+/=_.~-]{6,}", re.IGNORECASE)
_COOKIE = re.compile(r"(\bcookie\\*[\"']?\s*[:=]\s*)([^\s\"',;]+(?:;[ ]?[^\s\"',;]+)*)", re.IGNORECASE)
# The backslashes are those of JSON within JSON; a quote may lack its end where a text was cut.
_ASSIGNMENT = re.compile(
    rf"({_SENSITIVE_NAME}\\*[\"']?\s*[:=]\s*)"
    r"(?!<(?:secret|token|jwt|private-key|credentials|email|iban|card)>)"
    # In quotes, where a backslash may stand before a quote; in quotes of JSON within JSON; in a list or
    # an object without inner ones; without an end, up to that of the line.
    r"(?:\"(?:[^\"\\]|\\.)++\"|(?P<escape>\\{1,7}+)\"[\s\S]+?(?<!\\)(?P=escape)\""
    r"|\[[^\[\]]*+\]|\{[^{}]*+\}|\"(?:[^\"\\\n]|\\.)++\\?|\\*\"[^\"]+\"|\\*'[^']+'"
    rf"|[\"']?(?:{_SCHEME}\s+)?[^\s,;&)\]}}\"']{{3,}})",
    re.IGNORECASE,
)
# Of a command line, or of one as a JSON list.
_FLAG = re.compile(
    rf"(?<![\w-])(--?(?:[a-z0-9]{{1,32}}[-_.]){{0,4}}{_SENSITIVE_NAME}(?:[\"']\s*,\s*|[ \t]+))(?!-|<secret>)"
    r"(?:\"(?:[^\"\\]|\\.)*+\"|'[^']*'|\S{3,})",
    re.IGNORECASE,
)
_JSON_LIMIT = 65_536
"""Characters up to which a text that looks like JSON is read as such, to find what is nested in it."""
_KEYS = ("api", "access", "private", "secret", "signing", "encryption", "account")
_SESSIONS = ("sessionid", "session_id", "session-id")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(
    r"(?<![\w.-])(?:\d{13,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{3})?|\d{4}[ -]\d{6}[ -]\d{4,5})(?![\w-])"
)
# Leading digits and lengths of the card networks (ISO/IEC 7812-1): times and counters begin otherwise.
_CARD_NUMBER = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|5[0678]\d{10,17}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|6\d{15,18}"
)
_IBAN_LENGTH = 15
"""The shortest one, Norway's."""
_NESTED_LIMIT = 100
"""Levels of a JSON value: more than people send, few enough for every reader's stack."""
_LUHN_MODULUS = 10


def redact(text: str) -> str:
    """Give the text with every secret and personal value replaced by a typed placeholder.

    Every pattern is bounded or cannot backtrack, so the time is linear in the length of the text.
    A clean line costs some substring searches and no regular expression.

    >>> redact("login of jane@example.org with password=hunter22 failed")
    'login of <email> with password=<secret> failed'
    """
    lowered = text.lower()
    has_names = _has_names(lowered)
    may_be_number = depends_on_digits(text)
    if not (has_names or may_be_number or _has_hints(text, lowered)):
        return text
    if has_names and text.lstrip()[:1] in ("{", "["):
        text = _redact_json(text)
    if "private key" in lowered:
        text = _PRIVATE_KEY.sub("<private-key>", text)
    if "eyJ" in text:
        text = _JWT.sub(lambda found: "<jwt>" if found[1] else found[0], text)
    if _has_hints(text, lowered):
        text = _VENDOR_TOKEN.sub("<token>", text)
    if "@" in text:
        if "://" in text:
            text = _BASIC_AUTH_URL.sub("<credentials>@", text)
        text = _EMAIL.sub("<email>", text)
    if "bearer " in lowered or "basic " in lowered or "digest " in lowered:
        text = _AUTHORIZATION.sub(r"\1 <secret>", text)
    if "cookie" in lowered:
        text = _COOKIE.sub(r"\1<secret>", text)
    if has_names:
        text = _ASSIGNMENT.sub(r"\1<secret>", text)
        text = _FLAG.sub(r"\1<secret>", text)
    if may_be_number:
        text = _replaced(text, _IBAN, "<iban>", _is_iban)
        text = _replaced(text, _CARD, "<card>", _is_card)
    return text


def _has_names(lowered: str) -> bool:
    # Written out: a loop over the words costs four times as much, for every line there is.
    return (
        "pass" in lowered or "token" in lowered or "secret" in lowered or "auth" in lowered
        or "pwd" in lowered or "cookie" in lowered or "credential" in lowered
        or ("key" in lowered and any(each in lowered for each in _KEYS))
        or ("session" in lowered and any(each in lowered for each in _SESSIONS))
    )  # fmt: skip


def _has_hints(text: str, lowered: str) -> bool:
    zeroed = text.encode("utf-8", "surrogatepass").translate(_ZEROS)
    return (
        b"_v0_" in zeroed or b"ya00." in zeroed or b"sq0" in zeroed
        or "@" in text or "eyJ" in text or "gh" in text or "sk-" in text or "AKIA" in text or "ASIA" in text
        or "github_pat_" in text
        or "xox" in text or "SG." in text or "AIza" in text or "k_live_" in text or "k_test_" in text
        or "npm_" in text or "pypi-" in text or "glpat-" in text or "hooks.slack" in text
        or "hvs." in text or "hvb." in text or "hvr." in text or "dapi" in text or "NRAK-" in text
        or "shp" in text or "SK" in text or ":AA" in text or "sig=" in text
        or "whsec_" in text or "glsa_" in text or "glc_" in text or "hf_" in text or "ATATT" in text
        or "sntry" in text or "lin_api_" in text
        or "bearer " in lowered or "basic " in lowered or "digest " in lowered
    )  # fmt: skip


def depends_on_digits(text: str) -> bool:
    """Tell whether the value of a digit may decide what is redacted, as it does in a checksum.

    Without ten digits in a row, spaces and hyphens aside, there is neither a card number nor an IBAN:
    those of the Netherlands and of Kazakhstan have just ten (SWIFT, IBAN registry).
    """
    return b"0000000000" in text.encode("utf-8", "surrogatepass").translate(_ZEROS, b" -")


def _redact_json(text: str) -> str:
    """Redact a text that is JSON by its names, also what is nested; any other text is given back as it is."""
    if len(text) > _JSON_LIMIT:
        return text
    try:
        value = msgspec.json.decode(text)
        clean = redact_value(value)
    except (msgspec.MsgspecError, InvalidRecordError, RecursionError, ValueError):
        return text
    return text if clean == value else msgspec.json.encode(clean).decode()


def redact_value(value: Any, name: str = "") -> Any:
    """Give a JSON value with every string in it redacted, and all that is behind a sensitive name.

    Raises:
        InvalidRecordError: The value is nested deeper than `_NESTED_LIMIT` levels.

    >>> redact_value({"password": "x", "note": ["mail to a@b.io"]})
    {'password': '<secret>', 'note': ['mail to <email>']}
    """
    return _clean(value, bool(_SENSITIVE_KEY.search(name)), 0)


def _clean(value: Any, is_secret: bool, level: int) -> Any:
    if level > _NESTED_LIMIT:
        raise InvalidRecordError("nested_too_deep", f"the JSON is nested deeper than {_NESTED_LIMIT} levels")
    if isinstance(value, dict):
        return {
            redact(str(key)): _clean(each, is_secret or bool(_SENSITIVE_KEY.search(str(key))), level + 1)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_clean(each, is_secret, level + 1) for each in value]
    if is_secret:
        return value if value is None or isinstance(value, bool) or value == "" else "<secret>"
    return redact(value) if isinstance(value, str) else value


def _replaced(text: str, pattern: re.Pattern[str], placeholder: str, is_real: Callable[[str], bool]) -> str:
    """Put a placeholder where a match, or what is left of it without its last words, is real."""
    kept: list[str] = []
    done = 0
    found = pattern.search(text)
    while found is not None:
        whole = found[0]
        ends = [len(whole), *(at for at in range(len(whole) - 1, 0, -1) if whole[at] in " -")]
        length = next((each for each in ends if is_real(whole[:each])), 0)
        if length:
            kept += text[done : found.start()], placeholder
            done = found.start() + length
        # What is not real may hide a real one that begins at its next word.
        found = pattern.search(text, found.start() + (length or ends[-1]))
    return "".join([*kept, text[done:]])


def _is_card(text: str) -> bool:
    """Check the network's digits and the Luhn digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(each) for each in text if each.isdigit()]
    if not _CARD_NUMBER.fullmatch("".join(map(str, digits))):
        return False
    doubled = [sum(divmod(2 * each, _LUHN_MODULUS)) for each in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % _LUHN_MODULUS == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    """Check the length and the two check digits (ISO 13616, modulus 97)."""
    compact = text.replace(" ", "")
    number = "".join(str(int(each, 36)) for each in compact[4:] + compact[:4])
    return len(compact) >= _IBAN_LENGTH and int(number) % 97 == 1
