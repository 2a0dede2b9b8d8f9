"""Which fault does a stack trace show? Its root cause and where in the program's own code it arose.

The innermost cause counts: wrappers are added on the way out, and by each caller another.
"""

import re
from hashlib import blake2b

from detectors.intake.stack_frame import at_frame, go_frame, is_go_place, python_frame

OWN_FRAMES = 3
"""Topmost frames of the program's own code that tell a fault from another."""

MOST_LINES = 512
"""Lines of a trace that are read."""

IDENTITY_LIMIT = 200
"""Characters of an identity: a longer one ends in a hash of the rest."""

HEAD_LIMIT = 1_000
"""Characters of a line in which the type of an exception is looked for."""

_NAME = r"(?:[A-Za-z_]\w*[.$])*[A-Z]\w*"
_FAULTS = ("Exception", "Error", "Throwable", "Failure", "Fault", "Exit", "Interrupt", "Abort")
_FAULT = f"(?:{'|'.join(_FAULTS)})"
_DOTTED_NAME = re.compile(r"(?:^|[\s:\[\]\"'(=])((?:[A-Za-z_]\w*+[.$])*+([A-Za-z]\w*+))(?=:\s|:?$|\s[\[(])")
_TYPE = re.compile(rf"(?:[A-Z]\w*?)?{_FAULT}")
_HEADER = re.compile(rf"(?:.*?\s)??({_NAME})(?::\s|:?$)")
_DOTTED_HEADER = re.compile(r"((?:[A-Za-z_]\w*[.$])+[A-Z]\w*)(?::\s|:?$)")
_CAUSE = re.compile(rf"(?:Caused by: |\s*---> |\s*\[cause\]: )(?:\(Inner Exception #\d+\) )?({_NAME})")
_PYTHON_ERROR = re.compile(r"[\s|]*((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?::\s|$)")
_GO_FAULT = re.compile(
    r"(?:.*\bpanic(?: serving \S+)?: (?:(runtime error): ([a-z ]+))?)|(fatal error): ([\w -]+)"
)
_PACKAGES = re.compile(
    r"(?:[\w.@-]*/{1,2})?(?:(?:javax?|jdk|sun|jakarta|kotlinx?|scala|groovy|akka|reactor|rx|okhttp3|feign|System"
    r"|Microsoft|lambda_method)[./]"
    r"|com\.(?:sun|zaxxer|mysql|fasterxml)\.|com\.google\.(?:common|inject)\.|redis\.clients\.|ch\.qos\."
    r"|org\.(?:springframework|apache|hibernate|eclipse|jboss|postgresql|junit|mybatis|glassfish|slf4j)\."
    r"|io\.(?:netty|grpc|vertx|micrometer|micronaut|quarkus|lettuce|undertow|projectreactor)\.)"
)
_FOREIGN_PATHS = re.compile(
    r"site-packages|dist-packages|/lib/python\d|node_modules|\bnode:|<frozen|\(internal/"
    r"|\((?:<anonymous>|native|index \d+|<generated>)\)"
)
_GO_FOREIGN = re.compile(r"/pkg/mod/|/vendor/|/go(?:root)?/src/[^./]+/|/libexec/src/|^\t(?:runtime|net)/")
_GO_STANDARD = re.compile(r"(?:runtime|net/http|reflect|testing|sync|internal/\w+)\.")
_COUNTERS = re.compile(r"0x[0-9a-f]+|\$\$\w+|\$Proxy\d+|(?:lambda)?\$\d+|/\d\w*|\d+")
_MARKS = re.compile(r"[<>(){}\[\]*`]+")


def identity_of(body: str) -> str | None:
    """Tell the fault that a body shows: exception type and top own frames; None where it is no trace.

    Messages, line numbers, addresses and counters of lambdas and proxies have no part in it. It is one
    word, so that clustering, which compares words, never takes a part of it for a value.
    """
    if "\n" not in body:
        return None
    lines = body.split("\n", MOST_LINES)[:MOST_LINES]
    if "Traceback (most recent call last):" in body:
        return _python(lines)
    if "\ngoroutine " in body and ("panic" in body or "fatal error: " in body):
        return _go(lines)
    return _at_lines(lines)


