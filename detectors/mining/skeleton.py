"""Which words of a template are the statement, and which are only what it was said about?"""

import re
from functools import lru_cache

from detectors.mining.recall import Memo

SKELETON_LIMIT = 240
"""Characters of a skeleton: what tells statements apart comes early."""

ANY = "*"

WORDS_REMEMBERED = 4_096

_HELD = re.compile(r"[\w.$:/\\@#%+~-]*<(?:[a-z]+|\*)>…?(?:[\w.$:/\\@#%+~-]|<(?:[a-z]+|\*)>…?)*")
_UNIT = re.compile(
    r"\*(?: ?(?:bytes?|[kKMGT]i?B|B|ms|us|mins?|minutes?|secs?|seconds?|hours?|days?|s))(?![\w=:])"
)
_LESS = re.compile(r"<\*(?= |$)")
_STARS = re.compile(r"\*(?:[,;:]? ?[-|/#x]? ?\*)+")
_COMMAND = re.compile(r"\bCMD \(.*\)$")
"""How cron logs what it runs, on every Unix: `(user) CMD (command line)`. Source: Vixie cron, `log_it`."""
_SIZE_NOTE = re.compile(r"\* ?\(\*\)")

_OWNERS = {"user", "username", "account", "login", "principal", "owner", "uid", "client_id"}
_FUNCTION_WORDS = {
    "a", "an", "the", "this", "that", "all", "not", "is", "are", "was", "has", "have", "does", "can",
    "cannot", "could", "will", "with", "from", "for", "in", "on", "at", "to", "by", "and", "or", "already",
}  # fmt: skip
"""Words that no name is: a sentence goes on with them."""
_PREDICATES = {"unknown", "invalid", "new", "exists", "default"}
"""What is said of a user or an account, beside participles (see `_DONE`): `account unknown`."""
_COMPOUNDS = {
    "name", "names", "id", "ids", "data", "agent", "session", "account", "user", "login", "password",
    "request", "process", "service", "space", "mode", "level", "interface", "profile", "authentication",
    "attempt",
}  # fmt: skip
"""Nouns that make one term with the word before them, as English writes its terms: `user id`,
`login attempt`, `account name`."""
_NOT_A_NAME = _FUNCTION_WORDS | _PREDICATES | _COMPOUNDS
_KEPT = {
    "client", "host", "node", "server", "device", "queue", "topic", "job", "service", "module", "worker",
    "driver", "package", "instance", "interface", "pool", "table", "bucket", "cluster", "region",
}  # fmt: skip
_LEADING = {"by", "from", "for", "to", "of", "on", "with", "in"}
_CALLERS = _OWNERS | _KEPT | {"for", "by"}
_DONE = re.compile(r"[a-z]{2,}(?:ed|ing)")
_PHRASE_ENDS = {"from", "by", "on", "at", "port", "to", "in", "with", "failed", "succeeded"}
_VALUES = {"true", "false", "null", "nil", "undefined", "nan", "True", "False"}
_ANSWERS = {"yes", "no", "none", "None"}
_CALLS, _LOOKS_LIKE_VALUE = 1, 2
"""Roles of a word: what stands behind it may be a value, or it may be one itself."""
_STRIP = "()[]{}<>\"'`,;:.!?"


@lru_cache(maxsize=4096)
def skeleton_of(template: str) -> str:
    """Give the template with what a word's neighbours show to be a value replaced by `*`.

    A pure function of the template: kinds of values, units and the length of lists do not count,
    since the same statement logs an address here and a host name there.

    >>> skeleton_of("Failed password for root from <ip> port <n> ssh<n>")
    'Failed password for * from * port *'
    """
    text = template.replace("<quoted>", "<*>")
    if "<" in text:
        text = " ".join([_held[word] if "<" in word else word for word in text.split(" ")])
        text = _UNIT.sub("*", text)
        text = _SIZE_NOTE.sub("*", text)
    if "(" in text:
        text = _COMMAND.sub("CMD (*)", text)
    words = text.split(" ")
    roles = [_roles[each] for each in words]
    if any(roles):
        for index in range(1, len(words)):
            word = words[index]
            may_be_value = roles[index - 1] & _CALLS or roles[index] & _LOOKS_LIKE_VALUE
            if may_be_value and ANY not in word and _is_value(words, index):
                words[index] = word.replace(word.strip(_STRIP), ANY)
                roles[index] = 0
    text = _STARS.sub(ANY, " ".join(words))
    if len(text) > SKELETON_LIMIT or text.endswith("…"):
        text = text[:SKELETON_LIMIT].rpartition(" ")[0]
    return text.rstrip(" .,;:")


def _without_kind(word: str) -> str:
    return _LESS.sub(ANY, _HELD.sub(_star, word))


def _role(word: str) -> int:
    bare = word.strip(_STRIP)
    looks_like_value = bare in _VALUES or bare in _ANSWERS or word == f"({bare})"
    return (_CALLS if bare.lower() in _CALLERS else 0) | (_LOOKS_LIKE_VALUE if looks_like_value else 0)


def forget() -> None:
    """Forget what was worked out, as a new process would; no result depends on it."""
    skeleton_of.cache_clear()
    for memory in (_held, _roles):
        memory.forget()


def _star(found: re.Match[str]) -> str:
    text = found[0]
    # `key:<*>` keeps its key, as `key=<*>` does: the names of fields belong to the statement.
    head, colon, _ = text.partition(":<")
    trail = ":" if text.endswith(":") else ""
    if colon and head.isidentifier() and ("<" not in head):
        return f"{head}:*{trail}"
    return ANY + trail


def _is_value(words: list[str], index: int) -> bool:
    word = words[index]
    bare = word.strip(_STRIP)
    if bare in _VALUES:
        return True
    before = words[index - 1]
    if bare in _ANSWERS:
        return before[-1:] in ":="
    if not bare or before[-1:] in ",;.)]:" or bare.lower() in _NOT_A_NAME:
        return False
    after = words[index + 1].lower() if index + 1 < len(words) else ""
    if before.endswith(ANY) and word == f"({bare})":
        return bare.islower()
    if _DONE.fullmatch(bare):
        return False
    low = before.lower().strip(_STRIP)
    if low in _OWNERS or (low in _KEPT and index > 1 and words[index - 2].lower() in _LEADING):
        return not after or word[-1] in _STRIP or after in _PHRASE_ENDS or after[0] in "([*"
    if low in ("for", "by"):
        return after in ("from", "port", "by") or after.startswith("[")
    return False


_held: Memo[str, str] = Memo(_without_kind, WORDS_REMEMBERED)
_roles: Memo[str, int] = Memo(_role, WORDS_REMEMBERED)
