"""What kind of thing is one word of a log line: a number, an address, a path, or a word to keep?

Every digit of what is asked here is a 0: only its class counts, never its value.
"""

import re

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
_KIND = re.compile("|".join(f"(?P<k{index}>{kind.pattern})" for index, (kind, _) in enumerate(_KINDS)))
_PLACEHOLDERS = {f"k{index}": placeholder for index, (_, placeholder) in enumerate(_KINDS)}


def mask(token: str) -> str:
    """Give the token with what varies in it replaced by what it is.

    >>> mask("uid=0"), mask("/var/log/syslog"), mask("refused,"), mask("node00")
    ('uid=<*>', '<path>', 'refused,', 'node<n>')
    """
    if token.isalpha():
        return token
    start, end = 0, len(token)
    while start < end and token[start] in _LEAD:
        start += 1
    while end > start and token[end - 1] in _TRAIL:
        end -= 1
    if start == end:
        return token
    lead, core, trail = token[:start], token[start:end], token[end:]
    if lead and trail and lead[-1] in _QUOTES and lead[-1] == trail[0]:
        return f"{lead}<quoted>{trail}"
    return lead + _core(core) + trail


def _core(core: str) -> str:
    if core.isalpha():
        return core
    # The commonest kinds, told by their letters; the expressions would find the same.
    if not core.strip(_HEX):
        if not core.strip("0"):
            return "<n>"
        if len(core) >= 6 and "0" in core and core.strip("0eE"):
            return "<hex>"
    elif core[:2] == "0x" and not core[2:].strip(_HEX) and core[2:].strip("0"):
        return "<hex>"
    return _shaped(core)


def _shaped(core: str) -> str:
    if not _TELLING.search(core):
        assigned = _ASSIGNED.fullmatch(core) if "=" in core else None
        return _assignments(assigned) if assigned else _compound(core)
    if kind := _KIND.fullmatch(core):
        return _PLACEHOLDERS[kind.lastgroup or ""]
    if assigned := _ASSIGNED.fullmatch(core):
        return _assignments(assigned)
    if _FILE.fullmatch(core):
        return "<file>"
    if size := _SIZE.fullmatch(core):
        return f"<n>{size[2]}{size[3] or ''}"
    if _DOTTED.fullmatch(core):
        return core if core.endswith(_THROWN) else "<name>"
    named = _NAMED.fullmatch(core)
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
