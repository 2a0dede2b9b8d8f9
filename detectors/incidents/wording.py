"""How are numbers, times, quotations and people written for somebody who reads at 3 am?"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

QUOTE_LIMIT = 160
"""Characters of a quoted text: two lines on a telephone."""

PERCENT_UNITS = ("%", "percent", "pct")
RATIO_UNITS = ("ratio", "fraction")

_COUNTED = ("lines", "requests", "errors", "spans", "records", "calls", "signals", "services")
"""Units that lose their s where there is one of them."""

_ROLES = {
    "on-call": "the on-call responder",
    "oncall": "the on-call responder",
    "primary": "the primary on-call responder",
    "secondary": "the secondary on-call responder",
    "incident-commander": "the incident commander",
    "commander": "the incident commander",
    "ic": "the incident commander",
    "sre": "an SRE",
    "dba": "a database administrator",
    "support": "support",
    "security": "security",
    "duty-manager": "the duty manager",
    "automation": "an automation",
    "bot": "an automation",
}
"""Actor fields that name a role for certain; any other may be a person's name."""

_MACHINES = {"bot", "ci", "cd", "automation", "pipeline", "actions", "alertmanager", "webhook", "system"}
"""Last words of accounts that nobody can ask, such as deploy-bot and dependabot[bot]."""

_MOST_WRITTEN_OUT = 1e15
"""Above it a number is told by its power of ten: nobody counts sixteen digits."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z][a-z0-9]+|[0-9]xx")
_MENTION = re.compile(r"(?<![\w/.])@[A-Za-z][\w.-]*")
_BYTE_STEPS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def number(value: float) -> str:
    """Write a number with three significant digits, thousands apart.

    >>> number(0.1834), number(18.0), number(1240.2), number(1e308)
    ('0.183', '18', '1,240', '1e+308')
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < _MOST_WRITTEN_OUT else f"{value:.3g}"


def quantity(value: float, unit: str | None) -> str:
    """Write a value with its unit; ratios become per cent, long milliseconds seconds.

    >>> quantity(0.18, "ratio"), quantity(18, "%"), quantity(3200, "ms"), quantity(1240, "lines")
    ('18 %', '18 %', '3.2 s', '1,240 lines')
    """
    match (unit or "").strip().lower():
        case "" | "1":
            return number(value)
        case "ratio" | "fraction":
            return f"{number(value * 100)} %"
        case "%" | "percent" | "pct":
            return f"{number(value)} %"
        case "ms" | "milliseconds":
            return f"{number(value / 1000)} s" if abs(value) >= 1000 else f"{number(value)} ms"
        case "s" | "seconds":
            return f"{number(value)} s"
        case "b" | "byte" | "bytes":
            step, name = next((each for each in _BYTE_STEPS if abs(value) >= each[0]), (1.0, "bytes"))
            return f"{number(value / step)} {name}"
        case counted:
            return f"1 {counted[:-1]}" if value == 1 and counted in _COUNTED else f"{number(value)} {unit}"


def as_ratio(value: float, unit: str | None) -> float | None:
    """Give a share between 0 and 1; None where the unit does not say that it is one."""
    word = (unit or "").strip().lower()
    if word in PERCENT_UNITS:
        return value / 100
    return value if word in RATIO_UNITS else None


