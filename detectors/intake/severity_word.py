"""Which severity does a line tell by itself? Level words where loggers put them, and numbers of levels."""

import re
from collections.abc import Mapping
from typing import Any

HEAD = 160
"""Characters in which a level is looked for: loggers write it before the message."""

_MOST_WORDS = 9
_WORDS = {
    "TRACE": "trace", "VERBOSE": "trace", "FINEST": "trace", "FINER": "trace", "TRCE": "trace",
    "VRB": "trace",
    "DEBUG": "debug", "FINE": "debug", "DBUG": "debug", "DBG": "debug", "DEBG": "debug",
    "INFO": "info", "INFORMATION": "info", "NOTICE": "info", "CONFIG": "info", "INF": "info", "LOG": "info",
    "WARN": "warn", "WARNING": "warn", "WRN": "warn",
    "ERROR": "error", "ERR": "error", "SEVERE": "error", "FAIL": "error",
    "FATAL": "fatal", "CRITICAL": "fatal", "CRIT": "fatal", "ALERT": "fatal", "EMERG": "fatal",
    "EMERGENCY": "fatal", "PANIC": "fatal", "FTL": "fatal",
}  # fmt: skip
_LETTERS = {"V": "trace", "D": "debug", "I": "info", "W": "warn", "E": "error", "F": "fatal"}
_BRACKETS = "[](){}<>|:,;*\"'"
_ALSO_WORDS = {"FINE", "FINER", "FINEST", "CONFIG", "LOG", "ALERT", "NOTICE", "VERBOSE"}
"""Levels that are common words too: `Config: …` tells no level."""

_CLOCK = re.compile(r"\d:\d\d")
_LETTERED = re.compile(r"([VDIWEF])(?:\d{4} \d\d:\d\d|/[\w.$-]+ ?[(:])")
_PRIORITY = re.compile(r"<(\d{1,3})>")
_KEYED = re.compile(r"(?:^|[\s,{])(?:level|lvl|severity)=\"?([A-Za-z]+)")
_REQUEST = re.compile(r"HTTP/\d(?:\.\d)?\" ([1-5]\d\d)\b")
# What may stand before a level: times, numbers, what is in brackets, names of hosts, threads, loggers.
_BEFORE = re.compile(
    r"\S*\d|[\[(|]|\S*[\])]:?$|[-|:*#]+$|\S+:$|[\w$]+(?:\.[\w$]+)+$"
    r"|(?:UTC|GMT|CES?T|[EP][SD]T|AM|PM|Mon|Tue|Wed|Thu|Fri|Sat|Sun"
    r"|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec),?$"
)
# RFC 5424, table 2: emergency, alert, critical, error, warning, notice, informational, debug.
_SYSLOG = ("fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug")
_HIGHEST_PRIORITY = 191
_TENS = ("trace", "debug", "info", "warn", "error", "fatal")
"""Levels of pino and bunyan, which count them in tens from 10."""


def severity_in(text: str) -> str | None:
    """Give the severity that a line of text tells, as one of our words; None where it tells none.

    Read are level words and letters before the message, `level=`, the priority of syslog (RFC 5424) and
    the status of an access log. A word of the message itself, as in "no errors", is not a severity.

    >>> severity_in("2026-05-12 13:00:00,123 [main] ERROR com.acme.Orders - disk full")
    'error'
    >>> severity_in("0 errors, ERROR=0") is None
    True
    """
    first = text[:1]
    if first == "<" and (sent := _PRIORITY.match(text)) and int(sent[1]) <= _HIGHEST_PRIORITY:
        return _SYSLOG[int(sent[1]) % 8]
    if first in _LETTERS and (lettered := _LETTERED.match(text)):
        return _LETTERS[lettered[1]]
    found = _before_the_message(text)
    if found is None and "=" in text and (keyed := _KEYED.search(text)):
        found = _WORDS.get(keyed[1].upper())
    if found is None and "HTTP/" in text and (request := _REQUEST.search(text)):
        found = "error" if request[1] >= "500" else "info"
    return found


def _before_the_message(text: str) -> str | None:
    seen_time = after_time = False
    for word in text[:HEAD].split(None, _MOST_WORDS)[:_MOST_WORDS]:
        if found := _word(word, seen_time, after_time):
            return found
        if not _BEFORE.match(word):
            if not after_time:
                return None
            after_time = False  # one word may stand there: the name of a host
            continue
        after_time = bool(_CLOCK.search(word))
        seen_time = seen_time or after_time
    return None


def _word(word: str, seen_time: bool, after_time: bool) -> str | None:
    bare = word.strip(_BRACKETS)
    if len(bare) == 1:
        return _LETTERS.get(bare) if seen_time or word[0] == "[" else None
    found = _WORDS.get(bare.upper())
    if found is not None:
        if bare.isupper() or after_time or word[0] == "[":
            return found
        return found if word != bare and bare.upper() not in _ALSO_WORDS else None
    # Python's `ERROR:root:message`, and `[core:error]` of Apache.
    head, _, tail = bare.partition(":")
    return _WORDS.get(head) or (_WORDS.get(tail.upper()) if word[0] == "[" else None)


def severity_of_level(level: Any) -> str | None:
    """Give the severity that a level field tells: a word, a number of pino's, or `{"name": …}`.

    A word that we do not know is given as it is.

    >>> severity_of_level("ERR"), severity_of_level(50), severity_of_level({"name": "WARNING"})
    ('error', 'error', 'warn')
    """
    if isinstance(level, Mapping):
        level = level.get("name") or level.get("level") or level.get("text")
    if isinstance(level, str) and level and not level.isdigit():
        return _WORDS.get(level.upper(), level)
    if isinstance(level, str) and level.isdigit() and len(level) <= 3:
        level = int(level)
    if isinstance(level, int) and not isinstance(level, bool) and 10 <= level <= 69:
        return _TENS[level // 10 - 1]
    return None


def severity_of_priority(priority: Any) -> str | None:
    """Give the severity of a number as syslog, journald and GELF count them (RFC 5424, table 2)."""
    text = str(priority)
    return _SYSLOG[int(text)] if text in set("01234567") else None
