"""Which annotations of a catalog entity do severity, cost and routing rest on, and how are they written?"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

EXTERNAL = "headwater.dev/external"
"""Somebody else runs the service."""
CUSTOMER_FACING = "headwater.dev/customer-facing"
REVENUE_PATH = "headwater.dev/revenue-path"
COMPLIANCE = "headwater.dev/compliance"
SLO_AVAILABILITY = "headwater.dev/slo-availability"
SLA_AVAILABILITY = "headwater.dev/sla-availability"
SLA_CREDIT = "headwater.dev/sla-credit"
REVENUE_PER_MINUTE = "headwater.dev/revenue-per-minute"
TRANSACTIONS_PER_MINUTE = "headwater.dev/transactions-per-minute"
SECURITY_LIAISON = "headwater.dev/security-liaison"
COMPLIANCE_LIAISON = "headwater.dev/compliance-liaison"

DUTIES = ("patient-safety", "regulated-trading", "personal-data", "payment-cards")
"""What `headwater.dev/compliance` may list, separated by commas."""

_CONTACT = re.compile(r"@?([A-Za-z0-9_][A-Za-z0-9_./:-]{0,99})")
_MONEY = re.compile(r"(\d+(?:\.\d+)?) ([A-Z]{3})")


class Money(NamedTuple):
    """An amount in a currency (ISO 4217)."""

    amount: float
    currency: str


def yes(text: str) -> bool:
    """Read true or false."""
    if text.lower() not in ("true", "false"):
        raise ValueError('write "true" or "false"')
    return text.lower() == "true"


def duties(text: str) -> tuple[str, ...]:
    """Read a list of duties.

    >>> duties("personal-data, patient-safety")
    ('patient-safety', 'personal-data')
    """
    named = {each.strip().lower() for each in text.split(",") if each.strip()}
    if not named or not named <= set(DUTIES):
        raise ValueError(f"write some of {', '.join(DUTIES)}, separated by commas")
    return tuple(each for each in DUTIES if each in named)


def percent(text: str) -> float:
    """Read a share of requests (%)."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 50.0 <= value < 100.0:
        raise ValueError('write a percentage from 50 to below 100, for example "99.9"')
    return value


def rate(text: str) -> float:
    """Read a number per minute."""
    if not re.fullmatch(r"\d{1,12}(?:\.\d+)?", text):
        raise ValueError('write a number per minute, for example "120"')
    return float(text)


def money(text: str) -> Money:
    """Read an amount.

    >>> money("1250.50 EUR")
    Money(amount=1250.5, currency='EUR')
    """
    found = _MONEY.fullmatch(text.strip())
    if found is None or len(found[1]) > 15:
        raise ValueError('write an amount and a currency, for example "1250 EUR"')
    return Money(float(found[1]), found[2])


def contact(text: str) -> str:
    """Read a team or handle.

    >>> contact("@kim.lee")
    'kim.lee'
    """
    found = _CONTACT.fullmatch(text.strip())
    if found is None:
        raise ValueError('write a team or a handle in one word, for example "team-security"')
    return found[1]


READERS: dict[str, Callable[[str], Any]] = {
    CUSTOMER_FACING: yes,
    REVENUE_PATH: yes,
    COMPLIANCE: duties,
    SLO_AVAILABILITY: percent,
    SLA_AVAILABILITY: percent,
    SLA_CREDIT: money,
    REVENUE_PER_MINUTE: money,
    TRANSACTIONS_PER_MINUTE: rate,
    SECURITY_LIAISON: contact,
    COMPLIANCE_LIAISON: contact,
}
"""How each annotation is read; all raise ValueError with what to write instead."""


def value_of(annotations: Mapping[str, Any], name: str) -> Any:
    """Give the value of an annotation; None where it is absent.

    One that cannot be read counts as absent: files are refused for it before they get here
    (`headwater catalog`, `--catalog`), so only a producer that writes the topic itself can send one.
    """
    given = annotations.get(name)
    if given is None:
        return None
    try:
        return READERS[name](str(given))
    except ValueError:
        return None
