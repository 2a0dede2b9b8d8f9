"""Which pattern does a log line have? A pure function of the line, the same on every worker."""

import re
from collections.abc import Sequence

from detectors.mining.recall import Recall
from detectors.mining.token import mask
from models.record import content_id

TEMPLATE_LIMIT = 400
"""Longest template (characters); what comes later in a line seldom tells lines apart."""

LINE_LIMIT = 4_000
"""Characters of a line that are looked at: ten templates' worth, so that a megabyte costs no more."""

LINES_REMEMBERED = 20_000
"""Lines of a generation, digits aside: at some 400 bytes each, two generations are about 16 MB."""
TOKENS_REMEMBERED = 20_000
PATTERNS_REMEMBERED = 20_000

# Unit words after a number: `5.2 KB` and `310 bytes` are the same statement.
_UNIT = re.compile(
    r"<n>(?: ?(?:bytes?|[kKMGT]i?B|B|[mµun]s|ms|min|mins|minutes?|secs?|seconds?|hours?|days?|h|s))\b"
    r"(?: \(<n> ?[kKMGT]?i?B\))?"
)
_REPEATED = re.compile(r"<([a-z]+|\*)>[,;]? ?[\w-]*<\1>")
"""What every list has; cheaper to look for than the list."""
_LIST = re.compile(r"((?:[\w-]*)(?:<[a-z]+>|<\*>))(?:[,;]? ?\1(?![\w.]))+")
_LEADER = re.compile(r"\.{3,}")
_QUOTED = re.compile(r'="[^"]*"')
_TIME = re.compile(r"<time> <time>|\b(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} <n> <time>(?: <n>\b)?")
_PSEUDONYM = re.compile(r"(<[a-z]{1,16}(?:-[a-z]{1,16}){0,3}):[0a-f]{8}>")
"""A placeholder of the redaction that tells which value it stands for; the statement is the same for all."""
ZEROS = bytes.maketrans(b"123456789", b"000000000")

Pattern = tuple[str, str]

_lines: Recall[bytes, Pattern] = Recall(LINES_REMEMBERED)
_tokens: Recall[str, str] = Recall(TOKENS_REMEMBERED)
_patterns: Recall[str, Pattern] = Recall(PATTERNS_REMEMBERED)


def pattern_of(line: str) -> Pattern:
    """Give the pattern id and the template of a line.

    Only the class of a digit is looked at, never its value, so lines that differ in digits alone
    always share a pattern; that is also why what was found once can be remembered.

    >>> pattern_of("order 4711 took 12.5 ms")[1]
    'order <n> took <n> ms'
    """
    return pattern_of_key(key_of(line))


def key_of(line: str) -> bytes:
    """Give all of a line that its pattern depends on: its bytes, every digit a 0."""
    return line.encode("utf-8", "surrogatepass").translate(ZEROS)


def keys_of(lines: Sequence[str]) -> list[bytes]:
    """Give the keys of lines, in their order; together they cost half of what they cost one by one."""
    keys = "\n".join(lines).encode("utf-8", "surrogatepass").translate(ZEROS).split(b"\n")
    return keys if len(keys) == len(lines) else [key_of(line) for line in lines]


def pattern_of_key(key: bytes) -> Pattern:
    """Give the pattern of the lines that have this key."""
    found = _lines.get(key)
    if found is None:
        template = template_of_key(key)
        found = _patterns.get(template)
        if found is None:
            found = (content_id("pattern", template), template)
            _patterns.offer(template, found)
        if len(key) <= LINE_LIMIT:
            _lines.offer(key, found)
    return found


def template_of_key(key: bytes) -> str:
    """Give the template of the lines that have this key; only their words are remembered."""
    text = key.decode("utf-8", "surrogatepass")[:LINE_LIMIT]
    if "<" in text:
        text = _PSEUDONYM.sub(r"\1>", text)
    if "..." in text:
        text = _LEADER.sub(" ... ", text)
    if '="' in text:
        text = _QUOTED.sub('="_"', text)
    young = _tokens.young
    template = " ".join(
        [young.get(token) or (token if token.isalpha() else _masked(token)) for token in text.split()]
    )
    if "<" in template:
        if "<time> <time>" in template or "<n> <time>" in template:
            template = _TIME.sub("<time>", template)
        if " (<n>" in template:
            template = _UNIT.sub(_with_unit, template)
        if _REPEATED.search(template):
            template = _LIST.sub(r"\1…", template)
    return template if len(template) <= TEMPLATE_LIMIT else template[: TEMPLATE_LIMIT - 1] + "…"


def forget() -> None:
    """Forget what was worked out, as a new process would; no result depends on it."""
    for memory in (_lines, _tokens, _patterns):
        memory.clear()


def _with_unit(found: re.Match[str]) -> str:
    return found[0].split(" (")[0]


def _masked(token: str) -> str:
    masked = _tokens.get(token)
    if masked is None:
        masked = mask(token)
        _tokens.offer(token, masked)
    return masked
