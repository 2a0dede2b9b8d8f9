"""Which parts of a text are secrets or personal data? They are replaced before anything is kept."""

from collections.abc import Iterable
from typing import Any

import msgspec

from detectors.intake import secret
from detectors.intake.national_id import NATIONAL_IDS
from detectors.intake.personal_number import PAYMENT_NUMBERS, hidden
from detectors.intake.pseudonym import Pseudonyms
from models.record import InvalidRecordError

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_JSON_LIMIT = 65_536
"""Characters up to which a text that looks like JSON is read as such, to find what is nested in it."""
_NESTED_LIMIT = 100
"""Levels of a JSON value: more than people send, few enough for every reader's stack."""


class Redactor:
    """Replaces secrets and personal values by typed placeholders, as an installation has configured it.

    What is remembered of redacted texts holds for one redactor only: redactors are compared and hashed by
    identity, so that a memory may be keyed by one. Its key is in no `repr`.
    """

    def __init__(self, *, pseudonym_key: str = "", national_ids: Iterable[str] = ()) -> None:
        """Choose what is looked for.

        Args:
            pseudonym_key: Makes e-mail addresses, card and account numbers and national ids countable (see
                `Pseudonyms`); empty: the placeholder tells their kind alone.
            national_ids: Names in `NATIONAL_IDS`.

        Raises:
            KeyError: A national id is not known.
        """
        chosen = set(national_ids)
        unknown = chosen - NATIONAL_IDS.keys()
        if unknown:
            raise KeyError(*sorted(unknown))
        self._hide = Pseudonyms(pseudonym_key).placeholder
        numbers = (*PAYMENT_NUMBERS, *(each for name, each in NATIONAL_IDS.items() if name in chosen))
        self._numbers = [(b"0" * each.digits, each) for each in numbers]
        self._row = min(row for row, _ in self._numbers)
        self._separators = bytes(sorted({*b"".join(each.separators for each in numbers)}))

    def redact(self, text: str) -> str:
        """Give the text with every secret and personal value replaced by a typed placeholder.

        Every pattern is bounded or cannot backtrack, so the time is linear in the length of the text.
        A clean line costs some substring searches and no regular expression.

        >>> Redactor().redact("login of jane@example.org with password=hunter22 failed")
        'login of <email> with password=<secret> failed'
        """
        lowered = text.lower()
        zeroed = text.encode("utf-8", "surrogatepass").translate(_ZEROS)
        has_names = secret.has_names(lowered)
        has_hints = secret.has_hints(text, lowered, zeroed)
        digits = zeroed.translate(None, self._separators)
        may_be_number = self._row in digits
        if not (has_names or may_be_number or has_hints):
            return text
        if has_names and text.lstrip()[:1] in ("{", "["):
            text = self._redact_json(text)
        if "private key" in lowered:
            text = secret.PRIVATE_KEY.sub("<private-key>", text)
        if "eyJ" in text:
            text = secret.JWT.sub(lambda found: "<jwt>" if found[1] else found[0], text)
        if has_hints:
            text = secret.VENDOR_TOKEN.sub("<token>", text)
        if "@" in text:
            if "://" in text:
                text = secret.BASIC_AUTH_URL.sub("<credentials>@", text)
            text = secret.without_emails(text, lambda address: self._hide("email", address))
        if "bearer " in lowered or "basic " in lowered or "digest " in lowered:
            text = secret.AUTHORIZATION.sub(r"\1 <secret>", text)
        if "cookie" in lowered:
            text = secret.COOKIE.sub(r"\1<secret>", text)
        if has_names:
            text = secret.ASSIGNMENT.sub(r"\1<secret>", text)
            text = secret.FLAG.sub(r"\1<secret>", text)
        if may_be_number:
            for row, number in self._numbers:
                if row in digits:
                    text = hidden(text, number, self._hide)
        return text

    def depends_on_digits(self, text: str) -> bool:
        """Tell whether the value of a digit may decide what is redacted, as it does in a checksum.

        It does only where something has the form of a number that is looked for, and no form asks for one
        digit and not for another: lines that differ in digits alone get the same answer.
        """
        zeroed = text.encode("utf-8", "surrogatepass").translate(_ZEROS)
        digits = zeroed.translate(None, self._separators)
        if self._row not in digits:
            return False
        shape = zeroed.decode("utf-8", "surrogatepass")
        return any(row in digits and each.form.search(shape) for row, each in self._numbers)

    def may_be_number(self, zeroed: bytes) -> bool:
        """Tell whether a text has enough digits in a row for any number that is looked for.

        Args:
            zeroed: The text in UTF-8, every digit a 0.
        """
        return self._row in zeroed.translate(None, self._separators)

    def redact_value(self, value: Any, name: str = "") -> Any:
        """Give a JSON value with every string in it redacted, and all that is behind a sensitive name.

        Raises:
            InvalidRecordError: The value is nested deeper than `_NESTED_LIMIT` levels.

        >>> Redactor().redact_value({"password": "x", "note": ["mail to a@b.io"]})
        {'password': '<secret>', 'note': ['mail to <email>']}
        """
        return self._clean(value, bool(secret.SENSITIVE_KEY.search(name)), 0)

    def _redact_json(self, text: str) -> str:
        """Redact a text that is JSON by its names, also what is nested; any other is given back as it is."""
        if len(text) > _JSON_LIMIT:
            return text
        try:
            value = msgspec.json.decode(text)
            clean = self.redact_value(value)
        except (msgspec.MsgspecError, InvalidRecordError, RecursionError, ValueError):
            return text
        return text if clean == value else msgspec.json.encode(clean).decode()

    def _clean(self, value: Any, is_secret: bool, level: int) -> Any:
        if level > _NESTED_LIMIT:
            raise InvalidRecordError(
                "nested_too_deep", f"the JSON is nested deeper than {_NESTED_LIMIT} levels"
            )
        if isinstance(value, dict):
            return {
                self.redact(str(key)): self._clean(
                    each, is_secret or bool(secret.SENSITIVE_KEY.search(str(key))), level + 1
                )
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._clean(each, is_secret, level + 1) for each in value]
        if is_secret:
            return value if value is None or isinstance(value, bool) or value == "" else "<secret>"
        if isinstance(value, str):
            return self.redact(value)
        if level > 1 and isinstance(value, int) and not isinstance(value, bool):
            # Not on the first level: the fields of an event that are numbers are none of anybody's.
            sent = str(value)
            clean = self.redact(sent)
            return value if clean == sent else clean
        return value
