"""May a regular expression need more than linear time? Told by its structure, from Python's own parse of it.

A backtracking matcher is slow where a text can be divided among repeats in many ways. `ambiguities` finds two
repeats without an upper bound (`Repeat`) that can take the same characters, with nothing between them that
tells where the one ends and the other begins; a repeat within a repeat meets itself on the way round. For
repeats of single characters that is exactly the criterion of Weber and Seidl (1991, "On the degree of
ambiguity of finite automata", Theoretical Computer Science 88) for more ways than a bounded number.

`restarts` finds repeats that make a *search* slow although each attempt is fast: an attempt runs far and
fails, and the next begins inside of what it ran over.

What follows where both find nothing: the steps of a search are at most the length of the text times a
number that depends on the expression alone. Taken for granted: a bounded repeat of fewer than `LONG` is
bounded work, and so are lookarounds, each looked at by itself. What Python code does around an expression is
not looked at.
"""

import re
from collections.abc import Iterator
from functools import cache
from math import inf
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

LONG = 16
"""Repeats of fewer are bounded work, whatever they do."""

MOST_WAYS = 4_096
"""Ways of two bounded repeats to divide a text between them: still bounded work."""

MOST_BESIDE = 64
"""Characters of a bounded repeat beside one without a bound: the work of so many for each character."""

ALPHABET = [*map(chr, range(128)), "é", "ß", "٣", "界", "\u2028", "…"]
"""Characters that stand for all: ASCII, and one each of the letters, digits and signs beyond it."""

_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_ATOMIC = (op.ATOMIC_GROUP, op.POSSESSIVE_REPEAT)
_ZERO_WIDTH = (op.AT, op.ASSERT, op.ASSERT_NOT)

Chars = frozenset[str]
Nodes = list[tuple[Any, Any]]


class Repeat(NamedTuple):
    """A repeat of one character."""

    chars: Chars
    most: float
    text: str


