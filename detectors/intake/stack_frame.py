"""Is a line a frame of a stack trace? The exact forms in which runtimes print one.

Sources: Java's `Throwable.printStackTrace`, V8's stack trace API, .NET's `Exception.ToString`, Python's
`traceback` module, Go's `runtime.Stack`. Text that is only indented or begins with "at" has no such form.
"""

import re
from collections.abc import Iterator

FRAME_LIMIT = 1_024
"""Characters of a line that may be a frame."""

_AT = re.compile(
    r"\s+at (?:"
    r"(?P<java>[\w.$/@<>+~-]+\.[\w$<>]+)"
    r"\((?:[\w$.+-]+\.\w+(?::\d+)?|Native Method|Unknown Source|<generated>)\)"
    r"(?: ~?\[[^\]]*\])?"
    r"|(?:async )?(?:new )?(?P<node>[^\s()][^()]*?)(?: \[as [^\[\]]+\])?"
    r" \((?:.*:\d+(?::\d+)?|native|<anonymous>|index \d+)\)(?: \{)?"
    r"|(?:async )?(?P<place>(?:node:|file:|/|[A-Za-z]:\\|\.{1,2}/)\S*?):\d+:\d+(?: \{)?"
    r"|(?P<net>[\w<>`+|,\[\]-]+(?:\.+[\w<>`+|,\[\]-]+)+)\((?:[^()]*|[^()]*\([^()]*\)[^()]*)\)"
    r"(?: in .+:line \d+| \[0x[0-9a-f]+\].*+)?"
    r")\s*$"
)
_PYTHON = re.compile(r'[\s|+-]*File "([^"]+)", line \d+, in (\S+)')
_GO_PACKAGE = re.compile(r"[\w./*()@~{}%-]*+")
_GO_FUNCTION = re.compile(r"[\w.*()\[\]-]*+")
_GO_GOROUTINE = re.compile(r" in goroutine \d+$")
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
    if "." not in line or len(line) > FRAME_LIMIT:
        return None
    return next(filter(_is_go_name, _go_names(line.removeprefix("created by "))), None)


def _go_names(text: str) -> Iterator[str]:
    """Give what may be the name in a frame, the shortest first: before its arguments, or the whole."""
    if text.endswith("})") and "({" in text:
        # Arguments in braces may have brackets of their own.
        yield text.partition("({")[0]
    if text.endswith(")"):
        name, opening, arguments = text[:-1].rpartition("(")
        if opening and ")" not in arguments:
            yield name
    yield _GO_GOROUTINE.sub("", text)


def _is_go_name(text: str) -> bool:
    """Tell whether there is a dot between a package and a function, each of its own characters."""
    package = _GO_PACKAGE.match(text)
    function = _GO_FUNCTION.match(text[::-1])
    ends, begins = (len(each[0]) if each else 0 for each in (package, function))
    return text.rfind(".", max(1, len(text) - begins - 1), min(ends, len(text) - 1)) >= 0


def is_go_place(line: str) -> bool:
    """Tell whether a line is the place of the frame before it in a trace of Go."""
    return line[:1] == "\t" and bool(_GO_PLACE.match(line))
