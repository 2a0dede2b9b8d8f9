"""What does a difference of source or configuration do, as far as its lines tell?

Method: the changed lines without comments, logging and imports are split into words and numbers. What
was removed and does not recur among what was added is behaviour that may have gone; a line of
which only a number or unit differs is a changed value. Weakness: it reads words, not programs; a
rename looks like a loss, and a difference that is cut ends where the cut is.
"""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from detectors.incidents.cause.magnitude import direction
from detectors.incidents.wording import words


class Effect(StrEnum):
    """What a difference does."""

    UNKNOWN = "unknown"
    COMMENT = "comment"
    LOGGING = "logging"
    COSMETIC = "cosmetic"
    PATCH_RELEASE = "patch_release"
    OWN_VERSION = "own_version"
    KEPT = "kept"
    ADDED = "added"
    CHANGED = "changed"


class Reading(NamedTuple):
    """What a difference does, and which words its effective lines hold."""

    effect: Effect
    words: frozenset[str]
    """Words of the lines that have an effect: no comments, no logging, nothing that only moved."""
    values: tuple[str, ...] = ()
    """Values that changed, as "before became after"."""
    lost: tuple[str, ...] = ()
    """Names that were removed and recur nowhere among what was added, the first three."""
    direction: int = 0
    """1: all changed values rose; -1: all fell; 0: neither, or that cannot be told."""
    names: frozenset[str] = frozenset()
    """All names that are on one side only: no longer used, or used for the first time."""


_COMMENT = re.compile(r"^\s*(//|#(?!\[)|/\*|\*(?:\s|/|$)|--\s|<!--|\"\"\"|;)")
_TRAILING = re.compile(r"\s(//|#)\s.*$")
_IMPORT = re.compile(r"^\s*(import|from|use|using|require|include|package)\b(?!.*=)")
_LOGGING = re.compile(
    r"(?i)\b(\w*log(ger|ging)?|console|print(f|ln)?|slog|zap)(_(trace|debug|info|warn|error))?[.(]"
)
_LOG_SETTING = re.compile(r"(?i)^\W*log(ging)?[_.-]\w+\W*\s*[:=](?!.*\b(debug|trace|verbose|all)\b)")
"""A setting of what is logged; to log everything is another matter, for it costs."""
_MEASURING = re.compile(
    r"(?i)\b(prometheus|statsd|otel|opentelemetry|micrometer|telemetry|tracer|span)\b|\bmetrics?\.|"
    r"\.(inc|observe|increment)\(|\b(new)?(counter|histogram|gauge)(vec|opts)?\b"
)
_MEASURED = re.compile(
    r"(?i)^\s*[\"']?(name|help|buckets|namespace|subsystem|unit|labels?(names)?)[\"']?\s*[:=]"
)
"""Lines that only say what is counted, and lines of the description of a metric."""
_OWN_VERSION = re.compile(
    r"(?i)^[\w\s]*?\b_*(app_?|build_?|release_?)?version_*(\s+string)?\s*:?=\s*[\"']?v?\d[\w.+-]*[\"']?;?\s*$"
)
"""A program that tells its own version; a version in a configuration may choose what runs."""
_STYLED = re.compile(r"(?i)#[0-9a-f]{3,8}\b|classname|padding|margin|radius|color")
_STYLE_FILES = (".css", ".scss", ".less", ".svg", ".png", ".jpg", ".ico")
_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)*")
_ORDERED = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)*|[<>=!]=?|[&|]{1,2}|[-+*/%]")
"""Names, numbers and the operators between them; brackets and commas may move with the layout."""
_CALL = re.compile(r"([A-Za-z_]\w*)\(")
_RELEASE = re.compile(r"\bv?(\d+)\.(\d+)\.(\d+)\b")
_MANIFESTS = {
    "go.mod", "go.sum", "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "cargo.toml",
    "cargo.lock", "requirements.txt", "poetry.lock", "pyproject.toml", "gemfile", "gemfile.lock", "pom.xml",
}  # fmt: skip
_MOST_NAMED = 3
_KEYWORDS = {
    "if", "else", "for", "while", "return", "var", "let", "const", "func", "def", "try", "catch", "new",
    "err", "nil", "null", "and", "or", "not",
}  # fmt: skip
"""Words of languages, not names: that they recur or not says nothing."""
_SHORTEST = 4
"""Shorter names are local ones."""
_AT_ONCE = {
    "go", "async", "await", "thread", "threads", "submit", "parallel", "spawn", "lock", "mutex",
    "synchronized", "executor", "worker", "workers", "gather", "goroutine", "concurrent", "retry", "retries",
}  # fmt: skip
"""Names that make the same calls run at once, in turn, or again."""
_TRIVIAL = {"0", "1"}
"""Numbers that every check has: nothing, and the first."""
_MOVED = 0.3
"""Share of names that may be gone where a new call takes over: they have moved into it."""