def span(length: timedelta) -> str:
    """Write a length of time in its two largest units at most.

    >>> span(timedelta(seconds=40)), span(timedelta(minutes=34)), span(timedelta(minutes=125))
    ('40 seconds', '34 minutes', '2 hours 5 minutes')
    """
    seconds = abs(int(length.total_seconds()))
    if seconds < 60:
        return _count(seconds, "second")
    minutes = seconds // 60
    if minutes < 60:
        return _count(minutes, "minute")
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _count(hours, "hour") + (f" {_count(minutes, 'minute')}" if minutes else "")
    return _count(hours // 24, "day")


def ago(moment: datetime, as_of: datetime) -> str:
    """Say how long before the moment of the decision something was.

    >>> ago(datetime(2026, 6, 23, 9, 0, tzinfo=UTC), datetime(2026, 6, 23, 9, 34, tzinfo=UTC))
    '34 minutes ago'
    """
    return f"{span(as_of - moment)} ago" if moment <= as_of else f"{span(moment - as_of)} later"


def clock(moment: datetime, as_of: datetime | None = None) -> str:
    """Write the time of day, with seconds where there are any, and with its date where a reader needs it.

    Args:
        moment: What is told of (event time).
        as_of: The moment from which it is told (event time); on another day than this the date is told, too.

    >>> clock(datetime(2026, 6, 23, 9, 42, tzinfo=UTC)), clock(datetime(2026, 6, 23, 9, 42, 5, tzinfo=UTC))
    ('09:42 UTC', '09:42:05 UTC')
    >>> clock(datetime(2026, 6, 23, 9, 42, tzinfo=UTC), datetime(2026, 6, 24, 0, 10, tzinfo=UTC))
    '2026-06-23 09:42 UTC'
    """
    if as_of is not None and moment.astimezone(UTC).date() != as_of.astimezone(UTC).date():
        return day_and_clock(moment)
    return moment.astimezone(UTC).strftime("%H:%M:%S UTC" if moment.second else "%H:%M UTC")


def day_and_clock(moment: datetime) -> str:
    """Write day and time of day, to the minute."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def cut(text: str, limit: int = QUOTE_LIMIT) -> str:
    """Bring a text to one line of at most that many characters; what is missing shows as "…".

    >>> cut("payment  declined", 10)
    'payment d…'
    """
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def quoted(text: str, *people: str | None) -> str:
    """Quote somebody else's words, cut visibly, without the names of people and mentions."""
    return f"“{cut(without_people(text, people))}”"


def without_people(text: str, people: Sequence[str | None]) -> str:
    """Put "a responder" in the place of handles that stand in a text, as written or as a name.

    >>> without_people("asked kim.lee, Kim Lee agreed, Kim and @jo look", ["kim.lee"])
    'asked a responder, a responder agreed, a responder and a responder look'
    """
    for person in people:
        if person and len(person) > 2 and role(person) is None:
            parts = [re.escape(part) for part in re.split(r"[\s._-]+", person) if part]
            name = re.compile(rf"(?<!\w){r'[ ._-]+'.join(parts)}(?!\w)", re.IGNORECASE)
            text = name.sub("a responder", text) if parts else text
            # Of a part only with a capital: handles are made of ordinary words too.
            for part in [each.capitalize() for each in parts if len(parts) > 1 and len(each) > 2]:
                text = re.sub(rf"(?<!\w){part}(?!\w)", "a responder", text)
    return _MENTION.sub("a responder", text)


def role(actor: str | None) -> str | None:
    """Give the phrase for an actor that is a role for certain; None: it may be a person."""
    return _ROLES.get(re.sub(r"[\s_]+", "-", (actor or "").strip().lower()))


def is_handle(actor: str | None) -> bool:
    """Tell whether an actor is somebody who can be asked: no role, no machine, no redacted address.

    >>> [is_handle(each) for each in ("kim.lee", "on-call", "deploy-bot", "dependabot[bot]", "Kim Lee")]
    [True, False, False, False, False]
    """
    name = (actor or "").strip()
    is_asked = role(name) is None and not is_machine(name)
    return bool(name) and is_asked and not any(each in name for each in "<> @")


def is_machine(actor: str | None) -> bool:
    """Tell whether nobody stands behind an actor: what it acknowledges nobody has seen.

    >>> [is_machine(each) for each in ("bot", "auto-bot", "dependabot[bot]", "alertmanager", "kim.lee", None)]
    [True, True, True, True, False, False]
    """
    name = (actor or "").strip().lower()
    return re.split(r"[\W_]+", name.rstrip("]"))[-1] in _MACHINES


def actor_phrase(actor: str | None) -> str:
    """Name who acted without naming a person."""
    return role(actor) or ("an automation" if is_machine(actor) else "a responder")


def words(text: str) -> list[str]:
    """Split names, paths and sentences into lower-case words, in order.

    >>> words("pkg/cache/DefaultConfig.go http_5xx")
    ['pkg', 'cache', 'default', 'config', 'go', 'http', '5xx']
    """
    return _WORD.findall(_CAMEL.sub(" ", text).lower().replace("_", " "))


def listed(parts: Sequence[str]) -> str:
    """Join clauses as one says them.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b, and c')
    """
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    stripped = text.strip()
    return stripped[:1].upper() + stripped[1:] + ("" if stripped.endswith((".", "?", "!")) else ".")


def _count(many: int, unit: str) -> str:
    return f"{many:,} {unit}" if many == 1 else f"{many:,} {unit}s"
