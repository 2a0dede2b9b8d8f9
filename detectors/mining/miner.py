"""Which signature does each line of one stream have? Memory and clusters wired together."""

from collections.abc import Iterable
from itertools import islice

from detectors.mining.pattern import key_of, keys_of, template_of_key
from detectors.mining.recall import Recall
from detectors.mining.signature import OVERFLOW, Assignment, SignatureClusters, assign

LINES_REMEMBERED = 20_000
"""Lines of a generation, digits aside, whose signature is remembered: two are about 12 MB."""
TEMPLATES_REMEMBERED = 8_000
BATCH = 500
"""Lines whose digits are taken out at once; more gain nothing."""


class SignatureMiner:
    """The signatures of one service's lines, in the order in which the lines come."""

    def __init__(self, service: str = "", clusters: SignatureClusters | None = None) -> None:
        """Start with no clusters, or go on with those of earlier lines."""
        self.service = service
        self.clusters = SignatureClusters() if clusters is None else clusters
        self._lines: Recall[bytes, Assignment] = Recall(LINES_REMEMBERED)
        self._templates: Recall[str, Assignment] = Recall(TEMPLATES_REMEMBERED)

    def add(self, line: str) -> Assignment:
        """Give the signature of a line; equal to `assign` of its template."""
        key = key_of(line)
        return self._lines.young.get(key) or self._look_up(key)

    def add_many(self, lines: Iterable[str]) -> list[Assignment]:
        """Give the signatures of lines, in their order."""
        out: list[Assignment] = []
        look_up, recall, rest = self._look_up, self._lines, iter(lines)
        while batch := list(islice(rest, BATCH)):
            out += [recall.young.get(key) or look_up(key) for key in keys_of(batch)]
        return out

    def _look_up(self, key: bytes) -> Assignment:
        found = self._lines.get(key)
        if found is None:
            template = template_of_key(key)
            found = self._templates.young.get(template)
            if found is None:
                found = now = assign(self.clusters, self.service, template)
                if now.is_first or now.merged:
                    self._unlearn(now.merged)
                    found = now._replace(is_first=False, merged=())
                self._templates.offer(template, found)
                self._lines.offer(key, found)
                return now
            self._lines.offer(key, found)
        return found

    def _unlearn(self, merged: tuple[str, ...]) -> None:
        """Forget what a merge made untrue, and what found no room before it."""
        if merged:
            for memory in (self._lines, self._templates):
                memory.drop(lambda each: each.signature_id in merged or each.template == OVERFLOW)
