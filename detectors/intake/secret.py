"""How do secrets and addresses look in a text, and which cheap words hint that there may be one?"""

import re
from collections.abc import Callable

_SENSITIVE_NAME = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|private|secret|signing|encryption|account)"
    r"[_-]?key|client[_-]?secret|authorization|auth|cookie|session[_-]?id|credentials?)"
)

SENSITIVE_KEY = re.compile(rf"(?:^|[_.\s-]|(?-i:(?<=[a-z0-9])(?=[A-Z]))){_SENSITIVE_NAME}$", re.IGNORECASE)

VENDOR_TOKEN = re.compile(
    r"\b(?:"
    r"(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|gh[pousr]_[A-Za-z0-9]{30,}\b"
    r"|github_pat_[A-Za-z0-9_]{30,}\b"
    r"|glpat-[A-Za-z0-9_-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}\b"
    r"|AIza[A-Za-z0-9_-]{35}"
    r"|sk-[A-Za-z0-9_-]{20,}"
    r"|npm_[A-Za-z0-9]{30,}\b"
    r"|pypi-[A-Za-z0-9_-]{30,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,}"
    r"|do[opr]_v\d_[a-f0-9]{40,}"
    r"|hv[sbr]\.[A-Za-z0-9_-]{20,}"
    r"|dapi[a-f0-9]{32}\b"
    r"|NRAK-[A-Z0-9]{20,}"
    r"|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"
    r"|ya\d\d\.[A-Za-z0-9_-]{20,}"
    r"|SK[a-f0-9]{32}\b"
    r"|\d{8,10}:AA[A-Za-z0-9_-]{32,}"
    r"|whsec_[A-Za-z0-9+/=]{20,}"
    r"|gl(?:sa|c)_[A-Za-z0-9_+/=]{20,}"
    r"|hf_[A-Za-z0-9]{30,}"
    r"|ATATT\d[A-Za-z0-9_=-]{20,}"
    r"|sntry[su]_[A-Za-z0-9_+/=]{20,}"
    r"|sq\d[a-z]{3}-[A-Za-z0-9_-]{20,}"
    r"|lin_api_[A-Za-z0-9]{20,}"
    r")|(?<=[?&]sig=)[A-Za-z0-9%+/=]{20,}"
)
"""What the makers' own documents say of the form of their keys, beginnings that nothing else has.

No pattern may ask for one digit and not for another: lines that differ in digits alone are judged together,
unless `depends_on_digits` holds.
"""
# Takes a whole run of token characters even where it is no token, so that no run is read twice.
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{5,}+(\.[A-Za-z0-9_-]{5,}+(?:\.[A-Za-z0-9_-]*+){0,3})?")
PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
BASIC_AUTH_URL = re.compile(r"(?<=://)[^\s/@:]{0,256}:[^\s/@]{1,256}@")
_SCHEME = r"(?:bearer|basic|digest|token|api-?key|negotiate|ntlm|hmac|aws4-hmac-sha256)"
AUTHORIZATION = re.compile(r"\b(bearer|basic|digest)\s+[A-Za-z0-9+/=_.~-]{6,}", re.IGNORECASE)
COOKIE = re.compile(r"(\bcookie\\*[\"']?\s*[:=]\s*)([^\s\"',;]+(?:;[ ]?[^\s\"',;]+)*)", re.IGNORECASE)
# The backslashes are those of JSON within JSON; a quote may lack its end where a text was cut.
ASSIGNMENT = re.compile(
    rf"({_SENSITIVE_NAME}\\*[\"']?\s*[:=]\s*)"
    r"(?!<(?:secret|token|jwt|private-key|credentials|(?:email|iban|card)(?::[0-9a-f]{8})?)>)"
    # In quotes, where a backslash may stand before a quote; in quotes of JSON within JSON; in a list or
    # an object without inner ones; without an end, up to that of the line.
    r"(?:\"(?:[^\"\\]|\\.)++\"|(?P<escape>\\{1,7}+)\"[\s\S]+?(?<!\\)(?P=escape)\""
    r"|\[[^\[\]]*+\]|\{[^{}]*+\}|\"(?:[^\"\\\n]|\\.)++\\?|\\*\"[^\"]+\"|\\*'[^']+'"
    rf"|[\"']?(?:{_SCHEME}\s+)?[^\s,;&)\]}}\"']{{3,}})",
    re.IGNORECASE,
)
# Of a command line, or of one as a JSON list.
FLAG = re.compile(
    rf"(?<![\w-])(--?(?:[a-z0-9]{{1,32}}[-_.]){{0,4}}{_SENSITIVE_NAME}(?:[\"']\s*,\s*|[ \t]+))(?!-|<secret>)"
    r"(?:\"(?:[^\"\\]|\\.)*+\"|'[^']*'|\S{3,})",
    re.IGNORECASE,
)
_EMAIL_HOST = re.compile(r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_EMAIL_NAME = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-"
_LONGEST_NAME = 64
"""Characters before the @ (RFC 5321, section 4.5.3.1.1)."""

_HEX = "0abcdefABCDEF-"
_KEYS = ("api", "access", "private", "secret", "signing", "encryption", "account")
_SESSIONS = ("sessionid", "session_id", "session-id")


def has_names(lowered: str) -> bool:
    """Tell whether a word of a sensitive name is in a text, which is given in lower case."""
    # Written out: a loop over the words costs four times as much, for every line there is.
    return (
        "pass" in lowered or "token" in lowered or "secret" in lowered or "auth" in lowered
        or "pwd" in lowered or "cookie" in lowered or "credential" in lowered
        or ("key" in lowered and any(each in lowered for each in _KEYS))
        or ("session" in lowered and any(each in lowered for each in _SESSIONS))
    )  # fmt: skip


def has_hints(text: str, lowered: str, zeroed: bytes) -> bool:
    """Tell whether a token, an address or the word before a secret may be in a text.

    Args:
        text: As it is.
        lowered: The same in lower case.
        zeroed: Its bytes, every digit a 0.
    """
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


def without_emails(text: str, hide: Callable[[str], str]) -> str:
    """Put what `hide` gives in the place of each e-mail address.

    The host is found first: a line is full of what may be a name, and has few signs of an address.
    """
    kept: list[str] = []
    done = 0
    for host in _EMAIL_HOST.finditer(text):
        at = host.start()
        before = text[max(done, at - _LONGEST_NAME) : at]
        begin = at - len(before) + len(before.rstrip(_EMAIL_NAME))
        if begin < at:
            kept += text[done:begin], hide(text[begin : host.end()])
            done = host.end()
    return "".join([*kept, text[done:]]) if kept else text


def is_plain(word: str) -> bool:
    """Tell whether a word, every digit a 0, has no part in a secret, whatever stands around it.

    Where that holds for every word of a text, there is neither a sensitive name nor a hint in it.
    """
    if not word.strip(_HEX):
        return True  # no name and no hint is made of the digits of an id alone
    lowered = word.lower()
    return not (
        "key" in lowered or "bearer" in lowered or "basic" in lowered or "digest" in lowered
        or has_names(lowered) or has_hints(word, lowered, word.encode("utf-8", "surrogatepass"))
    )  # fmt: skip
