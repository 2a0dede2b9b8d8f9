"""Which numbers in a text are of a card or an account? Those whose form and check digits say so."""

import re
from collections.abc import Callable
from typing import NamedTuple

# Leading digits and lengths of the card networks (ISO/IEC 7812-1): times and counters begin otherwise.
_CARD_NUMBER = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|5[0678]\d{10,17}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|6\d{15,18}"
)
_IBAN_LENGTH = 15
"""The shortest one, Norway's."""
_LUHN_MODULUS = 10


class PersonalNumber(NamedTuple):
    """A kind of number that belongs to one person or account."""

    kind: str
    """The word of its placeholder."""
    form: re.Pattern[str]
    """How it is written; it asks for no digit in particular (see `Redactor.depends_on_digits`)."""
    is_real: Callable[[str], bool]
    """Checks what has that form: its leading and check digits."""
    digits: int
    """It has at least so many digits in a row, its separators aside."""
    separators: bytes = b" -"
    """What may stand between these digits."""


def is_card(text: str) -> bool:
    """Check the network's digits and the Luhn digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(each) for each in text if each.isdigit()]
    if not _CARD_NUMBER.fullmatch("".join(map(str, digits))):
        return False
    doubled = [sum(divmod(2 * each, _LUHN_MODULUS)) for each in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % _LUHN_MODULUS == 0 and len(set(digits)) > 1


def is_iban(text: str) -> bool:
    """Check the length and the two check digits (ISO 13616, modulus 97)."""
    compact = text.replace(" ", "")
    number = "".join(str(int(each, 36)) for each in compact[4:] + compact[:4])
    return len(compact) >= _IBAN_LENGTH and int(number) % 97 == 1


PAYMENT_NUMBERS = (
    # The IBANs of the Netherlands and of Kazakhstan have just ten digits in a row (SWIFT, IBAN registry).
    PersonalNumber(
        "iban", re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b"), is_iban, 10
    ),
    PersonalNumber(
        "card",
        re.compile(
            r"(?<![\w.-])(?:\d{13,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{3})?|\d{4}[ -]\d{6}[ -]\d{4,5})(?![\w-])"
        ),
        is_card,
        10,
    ),
)
"""Looked for always, in this order."""


def hidden(text: str, number: PersonalNumber, hide: Callable[[str, str], str]) -> str:
    """Put a placeholder where a match, or what is left of it without its last words, is real.

    Args:
        text: Where it is looked for.
        number: What is looked for.
        hide: Gives the placeholder, by kind and match.
    """
    kept: list[str] = []
    done = 0
    found = number.form.search(text)
    while found is not None:
        whole = found[0]
        ends = [len(whole), *(at for at in range(len(whole) - 1, 0, -1) if whole[at] in " -")]
        length = next((each for each in ends if number.is_real(whole[:each])), 0)
        if length:
            kept += text[done : found.start()], hide(number.kind, whole[:length])
            done = found.start() + length
        # What is not real may hide a real one that begins at its next word.
        found = number.form.search(text, found.start() + (length or ends[-1]))
    return "".join([*kept, text[done:]])
