"""Do two skeletons differ in values only, or in what they say?"""

import re
from collections.abc import Sequence

from detectors.mining.skeleton import ANY

_STATES = frozenset((
    "start", "stop", "begin", "end", "open", "close", "up", "down", "on", "off", "in", "out", "read",
    "write", "send", "receive", "lock", "unlock", "mount", "unmount", "add", "remove", "create", "delete",
    "enable", "disable", "enter", "exit", "leave", "join", "connect", "disconnect", "accept", "reject",
    "allow", "deny", "success", "failure", "ok", "fail", "error", "warning", "info", "debug", "fatal",
    "critical", "first", "last", "before", "after", "old", "new", "min", "max", "input", "output", "source",
    "target", "local", "remote", "primary", "secondary", "master", "slave", "leader", "follower", "client",
    "server", "true", "false", "request", "response", "ack", "nack", "commit", "rollback", "push", "pop",
    "get", "set", "put", "post", "patch", "head", "options", "high", "low", "full", "empty", "hot", "cold",
    "active", "inactive", "idle", "busy", "valid", "invalid", "online", "offline", "healthy", "unhealthy",
    "alive", "dead", "ready", "waiting", "running", "pending", "complete", "done", "not", "no", "all",
    "any", "none", "missing", "present", "timeout", "cannot", "could", "can", "unable", "is", "are", "was",
    "were", "has", "have", "with", "without", "from", "to", "for", "by", "of", "and", "or", "but",
))  # fmt: skip
"""Words that say what happened or in which direction: statements that differ in one are different."""

_VERB = re.compile(r"[A-Za-z]{2,}(?:ed|ing|ion|able|ful|ly)")
_ENDINGS = ("ed", "ing", "ion", "able", "ful", "ly")
_ID_SHAPE = re.compile(r"[\w$-]+(?:[._/\\@~:][\w$-]+)+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*")
_EDGES = "()[]{}<>\"'`,;:.!?"


def differences(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """Name the places where two skeletons of the same length differ."""
    return [index for index, word in enumerate(ours) if word != theirs[index]]


def could_be_same(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Tell whether one line could have both skeletons: they differ only where one says `*`."""
    return len(ours) == len(theirs) and all(
        one == other or ANY in one or ANY in other for one, other in zip(ours, theirs, strict=True)
    )


def with_any(words: Sequence[str], places: Sequence[int]) -> str:
    """Give the skeleton with `*` at these places, its punctuation kept."""
    out = list(words)
    for place in places:
        word = out[place]
        bare = word.strip(_EDGES)
        out[place] = word.replace(bare, ANY) if bare else ANY
    return " ".join(out)


def is_meaning(words: Sequence[str], place: int) -> bool:
    """Tell whether the word at that place says what happened, so that another word is another statement."""
    word = words[place]
    bare = word.strip(_EDGES)
    if ANY in word or not bare:
        return False
    if place == 0 or "=" in word or word.endswith(":") or "(" in word[1:]:
        return True
    return says_what(bare)


def says_what(bare: str) -> bool:
    """Tell whether a word without punctuation is a state, a verb or a code."""
    if bare.isupper() or bare.lower() in _STATES:
        return True
    return bare.endswith(_ENDINGS) and _VERB.fullmatch(bare) is not None


def could_be_values(ours: Sequence[str], theirs: Sequence[str], places: Sequence[int]) -> bool:
    """Tell whether every difference is one between values: by shape, or because one is known to vary."""
    if not places:
        return True
    same = sum(1 for index, word in enumerate(ours) if index not in places and _is_word(word))
    if same < 2 or same < len(places):
        return False
    return all(_varies(ours, theirs, place) for place in places)


def _varies(ours: Sequence[str], theirs: Sequence[str], place: int) -> bool:
    one, other = ours[place], theirs[place]
    bare_one, bare_other = one.strip(_EDGES), other.strip(_EDGES)
    if not bare_one or not bare_other or one.replace(bare_one, "") != other.replace(bare_other, ""):
        return False
    if ANY in (bare_one, bare_other):
        words = ours if bare_other == ANY else theirs
        return (place == 0 and _ID_SHAPE.fullmatch(words[0]) is not None) or not is_meaning(words, place)
    if ANY in one or ANY in other or is_meaning(ours, place) or is_meaning(theirs, place):
        return False
    return bool(_ID_SHAPE.fullmatch(bare_one) and _ID_SHAPE.fullmatch(bare_other))


def _is_word(word: str) -> bool:
    return ANY not in word and any(map(str.isalpha, word))
