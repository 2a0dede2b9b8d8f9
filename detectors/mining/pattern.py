"""Which pattern does a log line have? A pure function of the line, the same on every worker."""

import re

from models.record import content_id

TEMPLATE_LIMIT = 400
"""Longest template (characters); what comes later in a line seldom tells lines apart."""

_CACHE_SIZE = 50_000
"""Lines remembered, digits aside: at some 600 bytes each about 30 MB."""

_DIGITS = str.maketrans("123456789", "000000000")
_SPACES = re.compile(r"\s+")
_MASKS = (
    (re.compile(r"\b[0a-fA-F]{8}(?:-[0a-fA-F]{4}){3}-[0a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"\b0{4}-00-00[T ]00:00:00(?:[.,]0+)?(?:Z|[+-]00:?00)?"), "<time>"),
    (re.compile(r"\b0{1,3}(?:\.0{1,3}){3}(?::0{1,5})?\b"), "<ip>"),
    # Groups of at least four hexadecimal digits joined by hyphens, a decimal one among them: a key or id.
    (re.compile(r"\b(?=[a-fA-F-]*0)(?:[0a-fA-F]{4,}-)+[0a-fA-F]{4,}\b"), "<hex>"),
    (re.compile(r"\b(?=[a-fA-F]*0)(?=0*[a-fA-F])(?:0x)?[0a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"\b0x[0a-fA-F]+\b"), "<hex>"),
    (re.compile(r"(?<![A-Za-z0])[+-]?0+(?:[.,:]0+)*(?:e[+-]?0+)?"), "<n>"),
    (re.compile(r"0+"), "<n>"),
    (re.compile(r"(?:<n>[,;: ]{1,2}){2,}<n>"), "<n>…"),
)

_remembered: dict[str, tuple[str, str]] = {}


def pattern_of(line: str) -> tuple[str, str]:
    """Give the pattern id and the template of a line.

    Only the class of a digit is looked at, never its value, so lines that differ in digits alone
    always share a pattern; that is also why what was found once can be remembered.

    >>> pattern_of("order 4711 took 12.5 ms")[1]
    'order <n> took <n> ms'
    """
    key = line.translate(_DIGITS)
    found = _remembered.get(key)
    if found is None:
        if len(_remembered) >= _CACHE_SIZE:
            _remembered.clear()
        template = _template(key)
        found = _remembered[key] = (content_id("pattern", template), template)
    return found


def _template(text: str) -> str:
    text = _SPACES.sub(" ", text).strip()
    for mask, placeholder in _MASKS:
        text = mask.sub(placeholder, text)
    return text if len(text) <= TEMPLATE_LIMIT else text[: TEMPLATE_LIMIT - 1] + "…"
