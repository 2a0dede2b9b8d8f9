"""Does what fails say that a name is missing which a change removed, or began to use?

Method: names that a difference drops, or has for the first time, are looked for in failing lines that
speak of something missing, however they are joined ("dashboard_favorites", "dashboardFavorites"). Weakness:
a name that is built at run time is not found.
"""

import re

from detectors.incidents import blast_radius
from detectors.incidents.cause.diff import Reading
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import evidence_id
from detectors.incidents.wording import cut, words

_MISSING = re.compile(
    r"(?i)\b(missing|not found|no such|does ?n.?t exist|does not exist|unknown|undefined|unresolved|"
    r"not (?:set|defined|registered|present|available|implemented)|no (?:attribute|property|method|field)|"
    r"nosuch\w+|cannot find|could not find|unexpected|unrecogni[sz]ed|keyerror|attributeerror|nameerror|"
    r"required|404)\b"
)
_SHORTEST = 5
"""Letters of a name: shorter ones are words of every program."""


def weigh(weighing: Weighing, cited: list[str], read: Reading) -> None:
    """Weigh the longest name of a change that a failing line says is missing."""
    incident = weighing.situation.incident
    said = [
        (f"{each.worst.text} {each.worst.sample}", each.worst.event_id)
        for each in blast_radius.tracks(incident)
    ]
    said += [
        (f"{each.first.name} {each.first.summary or ''}", each.first.event_id)
        for each in blast_radius.episodes(incident)
    ]
    services = {_compact(each) for each in blast_radius.services(incident)}
    for text, event_id in sorted(said):
        if _MISSING.search(text) is None:
            continue
        named = {_compact(word) for word in [*re.findall(r"[\w.-]+", text), *re.findall(r"\w+", text)]}
        found = sorted(
            (name for name in read.names if _is_telling(name, services) and _compact(name) in named),
            key=lambda each: (-len(each), each),
        )
        if found:
            told = f"what fails says that “{cut(found[0], 40)}” is missing, which it removed or began to use"
            weighing.weigh("missing_name", CAUSE.missing_name, told, [*cited, evidence_id(event_id)])
            return


def _is_telling(name: str, services: set[str]) -> bool:
    compact = _compact(name)
    return len(compact) >= _SHORTEST and compact not in services and compact not in _COMMON


def _compact(name: str) -> str:
    return "".join(words(name))


_COMMON = {
    "attribute", "class", "column", "config", "const", "error", "errors", "exception", "field", "fields",
    "found", "function", "import", "index", "message", "method", "missing", "object", "property", "request",
    "required", "response", "return", "service", "string", "table", "undefined", "unknown", "value",
}  # fmt: skip
"""Words of programs and of their errors."""
