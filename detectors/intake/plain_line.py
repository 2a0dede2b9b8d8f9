"""Which lines need no longer look? Nothing in them is unwrapped, redacted or joined, whatever the digits."""

from weakref import WeakKeyDictionary

from detectors.intake.line import stands_alone
from detectors.intake.redaction import Redactor
from detectors.intake.secret import is_plain
from detectors.intake.trace_assembly import TraceAssembly
from detectors.mining.pattern import Pattern, frame_of, is_more_than_words, pattern_of_masked
from detectors.mining.recall import Memo, Recall
from detectors.mining.token import mask

LINES_REMEMBERED = 20_000
"""Lines of a generation, digits aside, whose pattern is remembered: two are about 16 MB."""

WORDS_REMEMBERED = 20_000


def _masked_if_plain(word: str) -> str:
    masked = mask(word)
    if masked in ("<n>", "<hex>"):
        return masked  # digits and letters of hexadecimal numbers make no name, no hint and no fault
    return masked if is_plain(word) and not TraceAssembly.may_open_with(word) else ""


_words: Memo[str, str] = Memo(_masked_if_plain, WORDS_REMEMBERED)
"""Words masked, digits aside; empty: it may have a part in a secret, or in the head of a trace."""


class PlainLines:
    """The patterns of lines that a redactor leaves as they are; it changes no result, only what it costs."""

    def __init__(self, redactor: Redactor) -> None:
        """Know none."""
        self._may_be_number = redactor.may_be_number
        self.known: Recall[bytes, Pattern] = Recall(LINES_REMEMBERED)
        """By the key of a line, see `key_of`."""
        self._framed: Recall[bytes, Pattern] = Recall(LINES_REMEMBERED)
        """By the frame of a line, see `frame_of`."""

    def pattern(self, key: bytes, body: str) -> Pattern | None:
        """Give the pattern of a line that is not `known`; None: that takes a longer look.

        Each of its words is innocent, so all of it is, but for numbers that are told by their length, and
        for a name that stands alone.
        """
        found = self.known.older(key)
        if found is not None:
            return found
        if not stands_alone(body) or self._may_be_number(key):
            return None
        frame = frame_of(key)
        found = self._framed.get(frame) or self._framed.older(frame)
        if found is None:
            text = key.decode("utf-8", "surrogatepass")
            words = [] if is_more_than_words(text) else list(map(_words.__getitem__, text.split()))
            if len(words) < 2 or "" in words:
                return None
            found = pattern_of_masked(" ".join(words))
            self._framed.offer(frame, found)
        if frame == key:
            self.known.offer(key, found)
        return found

    def forget(self) -> None:
        """Forget what was worked out, as a new process would; no result depends on it."""
        self.known.forget()
        self._framed.forget()


_of_redactor: WeakKeyDictionary[Redactor, PlainLines] = WeakKeyDictionary()


def plain_lines(redactor: Redactor) -> PlainLines:
    """Give what is known of the lines that this redactor leaves as they are."""
    known = _of_redactor.get(redactor)
    if known is None:
        known = _of_redactor[redactor] = PlainLines(redactor)
    return known
