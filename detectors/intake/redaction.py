"""Which parts of a text are secrets or personal data? They are replaced before anything is kept."""

import re
from collections.abc import Callable
from typing import Any

_DIGITS = str.maketrans("123456789", "000000000")

_SENSITIVE_NAME = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|client[_-]?secret|authorization|auth|cookie|session[_-]?id|credentials?)"
)
_SENSITIVE_KEY = re.compile(rf"(?:^|[_.-]){_SENSITIVE_NAME}$", re.IGNORECASE)

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
)
_VENDOR_HINTS = (
    "AKIA", "ASIA", "gh", "glpat-", "xox", "k_live_", "k_test_", "AIza", "sk-", "npm_", "pypi-", "SG.",
)  # fmt: skip
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)
_BASIC_AUTH_URL = re.compile(r"(?<=://)[^\s/@:]{1,256}:[^\s/@]{1,256}@")
_AUTHORIZATION = re.compile(r"\b(bearer|basic|digest)\s+[A-Za-z0-9+/=_.~-]{6,}", re.IGNORECASE)
_ASSIGNMENT = re.compile(
    rf"({_SENSITIVE_NAME}[\"']?\s*[:=]\s*)(?!<)(\"[^\"]{{1,512}}\"|'[^']{{1,512}}'|[^\s,;&)\]}}\"']{{3,512}})",
    re.IGNORECASE,
)
_ASSIGNMENT_HINTS = ("pass", "pwd", "secret", "token", "key", "auth", "cookie", "session", "credential")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_LUHN_MODULUS = 10


def redact(text: str) -> str:
    """Give the text with every secret and personal value replaced by a typed placeholder.

    Every pattern is bounded or cannot backtrack, so the time is linear in the length of the text.
    A clean line costs some substring searches and no regular expression.

    >>> redact("login of jane@example.org with password=hunter22 failed")
    'login of <email> with password=<secret> failed'
    """
    lowered = text.lower()
    if "private key-----" in lowered:
        text = _PRIVATE_KEY.sub("<private-key>", text)
    if "eyJ" in text:
        text = _JWT.sub("<jwt>", text)
    if any(hint in text for hint in _VENDOR_HINTS):
        text = _VENDOR_TOKEN.sub("<token>", text)
    if "@" in text:
        if "://" in text:
            text = _BASIC_AUTH_URL.sub("<credentials>@", text)
        text = _EMAIL.sub("<email>", text)
    if "bearer " in lowered or "basic " in lowered or "digest " in lowered:
        text = _AUTHORIZATION.sub(r"\1 <secret>", text)
    if any(hint in lowered for hint in _ASSIGNMENT_HINTS):
        text = _ASSIGNMENT.sub(r"\1<secret>", text)
    if "00" in text.translate(_DIGITS):
        text = _IBAN.sub(_placeholder("<iban>", _is_iban), text)
        text = _CARD.sub(_placeholder("<card>", _is_card), text)
    return text


def redact_value(value: Any, name: str = "") -> Any:
    """Give a JSON value with every string in it redacted, also those behind a sensitive name.

    >>> redact_value({"password": "x", "note": ["mail to a@b.io"]})
    {'password': '<secret>', 'note': ['mail to <email>']}
    """
    if isinstance(value, str):
        return "<secret>" if value and _SENSITIVE_KEY.search(name) else redact(value)
    if isinstance(value, dict):
        return {redact(str(key)): redact_value(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [redact_value(each, name) for each in value]
    return value


def _placeholder(text: str, is_real: Callable[[str], bool]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        return text if is_real(match.group()) else match.group()

    return replace


def _is_card(text: str) -> bool:
    """Check the Luhn digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(each) for each in text if each.isdigit()]
    doubled = [sum(divmod(2 * each, _LUHN_MODULUS)) for each in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % _LUHN_MODULUS == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    """Check the two check digits (ISO 13616, modulus 97)."""
    compact = text.replace(" ", "")
    number = "".join(str(int(each, 36)) for each in compact[4:] + compact[:4])
    return int(number) % 97 == 1
