"""Which signature does each line of one stream have? Memory and clusters wired together."""

from collections.abc import Iterable
from itertools import islice

from detectors.mining.key_frame import KeyFrames
from detectors.mining.pattern import frame_of, key_of, keys_of, masked, template_of
from detectors.mining.recall import Recall
from detectors.mining.signature import OVERFLOW, Assignment, SignatureClusters, assign, framed_in, frames_for

LINES_REMEMBERED = 20_000
"""Lines of a generation, digits aside, whose signature is remembered: two are about 12 MB."""
MASKED_REMEMBERED = 8_000
BATCH = 500
"""Lines whose digits are taken out at once; more gain nothing."""


class SignatureMiner:
    """The signatures of one service's lines, in the order in which the lines come."""

    def __init__(self, service: str = "", clusters: SignatureClusters | None = None) -> None:
        """Start with no clusters, or go on with those of earlier lines."""
        self.service = service
        self.clusters = SignatureClusters() if clusters is None else clusters
        self._lines: Recall[bytes, Assignment] = Recall(LINES_REMEMBERED)
        """By key where a line has no hexadecimal word, else by frame."""
        self._masked: Recall[str, Assignment] = Recall(MASKED_REMEMBERED)
        self._framed = KeyFrames()

    def add(self, line: str) -> Assignment:
        """Give the signature of a line; equal to `assign` of its template."""
        key = key_of(line)
        return self._lines.get(key) or self._look_up(key)

    def add_many(self, lines: Iterable[str]) -> list[Assignment]:
        """Give the signatures of lines, in their order."""
        out: list[Assignment] = []
        known, look_up, rest = self._lines.get, self._look_up, iter(lines)
        while batch := list(islice(rest, BATCH)):
            out += [known(key) or look_up(key) for key in keys_of(batch)]
        return out

    def _look_up(self, key: bytes) -> Assignment:
        found = self._lines.older(key)
        if found is not None:
            return found
        found = self._framed.get(key)
        if found is not None:
            self._lines.offer(key, found)
            return found
        frame = frame_of(key)
        if frame is not key:
            found = self._lines.get(frame) or self._lines.older(frame)
        if found is None:
            text = masked(key)
            found = self._masked.get(text) or self._masked.older(text)
            if found is None:
                return self._assign(key, frame, text)
            self._lines.offer(frame, found)
        return found

    def _assign(self, key: bytes, frame: bytes, text: str) -> Assignment:
        template = template_of(text)
        found = framed_in(self.clusters, template)
        if found is not None:
            # Not remembered by its text: that costs as little to ask again.
            self._framed.remember(key, template, frames_for(self.clusters, template), found)
            self._lines.offer(frame, found)
            return found
        found = again = assign(self.clusters, self.service, template)
        if found.is_first or found.merged:
            self._unlearn(found.merged)
            again = found._replace(is_first=False, merged=())
        self._masked.offer(text, again)
        self._lines.offer(frame, again)
        return found

    def _unlearn(self, merged: tuple[str, ...]) -> None:
        """Forget what a merge made untrue, and what found no room before it."""
        if merged:
            self._framed.forget()
            for memory in (self._lines, self._masked):
                memory.drop(lambda each: each.signature_id in merged or each.template == OVERFLOW)
