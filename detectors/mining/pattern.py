"""Which pattern does a log line have? A pure function of the line, the same on every worker."""

import re
from collections.abc import Sequence

from detectors.mining.recall import Memo
from detectors.mining.token import mask
from models.record import content_id

TEMPLATE_LIMIT = 400
"""Longest template (characters); what comes later in a line seldom tells lines apart."""

LINE_LIMIT = 4_000
"""Characters of a line that are looked at: ten templates' worth, so that a megabyte costs no more."""

WORDS_REMEMBERED = 20_000
PATTERNS_REMEMBERED = 20_000
"""Masked lines of a generation: at some 500 bytes each, two generations are about 20 MB."""

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
_ADDRESS = re.compile(rb" 0x0*+[a-fA-F][0a-fA-F]*+(?=[,.:;)\]]*+(?:\s|\Z))")
"""A hexadecimal number that is a word, every digit a 0. `mask` gives the same for all that have a letter."""

_HEXADECIMAL = re.compile(rb" (?=[a-fA-F]*0)(?=[0eE]*[a-dfA-DF])[0a-fA-F]{6,64}(?![^ ])")
"""A word of a key that `mask` takes for a hexadecimal number, behind another word."""

_ANY_HEXADECIMAL = b" \0"

Pattern = tuple[str, str]


def pattern_of(line: str) -> Pattern:
    """Give the pattern id and the template of a line.

    Only the class of a digit is looked at, never its value, so lines that differ in digits alone
    always share a pattern; that is also why what was found once can be remembered.

    >>> pattern_of("order 4711 took 12.5 ms")[1]
    'order <n> took <n> ms'
    """
    return pattern_of_key(key_of(line))


def key_of(line: str) -> bytes:
    """Give all of a line that its pattern depends on: its bytes, every digit a 0, every address the same."""
    key = line.encode("utf-8", "surrogatepass").translate(ZEROS)
    return _ADDRESS.sub(b" 0xa", key) if b" 0x" in key else key


def keys_of(lines: Sequence[str]) -> list[bytes]:
    """Give the keys of lines, in their order; together they cost half of what they cost one by one."""
    joined = "\n".join(lines).encode("utf-8", "surrogatepass").translate(ZEROS)
    keys = (_ADDRESS.sub(b" 0xa", joined) if b" 0x" in joined else joined).split(b"\n")
    return keys if len(keys) == len(lines) else [key_of(line) for line in lines]


def frame_of(key: bytes) -> bytes:
    """Give a key without its hexadecimal words; lines whose frames are equal have the same pattern.

    Ids are new in each line, and so are the keys of lines that name one. The frame of a line that has no
    such word is its key.
    """
    if len(key) > LINE_LIMIT or b"\0" in key:
        return key
    return _HEXADECIMAL.sub(_ANY_HEXADECIMAL, key)


def pattern_of_key(key: bytes) -> Pattern:
    """Give the pattern of the lines that have this key."""
    return _patterns[masked(key)]


def pattern_of_masked(text: str) -> Pattern:
    """Give the pattern of the lines that read so when each word is masked."""
    return _patterns[text]


def is_more_than_words(text: str) -> bool:
    """Tell whether a line is masked in other ways than word by word."""
    return "<" in text or "..." in text or '="' in text or len(text) > LINE_LIMIT


def masked(key: bytes) -> str:
    """Give the lines that have this key with each of their words masked; it decides their template."""
    text = key.decode("utf-8", "surrogatepass")[:LINE_LIMIT]
    if "<" in text:
        text = _PSEUDONYM.sub(r"\1>", text)
    if "..." in text:
        text = _LEADER.sub(" ... ", text)
    if '="' in text:
        text = _QUOTED.sub('="_"', text)
    return " ".join(map(_words.__getitem__, text.split()))


def template_of(text: str) -> str:
    """Give the template of a masked line: units, times of several words and lists are one thing each."""
    if "<" in text:
        if "<time> <time>" in text or "<n> <time>" in text:
            text = _TIME.sub("<time>", text)
        if " (<n>" in text:
            text = _UNIT.sub(_with_unit, text)
        if _REPEATED.search(text):
            text = _LIST.sub(r"\1…", text)
    return text if len(text) <= TEMPLATE_LIMIT else text[: TEMPLATE_LIMIT - 1] + "…"


def forget() -> None:
    """Forget what was worked out, as a new process would; no result depends on it."""
    for memory in (_words, _patterns):
        memory.forget()


def _with_unit(found: re.Match[str]) -> str:
    return found[0].split(" (")[0]


def _pattern_of_masked(text: str) -> Pattern:
    template = template_of(text)
    return content_id("pattern", template), template


_words: Memo[str, str] = Memo(mask, WORDS_REMEMBERED)
_patterns: Memo[str, Pattern] = Memo(_pattern_of_masked, PATTERNS_REMEMBERED)
