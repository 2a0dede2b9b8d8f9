"""How many characters does a backtracking matcher look at? Counted, so that no clock is needed.

It goes the ways that Python's own matcher goes, over the same parse, without its short cuts: more than it.
"""

import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any

from tests.unit.detectors.intake.backtracking import Chars, Nodes, chars_of, inner, structure

Then = Callable[[int], bool]
"""Goes on from a position; tells whether the rest matches."""


class Stepping:
    """One pattern, looked for in one text."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._nodes, self._flags = structure(pattern)
        self._text = text
        self._groups: dict[int, tuple[int, int]] = {}
        self._chars: dict[int, Chars | None] = {}
        """By node: what it takes if it is one character."""
        self.steps = 0

    def search(self) -> "Stepping":
        """Look for all matches, as `sub` does."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        try:
            start = 0
            while start <= len(self._text):
                ended = self._first(self._nodes, self._flags, start)
                start = start + 1 if ended is None or ended == start else ended
        finally:
            sys.setrecursionlimit(limit)
        return self

    def _first(self, nodes: Nodes, flags: int, at: int) -> int | None:
        ends: list[int] = []

        def then(end: int) -> bool:
            ends.append(end)
            return True

        self._go(nodes, 0, flags, at, then)
        return ends[0] if ends else None

    def _is(self, node: tuple[Any, Any], flags: int, at: int) -> bool:
        self.steps += 1
        taken = self._single(node, flags)
        return at < len(self._text) and taken is not None and self._text[at] in taken

    def _single(self, node: tuple[Any, Any], flags: int) -> Chars | None:
        known = id(node)
        if known not in self._chars:
            self._chars[known] = chars_of(node, flags)
        return self._chars[known]

    def _go(  # noqa: PLR0911  # one answer for each kind of node
        self, nodes: Nodes, index: int, flags: int, at: int, then: Then
    ) -> bool:
        while index < len(nodes) and self._single(nodes[index], flags) is not None:
            if not self._is(nodes[index], flags, at):
                return False
            index, at = index + 1, at + 1
        if index == len(nodes):
            return then(at)
        kind, value = nodes[index]

        def on(end: int) -> bool:
            return self._go(nodes, index + 1, flags, end, then)

        if kind is op.AT:
            return self._at(value, at) and on(at)
        if kind in (op.ASSERT, op.ASSERT_NOT):
            begin = at - value[1].getwidth()[0] if value[0] < 0 else at
            held = begin >= 0 and self._first(list(value[1]), flags, begin) is not None
            return held is (kind is op.ASSERT) and on(at)
        if kind is op.GROUPREF:
            begin, end = self._groups[value]
            self.steps += end - begin
            return self._text.startswith(self._text[begin:end], at) and on(at + end - begin)
        if kind in (op.ATOMIC_GROUP, op.POSSESSIVE_REPEAT):
            body = list(value) if kind is op.ATOMIC_GROUP else [(op.MAX_REPEAT, value)]
            ended = self._first(body, flags, at)
            return ended is not None and on(ended)
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            return self._repeat(nodes[index], flags, at, on)
        if kind is op.SUBPATTERN and value[0] is not None:
            known = self._groups.get(value[0])

            def close(end: int) -> bool:
                self._groups[value[0]] = (at, end)
                return on(end)

            ((body, added),) = inner(nodes[index], flags)
            if self._go(body, 0, added, at, close):
                return True
            if known is not None:
                self._groups[value[0]] = known
            return False
        return any(self._go(body, 0, added, at, on) for body, added in inner(nodes[index], flags))

    def _repeat(self, node: tuple[Any, Any], flags: int, at: int, on: Then) -> bool:
        least, most, body = node[1]
        if len(body) == 1 and self._single(body[0], flags) is not None:
            return any(map(on, self._runs(node, flags, at)))

        def again(count: int, begun: int) -> bool:
            def more(end: int) -> bool:
                return end > begun and again(count + 1, end)

            def once_more() -> bool:
                return (most is op.MAXREPEAT or count < most) and self._go(list(body), 0, flags, begun, more)

            if node[0] is op.MIN_REPEAT:
                return (count >= least and on(begun)) or once_more()
            return once_more() or (count >= least and on(begun))

        return again(0, at)

    def _runs(self, node: tuple[Any, Any], flags: int, at: int) -> Iterator[int]:
        """Give the ends of runs of one character, in the order in which they are tried."""
        least, most, body = node[1]
        end = at
        if node[0] is op.MIN_REPEAT:
            while most is op.MAXREPEAT or end - at <= most:
                if end - at >= least:
                    yield end
                if not self._is(body[0], flags, end):
                    return
                end += 1
            return
        while (most is op.MAXREPEAT or end - at < most) and self._is(body[0], flags, end):
            end += 1
        yield from range(end, at + least - 1, -1)

    def _at(self, where: Any, at: int) -> bool:
        self.steps += 1
        text = self._text
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return at == 0
        if where is op.AT_END_STRING:
            return at == len(text)
        if where is op.AT_END:
            return at == len(text) or text[at:] == "\n"
        word = [bool(re.match(r"\w", text[each : each + 1])) if each >= 0 else False for each in (at - 1, at)]
        return (word[0] != word[1]) is (where is op.AT_BOUNDARY)
