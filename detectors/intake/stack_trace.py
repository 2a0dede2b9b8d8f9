"""Which fault does a stack trace show? Its root cause and where in the program's own code it arose.

The innermost cause counts: wrappers are added on the way out, and by each caller another.
"""

import re

OWN_FRAMES = 3
"""Topmost frames of the program's own code that tell a fault from another."""

MOST_LINES = 512
"""Lines of a trace that are read."""

_TYPE = r"((?:[A-Za-z_]\w*[.$])*[A-Z]\w*)"
_HEADER = re.compile(rf"(?:.*?\s)??{_TYPE}(?::\s|:?$)")
_CAUSE = re.compile(rf"(?:Caused by: |\s*---> |\s*\[cause\]: ){_TYPE}")
_AT = re.compile(r"\s+at (?:async )?(?:new )?([^\s(]+)[^(]*\(")
_FILE = re.compile(r'[\s|]*File "([^"]+)", line \d+, in (\S+)')
_PYTHON_ERROR = re.compile(r"[\s|]*((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?::\s|$)")
_GO_CALL = re.compile(r"([\w./*()-]+\.[\w.*()]+)\([^()]*\)$")
_GO_FAULT = re.compile(r"panic: (runtime error)?")
_PACKAGES = re.compile(
    r"(?:java|javax|jdk|sun|jakarta|kotlin|scala|System|Microsoft|runtime|net/http|reflect)[./]"
    r"|com\.sun\.|org\.(?:springframework|apache|hibernate|eclipse)\.|io\.netty\.|panic\("
)
_FOREIGN_PATHS = re.compile(r"site-packages|dist-packages|/lib/python\d|node_modules|node:|<frozen|internal/")
_COUNTERS = re.compile(r"0x[0-9a-f]+|\$\$\w+|\$Proxy\d+|(?:lambda)?\$\d+|/\d\w*|\d+")


def identity_of(body: str) -> str | None:
    """Tell the fault that a body shows: exception type and top own frames; None where it is no trace.

    Messages, line numbers, addresses and counters of lambdas and proxies have no part in it.
    """
    if "\n" not in body:
        return None
    lines = body.split("\n", MOST_LINES)[:MOST_LINES]
    if "Traceback (most recent call last):" in body:
        return _python(lines)
    if "\ngoroutine " in body and "panic: " in body:
        return _go(lines)
    return _at_lines(lines)


def _at_lines(lines: list[str]) -> str | None:
    """Read Java and JavaScript, where causes come last, and .NET, where their frames come first."""
    kind: str | None = None
    before = ""
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("\t\t"):  # frames of what was suppressed
            continue
        if found := _CAUSE.match(line):
            kind = found[1]
            sections.append([])
        elif found := _AT.match(line):
            if kind is None:
                header = _HEADER.match(before)
                kind = header[1] if header else None
            if not _FOREIGN_PATHS.search(line) and not _PACKAGES.match(found[1]):
                sections[-1].append(found[1])
        elif line.lstrip().startswith("--- End of inner"):
            break
        else:
            before = line
    if kind is None:
        return None
    return _told(kind, next((each for each in reversed(sections) if each), []))


def _python(lines: list[str]) -> str | None:
    """Read the first block: Python prints the root cause first."""
    frames: list[str] = []
    seen = False
    for line in lines:
        if found := _FILE.match(line):
            seen = True
            if not _FOREIGN_PATHS.search(found[1]):
                frames.append(f"{found[1].rsplit('/', 1)[-1]}:{found[2]}")
        elif seen and not line.lstrip(" |").startswith("^") and not line.lstrip("| ").startswith("~"):
            error = _PYTHON_ERROR.match(line)
            if error and not line.startswith("    "):
                return _told(error[1], frames[::-1])
    return None


def _go(lines: list[str]) -> str:
    """Read the goroutine that panicked, the first."""
    kind = "panic"
    frames: list[str] = []
    dumps = 0
    for line in lines:
        if found := _GO_FAULT.match(line):
            kind = found[1] or kind
        dumps += line.startswith("goroutine ")
        if dumps > 1:
            break
        if (call := _GO_CALL.match(line)) and not _PACKAGES.match(line):
            frames.append(call[1])
    return _told(kind, frames)


def _told(kind: str, frames: list[str]) -> str:
    return " < ".join([kind, *(_COUNTERS.sub("", each) for each in frames[:OWN_FRAMES])])
