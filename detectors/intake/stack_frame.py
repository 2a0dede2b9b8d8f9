"""Is a line a frame of a stack trace? The exact forms in which runtimes print one.

Sources: Java's `Throwable.printStackTrace`, V8's stack trace API, .NET's `Exception.ToString`, Python's
`traceback` module, Go's `runtime.Stack`. Text that is only indented or begins with "at" has no such form.
"""

import re

FRAME_LIMIT = 1_024
"""Characters of a line that may be a frame."""

_AT = re.compile(
    r"\s+at (?:"
    r"(?P<java>[\w.$/@<>+~-]+\.[\w$<>]+)"
    r"\((?:[\w$.+-]+\.\w+(?::\d+)?|Native Method|Unknown Source|<generated>)\)"
    r"(?: ~?\[[^\]]*\])?"
    r"|(?:async )?(?:new )?(?P<node>[^\s()][^()]*?)(?: \[as [^\]]+\])?"
    r" \((?:.*:\d+(?::\d+)?|native|<anonymous>|index \d+)\)(?: \{)?"
    r"|(?:async )?(?P<place>(?:node:|file:|/|[A-Za-z]:\\|\.{1,2}/)\S*?):\d+:\d+(?: \{)?"
    r"|(?P<net>[\w<>`+|,\[\]-]+(?:\.+[\w<>`+|,\[\]-]+)+)\((?:[^()]*|[^()]*\([^()]*\)[^()]*)\)"
    r"(?: in .+:line \d+| \[0x[0-9a-f]+\].*)?"
    r")\s*$"
)
_PYTHON = re.compile(r'[\s|+-]*File "([^"]+)", line \d+, in (\S+)')
_GO = re.compile(
    r"(?:created by )?([\w./*()@~{}%-]+\.[\w.*()\[\]-]+?)(?:\((?:[^()]*|\{.*\})\)| in goroutine \d+|)$"
)
_GO_PLACE = re.compile(r"\t\S.*\.(?:go|s):\d+(?: \+0x[0-9a-f]+)?$")


def at_frame(line: str) -> str | None:
    """Give the function that a frame of Java, JavaScript or .NET names, of a bare place its file."""
    found = _AT.match(line) if len(line) <= FRAME_LIMIT else None
    if found is None:
        return None
    return found["java"] or found["node"] or found["net"] or found["place"].rpartition("/")[2]


def python_frame(line: str) -> tuple[str, str] | None:
    """Give the file and the function of a frame of Python."""
    found = _PYTHON.match(line)
    return (found[1], found[2]) if found else None


def go_frame(line: str) -> str | None:
    """Give the function of a frame of Go; its place is on the next line."""
    found = _GO.match(line) if "." in line and len(line) <= FRAME_LIMIT else None
    return found[1] if found else None


def is_go_place(line: str) -> bool:
    """Tell whether a line is the place of the frame before it in a trace of Go."""
    return line[:1] == "\t" and bool(_GO_PLACE.match(line))
