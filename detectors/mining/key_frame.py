"""Does a line differ from earlier ones in a value alone? Told by its bytes, before any word is masked."""

from typing import NamedTuple

from detectors.mining.pattern import LINE_LIMIT
from detectors.mining.signature import Assignment, Frame
from detectors.mining.variation import says_what

MOST_FRAMES = 8
"""Remembered of lines that begin alike; numbers of other lengths make other frames of one statement."""

MOST_BEGINS = 256

LONGEST_VALUE = 40
"""Characters of a value, so that neither a line nor its template grows to where it is cut."""


class _KeyFrame(NamedTuple):
    before: bytes
    after: bytes
    frames: list[Frame]
    """Those of templates that begin so: while there is but one, it alone decides."""
    found: Assignment


class KeyFrames:
    """What `framed_in` answered, by keys instead of templates; it changes no result, only what it costs.

    A word in lower-case letters that stands between words is masked as itself, and no unit, time or list is
    made of it, so the templates of two such lines differ where their keys do.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._frames: dict[bytes, list[_KeyFrame]] = {}
        """By first word."""

    def get(self, key: bytes) -> Assignment | None:
        """Give the signature of a line, if only a value tells it from one that was remembered."""
        if not self._frames:
            return None
        for before, after, frames, found in self._frames.get(key.partition(b" ")[0], ()):
            if key.startswith(before) and key.endswith(after) and len(frames) == 1:
                value = key[len(before) : len(key) - len(after)]
                if _is_value(value) and not says_what(value.decode()):
                    return found
        return None

    def remember(self, key: bytes, template: str, frames: list[Frame], found: Assignment) -> None:
        """Remember a line whose template the first of some frames fits."""
        frame = frames[0]
        value = template[len(frame.before) : len(template) - len(frame.after)].encode()
        is_apart = not (frame.before.endswith("> ") or frame.after.startswith(" <"))
        if len(frames) > 1 or not is_apart or not _is_value(value) or key.count(b" %b " % value) != 1:
            return
        if len(key) + LONGEST_VALUE > LINE_LIMIT:
            return
        if len(self._frames) >= MOST_BEGINS:
            return
        known = self._frames.setdefault(key.partition(b" ")[0], [])
        if len(known) < MOST_FRAMES:
            before, _, after = key.partition(b" %b " % value)
            known.append(_KeyFrame(before + b" ", b" " + after, frames, found))

    def forget(self) -> None:
        """Forget all: a merge made some of it untrue."""
        self._frames.clear()


def _is_value(value: bytes) -> bool:
    return len(value) <= LONGEST_VALUE and value.isalpha() and value.islower()
