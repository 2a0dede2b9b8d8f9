"""Which signature does each line of one stream have? Memory and clusters wired together."""

from collections.abc import Iterable
from itertools import islice

from detectors.mining.pattern import key_of, keys_of, masked, template_of
from detectors.mining.recall import Recall
from detectors.mining.signature import OVERFLOW, Assignment, SignatureClusters, assign, framed_in

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
        self._masked: Recall[str, Assignment] = Recall(MASKED_REMEMBERED)

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
        if found is None:
            found = self._assign(masked(key))
            self._lines.offer(key, _again(found))
        return found

    def _assign(self, text: str) -> Assignment:
        found = self._masked.get(text) or self._masked.older(text)
        if found is None:
            template = template_of(text)
            # What a frame answers is not remembered: it costs as little to ask again.
            found = framed_in(self.clusters, template)
            if found is None:
                found = assign(self.clusters, self.service, template)
                self._unlearn(found.merged)
                self._masked.offer(text, _again(found))
        return found

    def _unlearn(self, merged: tuple[str, ...]) -> None:
        """Forget what a merge made untrue, and what found no room before it."""
        if merged:
            for memory in (self._lines, self._masked):
                memory.drop(lambda each: each.signature_id in merged or each.template == OVERFLOW)


def _again(found: Assignment) -> Assignment:
    """Give what is true of the next line that is the same."""
    return found._replace(is_first=False, merged=()) if found.is_first or found.merged else found
