"""Which words do a change and what fails have in common?"""

from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz

from detectors.incidents import blast_radius
from detectors.incidents.state import OpenIncident
from detectors.incidents.wording import words
from models.event import Change, ChangeKind
from models.signal import SymptomKind

_SIMILAR = 88.0
"""rapidfuzz ratio (0 to 100) from which two words are forms of one: "timeout" and "timeouts"."""
_DIFF_LIMIT = 8_000
"""Characters of a diff that are read: some 150 lines, beyond which nearly every word occurs."""
_BEGINNING = 3
"""Letters that forms of one word share at its beginning; only those are compared."""
_SHORTEST = 4
"""Shorter words are articles, file endings and abbreviations of everything."""

_EVERYWHERE = {
    "about", "added", "adds", "alert", "alerts", "also", "because", "been", "before", "bump", "change",
    "changed", "changes", "chore", "code", "commit", "config", "default", "deploy", "deployment",
    "error", "errors", "exception", "failed", "failing", "failure", "fatal", "feat", "file", "files",
    "firing", "fixed", "fixes", "from", "func", "function", "have", "http", "https", "import", "info",
    "into", "internal", "issue", "line", "lines", "list", "main", "make", "message", "minor", "more",
    "name", "none", "null", "number", "object", "only", "over", "package", "public", "remove",
    "removed", "request", "requests", "response", "return", "returning", "returns", "self", "server",
    "service", "services", "should", "some", "src", "status", "string", "test", "tests", "than", "that",
    "their", "then", "this", "true", "type", "update", "updated", "updates", "using", "value", "values",
    "version", "warn", "warning", "when", "where", "will", "with", "without", "would",
}  # fmt: skip
"""Words of every commit and every error message: that two texts share them says nothing."""


def failing(incident: OpenIncident) -> frozenset[str]:
    """Give the telling words of what fails: of alerts, log signatures and operations.

    Names of affected services do not count: where a change is, is weighed by itself.
    """
    texts = [f"{each.first.name} {each.first.summary or ''}" for each in blast_radius.episodes(incident)]
    for track in blast_radius.tracks(incident):
        if track.worst.symptom_kind is not SymptomKind.METRIC_SHIFT:
            texts += [track.worst.text, track.worst.sample]
    names = {word for each in blast_radius.services(incident) for word in words(each)}
    return frozenset().union(*map(_telling, texts)) - names


def shared(change: Change, changes: list[Change], failing_words: frozenset[str]) -> list[str]:
    """Give the words of what fails that a change touched, in alphabetical order.

    Args:
        change: The change; the commit that it carries explains it.
        changes: All changes, commits among them.
        failing_words: What `failing` gives.
    """
    by_beginning: dict[str, list[str]] = {}
    for word in frozenset().union(*map(_telling, _texts(change, changes))):
        by_beginning.setdefault(word[:_BEGINNING], []).append(word)
    return sorted(
        word
        for word in failing_words
        if any(_alike(word, other) for other in by_beginning.get(word[:_BEGINNING], ()))
    )


def files(change: Change, changes: Iterable[Change]) -> list[str]:
    """Give the files that a change touched, by itself or by the commit that it carries."""
    found: set[str] = set()
    for each in [change, *_commits(change, changes)]:
        listed = each.attributes.get("files_changed")
        if isinstance(listed, list):
            found.update(name for name in listed if isinstance(name, str))
    return sorted(found)


def diffs(change: Change, changes: Iterable[Change]) -> str:
    """Give the differences of a change and of the commit that it carries, one after the other."""
    found = (each.attributes.get("diff") for each in [change, *_commits(change, changes)])
    return "\n".join(dict.fromkeys(each[:_DIFF_LIMIT] for each in found if isinstance(each, str) and each))


def failing_text(incident: OpenIncident) -> str:
    """Give all that is said of what fails: alerts, signatures, operations and metrics that deviate."""
    texts = [f"{each.first.name} {each.first.summary or ''}" for each in blast_radius.episodes(incident)]
    texts += [
        f"{' '.join(words(each.worst.subject))} {each.worst.text} {each.worst.sample}"
        for each in blast_radius.tracks(incident)
    ]
    return "\n".join(texts)


def _texts(change: Change, changes: list[Change]) -> list[str]:
    found = files(change, changes)
    for each in [change, *_commits(change, changes)]:
        found += [text for text in (each.summary, each.name) if text]
        diff = each.attributes.get("diff")
        if isinstance(diff, str):
            lines = diff[:_DIFF_LIMIT].splitlines()
            found.append("\n".join(line[1:] for line in lines if line.startswith(("+", "-"))))
    return found


def _commits(change: Change, changes: Iterable[Change]) -> list[Change]:
    return [
        each
        for each in changes
        if each.change_kind is ChangeKind.COMMIT
        and change.commit
        and each.commit == change.commit
        and each.event_id != change.event_id
    ]


@lru_cache(maxsize=1024)
def _telling(text: str) -> frozenset[str]:
    # The same changes and signatures are read at each judgement of an incident.
    return frozenset(word for word in words(text) if len(word) >= _SHORTEST) - _EVERYWHERE


def _alike(word: str, other: str) -> bool:
    return word == other or fuzz.ratio(word, other, score_cutoff=_SIMILAR) > 0