def fault_in(line: str) -> str | None:
    """Give the exception type that the first line of a trace of Java, JavaScript or .NET names.

    That is a name that ends as names of exceptions do, wherever it stands, or a dotted one at the start.
    """
    head = line[:HEAD_LIMIT]
    if any(map(head.__contains__, _FAULTS)):
        for name in _DOTTED_NAME.finditer(head):
            if _TYPE.match(name[2]):
                return name[1]
    found = _DOTTED_HEADER.match(head)
    return found[1] if found else None


def may_be_fault(word: str) -> bool:
    """Tell whether `fault_in` may find something in a line of several words because of this one."""
    named = any(map(word.__contains__, _FAULTS)) or (word[-1:] == ":" and ("." in word or "$" in word))
    return named or len(word) >= HEAD_LIMIT


def _at_lines(lines: list[str]) -> str | None:
    """Read Java and JavaScript, where causes come last, and .NET, where their frames come first."""
    kind: str | None = None
    before: list[str] = []
    first: str | None = None
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("\t\t"):  # frames of what was suppressed
            continue
        if found := _CAUSE.match(line):
            kind = found[1]
            sections.append([])
        elif frame := at_frame(line):
            kind = kind or _kind(before)
            first = first or frame
            if not _FOREIGN_PATHS.search(line) and not _PACKAGES.match(frame):
                sections[-1].append(frame)
        elif line.lstrip().startswith("--- End of inner"):
            if sections[-1]:
                break
        elif first is None:
            before.append(line)
    if kind is None or first is None:
        return None
    return _told(kind, next((each for each in reversed(sections) if each), [first]))


def _kind(before: list[str]) -> str | None:
    """Find the type in the lines before the first frame: a message may have several."""
    for line in reversed(before):
        # .NET Framework writes the inner ones behind it, the innermost last.
        if found := fault_in(line.rpartition(" ---> ")[2]):
            return found
    header = _HEADER.match(before[-1]) if before else None
    return header[1] if header else None


def _python(lines: list[str]) -> str | None:
    """Read the first block: Python prints the root cause first."""
    frames: list[str] = []
    first: str | None = None
    for line in lines:
        if found := python_frame(line):
            path, function = found
            frame = f"{path.replace(chr(92), '/').rsplit('/', 1)[-1]}:{function}"
            first = frame
            if not _FOREIGN_PATHS.search(path):
                frames.append(frame)
        elif first and line.lstrip(" |")[:1] not in ("^", "~"):
            error = _PYTHON_ERROR.match(line)
            if error and not line.startswith("    "):
                return _told(error[1], frames[::-1] or [first])
    return None


def _go(lines: list[str]) -> str:
    """Read the goroutine that panicked, the first."""
    kind = "panic"
    frames: list[str] = []
    dumps = 0
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if not dumps and (found := _GO_FAULT.match(line)):
            kind = (
                ":".join((found[1] or found[3], (found[2] or found[4]).strip()))
                if found[2] or found[4]
                else kind
            )
        dumps += line.startswith("goroutine ")
        if dumps > 1 or line.startswith("created by "):
            break
        call = go_frame(line) if is_go_place(after) else None
        if call and not _GO_FOREIGN.search(after) and not _GO_STANDARD.match(call):
            frames.append(call)
    return _told(kind, frames)


def _told(kind: str, frames: list[str]) -> str:
    parts = [kind, *(_COUNTERS.sub("", each) for each in frames[:OWN_FRAMES])]
    text = "←".join("_".join(_MARKS.sub("", each).split()) for each in parts)
    if len(text) <= IDENTITY_LIMIT:
        return text
    return text[: IDENTITY_LIMIT - 17] + "~" + blake2b(text.encode(), digest_size=8).hexdigest()
