"""What kind of thing is one word of a log line: a number, an address, a path, or a word to keep?

Every digit of what is asked here is a 0: only its class counts, never its value.
"""

import re
from collections.abc import Container

_LEAD = "([{<\"'`"
_TRAIL = ")]}>\"'`,;:.!?"
_QUOTES = "\"'`"
_HEX = "0abcdefABCDEF"

_KINDS = (
    (re.compile(r"[a-zA-Z][a-zA-Z0+.-]*://\S+"), "<url>"),
    (re.compile(r"[0a-fA-F]{8}(?:-[0a-fA-F]{4}){3}-[0a-fA-F]{12}"), "<uuid>"),
    (re.compile(r"0{4}[-/]00[-/]00(?:[T_]00:00(?::00)?(?:[.,]0+)?(?:Z|[+-]00:?00)?)?"), "<time>"),
    (re.compile(r"0{1,2}:00(?::00)?(?:[.,]0+)?(?:Z|[+-]00:?00)?"), "<time>"),
    (re.compile(r"(?:[\w.-]*/)?0{1,3}(?:\.0{1,3}){3}(?:[:/#]0+)?"), "<ip>"),
    (re.compile(r"(?:[0a-fA-F]{2}[:-]){5}[0a-fA-F]{2}"), "<mac>"),
    (re.compile(r"(?=[^\s]*[0:]:)[0a-fA-F]{0,4}(?::[0a-fA-F]{0,4}){2,7}"), "<ip>"),
    (re.compile(r"[+-]?0+(?:[.,]0+)*(?:[eE][+-]?0+)?%?"), "<n>"),
    (re.compile(r"[+-]?0+(?:[.:,/x-]0+)+"), "<n>"),
    (re.compile(r"[+-]?0x[0a-fA-F]+(?:-0x[0a-fA-F]+)?"), "<hex>"),
    (re.compile(r"(?=[a-fA-F]*0)(?=0*[a-fA-F])[0a-fA-F]{6,}"), "<hex>"),
    (re.compile(r"(?=[a-fA-F-]*0)(?:[0a-fA-F]{4,}-)+[0a-fA-F]{4,}"), "<hex>"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<email>"),
    (re.compile(r"[\w.$]+@[0a-fA-F]+"), "<object>"),
    (re.compile(r"[a-zA-Z]:\\\S+|\\\\\S+|(?:~|\.{1,2})?/[\w$.~%+@-][^\s,;()\[\]{}=]*"), "<path>"),
    (re.compile(r"[\w.-]+(?:\\[\w.-]+)+"), "<path>"),
    (re.compile(r"[\w$.-]+(?:/[\w$.+-]+){3,}|[\w-]+(?:/[\w.-]+)+\.[a-zA-Z]{2,5}"), "<path>"),
    (re.compile(r"[\w$]+(?:\.[\w$]+)+/[\w.$]+"), "<name>"),
    (re.compile(r"[a-zA-Z0][\w-]*(?:\.[\w-]+)+:0+"), "<host>"),
)
_TELLING = re.compile(r"[0/\\@:.-]")
"""Every kind above has one of these, and so has a size, a file and a named value."""
_SIZE = re.compile(r"[+-]?(0+(?:[.,]0+)?)([a-zA-Zµ]{1,3}|bytes|sec|secs|seconds|times?)(/s)?")
_DOTTED = re.compile(r"[a-zA-Z_][\w$-]*(?:\.[\w$-]+){2,}")
_FILE = re.compile(
    r"[\w.-]+\.(?:exe|dll|so|sys|log|txt|conf|cfg|xml|json|ya?ml|db|tmp|gz|zip|jar|py|sh|cc?|cpp|h|java|pid|sock)"
)
_ASSIGNED = re.compile(r"([A-Za-z_][\w.-]*(?:\[\w*\])?)=(.*)", re.DOTALL)
_NAMED = re.compile(r"([A-Za-z_]\w*):([^:/\s].*)", re.DOTALL)
_PARTS = re.compile(r"([,;|&(){}\[\]<>\"'#]+|::|->|=>|:(?=\D)|=)")
_COMPOUND = re.compile(r"[(,=]")
_DIGITS = re.compile(r"0+")
_MIXED = re.compile(r"[a-zA-Z]*0+[a-zA-Z]+0|[a-fA-F]0+[a-fA-F]|0+[a-zA-Z]{1,2}0")
_THROWN = ("Exception", "Error", "Throwable", "Fault")


# One alternation costs one match where eighteen expressions in turn cost eighteen.
def _any_of(placeholders: Container[str]) -> re.Pattern[str]:
    return re.compile(
        "|".join(
            f"(?P<k{index}>{kind.pattern})"
            for index, (kind, each) in enumerate(_KINDS)
            if each in placeholders
        )
    )


_PLACEHOLDERS = {f"k{index}": placeholder for index, (_, placeholder) in enumerate(_KINDS)}
_SEPARATED = {"<url>", "<email>", "<object>", "<path>", "<name>"}
"""Kinds that have a slash, a backslash or an at sign."""
_KIND = _any_of(set(_PLACEHOLDERS.values()))
_KIND_WITHOUT_SEPARATOR = _any_of(set(_PLACEHOLDERS.values()) - _SEPARATED)


def mask(token: str) -> str:
    """Give the token with what varies in it replaced by what it is.

    >>> mask("uid=0"), mask("/var/log/syslog"), mask("refused,"), mask("node00")
    ('uid=<*>', '<path>', 'refused,', 'node<n>')
    """
    if token.isalpha():
        return token
    if kind := _hexadecimal(token):
        return kind
    led = token.lstrip(_LEAD)
    core = led.rstrip(_TRAIL)
    if core == token:
        return _shaped(token)
    if not core:
        return token
    lead, trail = token[: len(token) - len(led)], led[len(core) :]
    if lead and trail and lead[-1] in _QUOTES and lead[-1] == trail[0]:
        return f"{lead}<quoted>{trail}"
    return lead + (core if core.isalpha() else _hexadecimal(core) or _shaped(core)) + trail


def _hexadecimal(core: str) -> str:
    """Tell the commonest kinds by their letters; the expressions would find the same. Empty: none of them."""
    if not core.strip(_HEX):
        if not core.strip("0"):
            return "<n>"
        if len(core) >= 6 and "0" in core and core.strip("0eE"):
            return "<hex>"
    elif core[:2] == "0x" and not core[2:].strip(_HEX) and core[2:].strip("0"):
        return "<hex>"
    return ""


def _shaped(core: str) -> str:
    # What a kind must have is looked for before its expression is asked: most words have little of it.
    assigned = _ASSIGNED.fullmatch(core) if "=" in core else None
    if not _TELLING.search(core):
        return _assignments(assigned) if assigned else _compound(core)
    is_separated = "/" in core or "@" in core or "\\" in core
    if kind := (_KIND if is_separated else _KIND_WITHOUT_SEPARATOR).fullmatch(core):
        return _PLACEHOLDERS[kind.lastgroup or ""]
    if assigned:
        return _assignments(assigned)
    has_dot = "." in core
    if has_dot and _FILE.fullmatch(core):
        return "<file>"
    if core[0] in "+-0" and (size := _SIZE.fullmatch(core)):
        return f"<n>{size[2]}{size[3] or ''}"
    if has_dot and _DOTTED.fullmatch(core):
        return core if core.endswith(_THROWN) else "<name>"
    named = _NAMED.fullmatch(core) if ":" in core else None
    if named and not named[1].endswith(("rror", "arning", *_THROWN)) and not _COMPOUND.search(named[2]):
        return f"{named[1]}:<*>"
    return _compound(core)


def _compound(core: str) -> str:
    parts = _PARTS.split(core)
    if len(parts) > 1:
        return "".join(
            part if index % 2 or not part else "<*>" if index and parts[index - 1] == "=" else mask(part)
            for index, part in enumerate(parts)
        )
    if "0" not in core:
        return core
    return "<id>" if _MIXED.search(core) else _DIGITS.sub("<n>", core)


def _assignments(assigned: re.Match[str]) -> str:
    key, value = assigned.groups()
    if not value:
        return f"{key}="
    if "," in value or ";" in value or "&" in value:
        first, *rest = re.split(r"([,;&])(?=[A-Za-z_][\w.-]*=)", value)
        if rest:
            tail = "".join(part if index % 2 == 0 else mask(part) for index, part in enumerate(rest))
            return f"{key}=<*>{tail}" if first else f"{key}={tail}"
    opening = re.match(r"([A-Za-z.]*[\[({<\"']+)", value)
    if opening and opening[1][-1] not in _QUOTES and value[-1] not in _TRAIL:
        return f"{key}={opening[1]}<*>"
    return f"{key}=<*>"
