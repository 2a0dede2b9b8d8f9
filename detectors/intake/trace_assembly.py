"""Which lines that follow each other in one stream are one stack trace?

Most shippers send a trace line by line. One assembly belongs to one stream: the lines of one file, or of
one service on one partition, in their order.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from detectors.intake.severity_word import severity_in
from detectors.intake.stack_frame import at_frame, go_frame, is_go_place, python_frame
from detectors.intake.stack_trace import MOST_LINES, fault_in, identity_of, may_be_fault

MOST_PENDING = 8
"""Lines that are held though nothing shows yet that they belong to a trace: a message in several lines."""

_PYTHON_HEAD = "Traceback (most recent call last):"
_PYTHON_HEAD_END = _PYTHON_HEAD.rpartition(" ")[2]
_GO_HEAD = re.compile(r"panic: |fatal error: |.{0,80}\bpanic serving \S+: ")
_GO_DUMP = re.compile(r"goroutine \d+ (?:gp=\S+ m=\S+ .*)?\[")
_CAUSE = re.compile(
    r"\s*(?:Caused by: |Suppressed: |---> |--- End of |\[cause\]: |\[errors\]: \[|\.\.\. \d+ (?:more|common))"
)
_ERROR = re.compile(r"((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?::\s|$)")
_KEY_HEAD = "<private-key>"
_KEY_HEADER = re.compile(r"(?:Proc-Type|DEK-Info|Comment|Version|Charset|Hash): .*")
_KEY_LINE = re.compile(r"[A-Za-z0-9+/]{60,80}")
_KEY_END = re.compile(r"[A-Za-z0-9+/]{1,80}={0,2}|=[A-Za-z0-9+/]{4}")
_SHORT_LINES = 2
"""The last line of a key is shorter, and OpenPGP has a checksum behind it (RFC 7468, RFC 9580)."""
_CHAIN = ("The above exception was the direct cause", "During handling of the above exception")


class Assembled(NamedTuple):
    """Lines that belong together: a trace, a private key, or one ordinary line."""

    lines: list[str]
    identity: str | None
    """The fault, as `identity_of` tells it; None: no trace, and only the first line may be shown."""
    continues: bool = False
    """More of the trace that was given last, which was longer than `MOST_LINES`."""


class TraceAssembly:
    """Takes the lines of one stream and gives each back once, in order, those of a trace together.

    A line is held back only while it may belong to a trace: it looks like the head of one ("Traceback …",
    "panic: …", a name that ends as exceptions do), or it follows such a head in the exact form of that
    language. At most `MOST_LINES` lines are held. Ordinary lines that only look alike come back one by one.
    A private key is split by shippers as well: where the redaction has cut one off at the end of a line, what
    follows in the form of a key belongs to it.

    `TraceJoining` keeps one for each service of a partition that is read in chunks.
    """

    def __init__(self) -> None:
        """Start with no line held."""
        self._reset()

    def _reset(self) -> None:
        self._lines: list[str] = []
        self._belongs: _Judge | None = None
        """Tells whether a line belongs to the trace that is open, by its language; None: perhaps."""
        self._frames = 0
        self._pending = 0
        """How many of the last lines held may turn out not to belong."""
        self._in_message = False
        self._in_braces = False
        self._ended = False
        self._chained = False
        self._grouped = False
        self._short = 0
        self._before: str | None = None
        """The identity of what was given already of this trace."""

    @property
    def held(self) -> int:
        """Lines that were fed and not given back yet."""
        return len(self._lines)

    @property
    def is_open(self) -> bool:
        """Whether the next line may belong to what was fed; a long trace may be open with no line held."""
        return self._belongs is not None

    @staticmethod
    def opens(line: str) -> bool:
        """Tell whether a line looks like the head of a trace; digits count by their class alone."""
        return _judge_of(line) is not None

    @staticmethod
    def may_open_with(word: str) -> bool:
        """Tell whether a line of several words may be the head of a trace because it has this one."""
        return "panic" in word or "fatal" in word or word == _PYTHON_HEAD_END or may_be_fault(word)

    def feed(self, line: str) -> list[Assembled]:
        """Take a line; give what is complete now, none or several."""
        if self._belongs is None:
            return self._open(line)
        belongs = self._belongs(self, line)
        if belongs is None and self._pending < MOST_PENDING:
            self._lines.append(line)
            self._pending += 1
            return []
        if not belongs:
            return self.close() + self._open(line)
        self._lines.append(line)
        self._pending = 0
        if len(self._lines) < MOST_LINES:
            return []
        if not self._frames:
            return self.close()
        identity = self._before or identity_of("\n".join(self._lines))
        given = Assembled(self._lines, identity, self._before is not None)
        self._lines, self._before = [], identity
        return [given]

    def close(self) -> list[Assembled]:
        """Give what is held, because nothing follows it, and hold nothing."""
        if self._belongs is TraceAssembly._key:
            key = self._lines
            self._reset()
            return [Assembled(key, None)]
        end = len(self._lines) - self._pending
        trace, others = self._lines[:end], self._lines[end:]
        identity = self._before or (identity_of("\n".join(trace)) if self._frames else None)
        given = [Assembled(trace, identity, self._before is not None)] if identity and trace else []
        alone = others if identity else self._lines
        self._reset()
        return given + [Assembled([each], None) for each in alone]

    def _open(self, line: str) -> list[Assembled]:
        self._belongs = _judge_of(line)
        if self._belongs is None:
            return [Assembled([line], None)]
        self._grouped = "Exception Group" in line
        self._in_message = True
        self._lines.append(line)
        return []

    def _at(self, line: str) -> bool | None:
        """Judge a line after the head of a trace of Java, JavaScript or .NET."""
        if self._in_braces:  # the fields of a JavaScript error, behind its last frame
            self._in_braces = not line.rstrip().endswith("}") or line[:1] == " "
            return line[:1] in " }" and bool(line)
        if at_frame(line):
            self._frames += 1
            self._in_message = False
            self._in_braces = line.rstrip().endswith("{")
            return True
        if _CAUSE.match(line):
            self._in_message = True
            return True if self._frames else None
        if self._in_message and not _starts_a_record(line):
            return None
        return False

    def _python(self, line: str) -> bool | None:
        if python_frame(line):
            self._frames += 1
            return not self._ended
        if self._ended:
            if not line.strip():
                return None
            if line.startswith(_CHAIN):
                self._chained = True
                return True
            if self._chained and line.rstrip().endswith(_PYTHON_HEAD):
                self._ended = self._chained = False
                return True
            return False
        if line.startswith("  ") or (self._grouped and line[:1] in "|+"):
            return self._frames > 0 or self._grouped
        error = _ERROR.match(line)
        if error is None or not self._frames or self._grouped or error[1].isupper():
            return False
        self._ended = True
        return True

    def _key(self, line: str) -> bool | None:
        """Judge a line behind the beginning of a private key."""
        text = line.strip()
        if self._ended:
            return False
        if text.startswith("-----END "):
            self._ended = True
            return True
        if _KEY_LINE.fullmatch(text) and not self._short:
            self._frames += 1
            return True
        if self._frames and self._short < _SHORT_LINES and _KEY_END.fullmatch(text):
            self._short += 1
            return True
        return not self._frames and (not text or _KEY_HEADER.match(text) is not None)

    def _go(self, line: str) -> bool | None:
        if self._ended or (self._frames and line.startswith("panic: ")):
            return False
        if _GO_DUMP.match(line):
            self._frames += 1
            return True
        if line.startswith(("[signal ", "\tpanic: ", "panic: ", "...additional frames")):
            return True
        if not line:
            return None
        if not self._frames:
            return False
        if line.startswith("exit status "):
            self._ended = True
            return True
        if is_go_place(line):
            return True
        return None if go_frame(line) or line.startswith("panic(") else False


_Judge = Callable[[TraceAssembly, str], bool | None]


def _judge_of(line: str) -> _Judge | None:
    """Give who judges the lines behind this one, by its language; None: it is no head of a trace."""
    text = line.rstrip()
    if text.endswith(_PYTHON_HEAD):
        return TraceAssembly._python
    if text.endswith(_KEY_HEAD):
        return TraceAssembly._key
    if ("panic" in line[:160] and _GO_HEAD.match(line)) or line.startswith("fatal error: "):
        return TraceAssembly._go
    return TraceAssembly._at if fault_in(line) else None


def _starts_a_record(line: str) -> bool:
    if line.startswith("panic: ") or line.rstrip().endswith(_PYTHON_HEAD):
        return True
    return line[:1] in set("[{<0123456789") or fault_in(line) is not None or severity_in(line) is not None