@lru_cache(maxsize=1024)
def read(diff: str, files: tuple[str, ...] = ()) -> Reading:
    r"""Say what a unified difference does; UNKNOWN without changed lines, unless the files tell.

    >>> read("-  default_ttl: 15m\n+  default_ttl: 15s").values
    ('default_ttl: 15m became default_ttl: 15s',)
    >>> read("-\tlog.Printf(x)\n+\tlog.Debug(x)").effect
    <Effect.LOGGING: 'logging'>
    """
    removed, added = _sides(diff)
    if files and all(each.lower().endswith(_STYLE_FILES) for each in files):
        return Reading(Effect.COSMETIC, frozenset())
    if not removed and not added:
        return Reading(Effect.UNKNOWN, frozenset())
    if files and all(each.rpartition("/")[2].lower() in _MANIFESTS for each in files):
        is_patch = _releases(removed, 2) == _releases(added, 2)
        return Reading(Effect.PATCH_RELEASE if is_patch else Effect.CHANGED, _said(removed + added))
    removed, added = _only_changed(_code(removed), _code(added))
    if not removed and not added:
        return Reading(Effect.COMMENT, frozenset())
    changed = removed + added
    if all(_OWN_VERSION.match(each) for each in changed):
        return Reading(Effect.OWN_VERSION, frozenset())
    is_measured = any(_MEASURING.search(each) for each in changed)
    quiet = [each for each in changed if not _is_log(each) and not _is_measure(each, is_measured)]
    if not [each for each in quiet if _TOKEN.search(each)]:
        return Reading(Effect.LOGGING, frozenset())
    if all(_STYLED.search(each) for each in quiet):
        return Reading(Effect.COSMETIC, frozenset())
    return _behaviour([each for each in removed if each in quiet], [each for each in added if each in quiet])


def _is_log(line: str) -> bool:
    return _LOGGING.search(line) is not None or _LOG_SETTING.match(line) is not None


def _is_measure(line: str, is_measured: bool) -> bool:
    return is_measured and (_MEASURING.search(line) is not None or _MEASURED.match(line) is not None)


def _behaviour(removed: list[str], added: list[str]) -> Reading:
    pairs = list(_changed_values(removed, added))
    values = tuple(f"{one[:60]} became {other[:60]}" for one, other in pairs)
    directions = {direction(*each) for each in pairs}
    after = {token for each in added for token in _TOKEN.findall(each)}
    before = {token for each in removed for token in _TOKEN.findall(each)}
    gone = [token for each in removed for token in _TOKEN.findall(each) if token not in after]
    lost = tuple(dict.fromkeys(each for each in gone if len(each) >= _SHORTEST))
    said = _said(removed + added)
    names = frozenset(before ^ after)
    at_once = {word for name in after - before for word in words(name)} & _AT_ONCE
    if _is_reordered(removed, added) or (removed and at_once):
        return Reading(Effect.CHANGED, said, names=names)
    if removed and not values and _is_moved(removed, added):
        return Reading(Effect.KEPT, said)
    if values or lost:
        turn = directions.pop() if len(directions) == 1 else 0
        return Reading(Effect.CHANGED, said, values[:_MOST_NAMED], lost[:_MOST_NAMED], turn, names)
    return Reading(Effect.KEPT if removed else Effect.ADDED, said, names=names)


def _is_reordered(removed: list[str], added: list[str]) -> bool:
    """Whether the same names and numbers stand in another order, or with other operators between them."""
    one, other = (_ORDERED.findall(" ".join(each)) for each in (removed, added))
    same = Counter(each for each in one if each[0].isalnum()) == Counter(
        each for each in other if each[0].isalnum()
    )
    return bool(removed) and same and one != other


def _is_moved(removed: list[str], added: list[str]) -> bool:
    """Whether a new call takes over: what was removed recurs beside it, but for a few names."""
    before, after = (set(_TOKEN.findall(" ".join(each))) - _KEYWORDS for each in (removed, added))
    gone = before - after
    calls = {name for each in added for name in _CALL.findall(each)} - before - _KEYWORDS
    is_number_gone = any(each[0].isdigit() and each not in _TRIVIAL for each in gone)
    return bool(calls) and not is_number_gone and len(gone) <= _MOVED * len(before)


def _sides(diff: str) -> tuple[list[str], list[str]]:
    lines = diff.splitlines()
    removed = [each[1:] for each in lines if each.startswith("-") and not each.startswith("--- ")]
    added = [each[1:] for each in lines if each.startswith("+") and not each.startswith("+++ ")]
    return removed, added


def _code(lines: Iterable[str]) -> list[str]:
    kept = (each for each in lines if not _COMMENT.match(each) and not _IMPORT.match(each))
    return [line for each in kept if (line := " ".join(_TRAILING.sub("", each).split()))]


def _only_changed(removed: list[str], added: list[str]) -> tuple[list[str], list[str]]:
    # A line that only moved, or was indented anew, is on both sides.
    both = Counter(removed) & Counter(added)
    return [each for each in removed if each not in both], [each for each in added if each not in both]


def _changed_values(removed: list[str], added: list[str]) -> Iterable[tuple[str, str]]:
    by_key = {_key(each): each for each in added if _key(each)}
    for each in removed:
        other = by_key.get(_key(each))
        if other is not None and other != each:
            yield each, other


def _key(line: str) -> str:
    name, found, value = re.sub(r":=", "=", line).partition("=" if "=" in line else ":")
    is_value = re.search(r"\d|true|false|[\"']", value) or re.fullmatch(r"[\w./@-]+", value.strip())
    return name.strip() if found and is_value and re.fullmatch(r"[\w.\"' -]+", name.strip()) else ""


def _releases(lines: list[str], parts: int) -> set[tuple[str, ...]]:
    return {found.groups()[:parts] for each in lines for found in _RELEASE.finditer(each)}


def _said(lines: list[str]) -> frozenset[str]:
    return frozenset(word for each in lines for word in words(each))