@cache
def category(name: str) -> re.Pattern[str]:
    return re.compile({"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[name.rpartition("_")[2]])


def chars_of(node: tuple[Any, Any], flags: int) -> Chars | None:
    """Give the characters that a node for one character takes; None: it is no such node."""
    kind, value = node
    if kind is op.ANY:
        return frozenset(each for each in ALPHABET if flags & re.DOTALL or each != "\n")
    if kind is op.LITERAL:
        return _cased(frozenset(chr(value)), flags)
    if kind is op.NOT_LITERAL:
        return frozenset(ALPHABET) - _cased(frozenset(chr(value)), flags)
    if kind is op.IN:
        taken: Chars = frozenset()
        for what, which in value:
            if what is op.LITERAL:
                taken |= {chr(which)}
            elif what is op.RANGE:
                taken |= {each for each in ALPHABET if which[0] <= ord(each) <= which[1]}
            elif what is op.CATEGORY:
                name = str(which)
                taken |= {each for each in ALPHABET if bool(category(name).match(each)) != ("_NOT_" in name)}
        taken = _cased(taken, flags)
        return frozenset(ALPHABET) - taken if value[0][0] is op.NEGATE else taken
    return None


def _bound(most: Any) -> float:
    return inf if most is op.MAXREPEAT else float(most)


def _too_many(one: float, other: float) -> bool:
    return one * other > MOST_WAYS if inf not in (one, other) else min(one, other) > MOST_BESIDE


def _cased(taken: Chars, flags: int) -> Chars:
    if not flags & re.IGNORECASE:
        return taken
    return taken | {each.lower() for each in taken} | {each.upper() for each in taken}


def inner(node: tuple[Any, Any], flags: int) -> list[tuple[Nodes, int]]:
    """Give the sequences that a node is made of, with their flags."""
    kind, value = node
    if kind is op.SUBPATTERN:
        _, added, removed, body = value
        return [(list(body), (flags | added) & ~removed)]
    if kind is op.BRANCH:
        return [(list(each), flags) for each in value[1]]
    if kind in _REPEATS:
        return [(list(value[2]), flags)]
    if kind is op.ATOMIC_GROUP:
        return [(list(value), flags)]
    if kind is op.GROUPREF_EXISTS:
        return [(list(each), flags) for each in value[1:] if each]
    return []


def all_chars(nodes: Nodes, flags: int) -> Chars:
    """Give all characters that a sequence may take; a back reference may take any."""
    taken: Chars = frozenset()
    for node in nodes:
        own = chars_of(node, flags)
        if own is not None:
            taken |= own
        elif node[0] is op.GROUPREF:
            taken |= frozenset(ALPHABET)
        elif node[0] not in _ZERO_WIDTH:
            for body, inner_flags in inner(node, flags):
                taken |= all_chars(body, inner_flags)
    return taken


class Way(NamedTuple):
    """What lies behind a place in a pattern: nodes in order, then the way on from there."""

    nodes: Nodes
    flags: int
    on: "Way | None"
    loop: "Way | None" = None
    """Where the way may go back to, at the end of a repeat's body."""


def met(way: Way | None, taken: Chars, seen: set[int]) -> Iterator[Repeat]:
    """Follow all ways on which a text of these characters alone can go; give the long repeats there."""
    while way is not None:
        for index, node in enumerate(way.nodes):
            kind, value = node
            own = chars_of(node, way.flags)
            if own is not None:
                if not own & taken:
                    return
                continue
            if kind in _ZERO_WIDTH or kind is op.GROUPREF:
                continue
            rest = Way(way.nodes[index + 1 :], way.flags, way.on, way.loop)
            if kind in _REPEATS:
                least, most, body = value
                single = chars_of(body[0], way.flags) if len(body) == 1 else None
                if most >= LONG and single is not None and single & taken:
                    yield Repeat(single, _bound(most), str(node)[:80])
                if single is not None:
                    if least and not single & taken:
                        return
                    continue
                again = Way([node], way.flags, rest) if most >= LONG else None
                if id(body) not in seen:
                    seen.add(id(body))
                    yield from met(Way(list(body), way.flags, rest, again), taken, seen)
                if least:
                    return
                continue
            for body, flags in inner(node, way.flags):
                yield from met(Way(body, flags, rest), taken, seen)
            return
        if way.loop is not None:
            yield from met(way.loop, taken, seen)
        way = way.on


def ambiguities(nodes: Nodes, flags: int, on: Way | None = None, loop: Way | None = None) -> Iterator[str]:
    """Give what in a sequence lets a text be divided in a number of ways that grows with its length."""
    for index, node in enumerate(nodes):
        kind, value = node
        rest = Way(nodes[index + 1 :], flags, on, loop)
        if kind in (op.ASSERT, op.ASSERT_NOT):
            yield from ambiguities(list(value[1]), flags)
        elif kind in _REPEATS and value[1] >= LONG:
            body = list(value[2])
            single = chars_of(body[0], flags) if len(body) == 1 else None
            if single is not None:
                if kind is not op.POSSESSIVE_REPEAT:
                    for other in met(rest, single, set()):
                        common = single & other.chars
                        told = "".join(sorted(common))[:12]
                        if _too_many(_bound(value[1]), other.most) and other in met(rest, common, set()):
                            yield f"{str(node)[:80]} and then {other.text} both take {told!r}"
            else:
                if may_be_empty(body, flags):
                    yield f"{str(node)[:80]} repeats what may be empty"
                yield from _alike(body, flags, beginnings(body, flags) | _begin(rest))
                again = Way([node], flags, rest)
                yield from ambiguities(body, flags, None if kind in _ATOMIC else rest, again)
        elif kind in _REPEATS:
            body = list(value[2])
            yield from ambiguities(body, flags, rest, Way(body, flags, rest) if value[1] > 1 else None)
        else:
            for body, inner_flags in inner(node, flags):
                yield from ambiguities(body, inner_flags, None if kind in _ATOMIC else rest)


def _alike(nodes: Nodes, flags: int, after: Chars) -> Iterator[str]:
    """Give the choices within a repeat that the next character does not decide.

    Args:
        nodes: The body of the repeat, or a part of it.
        flags: Of the expression there.
        after: What may follow it.
    """
    for index, node in enumerate(nodes):
        bodies = [] if node[0] in _ZERO_WIDTH or _single(node, flags) else inner(node, flags)
        if not bodies:
            continue
        rest = nodes[index + 1 :]
        behind = beginnings(rest, flags) | (after if may_be_empty(rest, flags) else frozenset())
        begun: Chars = behind if may_be_empty([node], flags) else frozenset()
        empty = 0
        for body, inner_flags in bodies:
            first = beginnings(body, inner_flags)
            empty += may_be_empty(body, inner_flags)
            if first & begun:
                yield f"{str(node)[:80]} begins like another way on, within a repeat"
            begun |= first
        if empty + (node[0] in _REPEATS and not node[1][0]) > 1:
            yield f"{str(node)[:80]} is empty in two ways, within a repeat"
        for body, inner_flags in bodies:
            yield from _alike(body, inner_flags, behind | (first if node[0] in _REPEATS else frozenset()))


def _single(node: tuple[Any, Any], flags: int) -> bool:
    """Tell whether a node is one character, or a long repeat of one, which `met` looks at."""
    if node[0] in _REPEATS and node[1][1] >= LONG:
        return len(node[1][2]) == 1 and chars_of(node[1][2][0], flags) is not None
    return chars_of(node, flags) is not None


def _begin(way: Way | None) -> Chars:
    begun: Chars = frozenset()
    while way is not None:
        begun |= beginnings(way.nodes, way.flags)
        if not may_be_empty(way.nodes, way.flags):
            break
        way = way.on
    return begun


def may_be_empty(nodes: Nodes, flags: int) -> bool:
    """Tell whether a sequence can match nothing."""
    for node in nodes:
        if chars_of(node, flags) is not None:
            return False
        if node[0] in _REPEATS:
            if node[1][0] and not may_be_empty(list(node[1][2]), flags):
                return False
        elif node[0] not in (*_ZERO_WIDTH, op.GROUPREF) and not any(
            may_be_empty(body, inner_flags) for body, inner_flags in inner(node, flags)
        ):
            return False
    return True


def beginnings(nodes: Nodes, flags: int) -> Chars:
    """Give the characters with which a sequence can begin."""
    begun: Chars = frozenset()
    for node in nodes:
        own = chars_of(node, flags)
        if own is not None:
            return begun | own
        if node[0] in _ZERO_WIDTH:
            continue
        if node[0] is op.GROUPREF:
            return frozenset(ALPHABET)
        for body, inner_flags in inner(node, flags):
            begun |= beginnings(body, inner_flags)
        if not may_be_empty([node], flags):
            return begun
    return begun


def structure(pattern: re.Pattern[str]) -> tuple[Nodes, int]:
    """Parse a pattern as Python does."""
    parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    return list(parsed), pattern.flags


def restarts(pattern: re.Pattern[str]) -> Iterator[str]:
    """Give the repeats over which a search may run again from many places within, each time in vain.

    A repeat without bound is none of them where nothing behind it can fail; or where it begins behind a
    character that it cannot take itself, so that what two attempts run over has nothing in common; or
    where an attempt cannot begin within what it runs over, as a word begins only where none goes on.
    """
    nodes, flags = structure(pattern)
    guard = _guard(nodes, flags)
    yield from _restarts(nodes, flags, None, frozenset(), frozenset(), guard)


def _guard(nodes: Nodes, flags: int) -> Chars:
    """Give the characters behind which an attempt cannot begin."""
    kind, value = nodes[0] if nodes else (None, None)
    if kind is op.AT and value is op.AT_BOUNDARY:
        word = frozenset(each for each in ALPHABET if re.match(r"\w", each))
        return word if beginnings(nodes[1:], flags) <= word else frozenset()
    if kind is op.ASSERT_NOT and value[0] < 0 and len(value[1]) == 1:
        return chars_of(value[1][0], flags) or frozenset()
    return frozenset()


def _restarts(
    nodes: Nodes, flags: int, on: Way | None, before: Chars, run: Chars, guard: Chars
) -> Iterator[str]:
    """Look at a sequence.

    Args:
        nodes: The sequence.
        flags: Of the expression there.
        on: What follows it.
        before: The characters that may stand right before it, in the match; empty: it begins there.
        run: All characters that the match may have taken so far.
        guard: Those behind which an attempt cannot begin.
    """
    for index, node in enumerate(nodes):
        kind, value = node
        rest = Way(nodes[index + 1 :], flags, on)
        if kind in _ZERO_WIDTH:
            continue
        if kind in _REPEATS and value[1] is op.MAXREPEAT:
            taken = all_chars(list(value[2]), flags)
            delimited = bool(before) and not before & taken
            guarded = bool(guard) and run | taken <= guard
            if may_fail(rest) and not delimited and not guarded:
                yield str(node)[:100]
        if kind is op.BRANCH or kind is op.SUBPATTERN or kind is op.ATOMIC_GROUP:
            for body, inner_flags in inner(node, flags):
                own = _guard(body, inner_flags) if kind is op.BRANCH and not run else frozenset()
                yield from _restarts(body, inner_flags, rest, before, run, own or guard)
        elif kind in _REPEATS and _single(node, flags) is False:
            for body, inner_flags in inner(node, flags):
                around = before | endings(body, inner_flags)
                yield from _restarts(body, inner_flags, rest, around if before else before, run, guard)
        run |= all_chars([node], flags)
        last = endings([node], flags)
        before = last | before if may_be_empty([node], flags) else last


def may_fail(way: Way | None) -> bool:
    """Tell whether there is anything on the way that could fail."""
    while way is not None:
        for node in way.nodes:
            if node[0] is op.BRANCH and any(list(each) == [(op.AT, op.AT_END_STRING)] for each in node[1][1]):
                continue  # the end of the text is always reached
            if node[0] in _ZERO_WIDTH or not may_be_empty([node], way.flags):
                return True
        way = way.on
    return False


def endings(nodes: Nodes, flags: int) -> Chars:
    """Give the characters with which what a sequence matches can end."""
    ended: Chars = frozenset()
    for node in reversed(nodes):
        own = chars_of(node, flags)
        if own is not None:
            return ended | own
        if node[0] in _ZERO_WIDTH:
            continue
        if node[0] is op.GROUPREF:
            return frozenset(ALPHABET)
        for body, inner_flags in inner(node, flags):
            ended |= endings(body, inner_flags)
        if not may_be_empty([node], flags):
            return ended
    return ended
