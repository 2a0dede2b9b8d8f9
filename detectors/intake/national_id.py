"""Which numbers in a text are a person's, as states give them? Only those that an installation asks for.

Each rule is public, and python-stdnum, which names its sources, does the arithmetic. Only ids are here whose
check needs no date of today. A check digit lets one number of ten or so pass that merely has the form: where
a log is full of bare numbers of that length, such an id takes some of them too.
"""

import re

from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.us import ssn

from detectors.intake.personal_number import PersonalNumber


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])")


_ALL = (
    # Receita Federal, Instrução Normativa RFB 2172/2024: 9 digits and two check digits modulo 11.
    PersonalNumber("br-cpf", _form(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"), cpf.is_valid, 11, b" -."),
    # Employment Insurance Act, section 138: 9 digits, the last by Luhn.
    PersonalNumber("ca-sin", _form(r"\d{3}[ -]?\d{3}[ -]?\d{3}"), sin.is_valid, 9),
    # AHVV (SR 831.101), article 133 and following: 756, 9 digits and the check digit of EAN-13.
    PersonalNumber("ch-ahv", _form(r"\d{3}\.?\d{4}\.?\d{4}\.?\d{2}"), ahv.is_valid, 13, b" -."),
    # Abgabenordnung § 139a, 139b: 11 digits, one of the first ten twice or thrice, the last by ISO 7064
    # MOD 11,10.
    PersonalNumber("de-steuer-id", _form(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"), idnr.is_valid, 11),
    # Real Decreto 1065/2007, article 19: 8 digits and the letter of the remainder by 23.
    PersonalNumber("es-dni", _form(r"\d{8}[ -]?[A-Za-z]"), dni.is_valid, 8),
    # Orden INT/2058/2008: X, Y or Z, 7 digits and the letter of the remainder by 23.
    PersonalNumber("es-nie", _form(r"[XYZxyz][ -]?\d{7}[ -]?[A-Za-z]"), nie.is_valid, 7),
    # Décret 82-103: sex, year, month, place (2A and 2B in Corsica), order, and 97 less the remainder.
    PersonalNumber(
        "fr-nir", _form(r"\d ?\d\d ?\d\d ?(?:\d\d|\d[ABab]) ?\d{3} ?\d{3} ?\d{2}"), nir.is_valid, 8
    ),
    # NHS Data Dictionary, NHS NUMBER: 9 digits and a check digit modulo 11.
    PersonalNumber("gb-nhs", _form(r"\d{3}[ -]?\d{3}[ -]?\d{4}"), nhs.is_valid, 10),
    # UIDAI, A UID Numbering Scheme: 12 digits, the last by Verhoeff, the first neither 0 nor 1.
    PersonalNumber("in-aadhaar", _form(r"\d{4}[ -]?\d{4}[ -]?\d{4}"), aadhaar.is_valid, 12),
    # Decreto ministeriale of 23 December 1976: letters of the name, birth, place and a check letter.
    PersonalNumber(
        "it-codice-fiscale",
        _form(r"[A-Za-z]{6}[\dA-Za-z]{2}[A-Za-z][\dA-Za-z]{2}[A-Za-z][\dA-Za-z]{3}[A-Za-z]"),
        codicefiscale.is_valid,
        0,
    ),
    # Wet algemene bepalingen burgerservicenummer: 9 digits that pass the test of eleven.
    PersonalNumber("nl-bsn", _form(r"\d{9}|\d{4}[ .]\d{2}[ .]\d{3}"), bsn.is_valid, 9, b" -."),
    # Ustawa o ewidencji ludności, article 15: 11 digits, the last from the weights 1, 3, 7, 9.
    PersonalNumber("pl-pesel", _form(r"\d{11}"), pesel.is_valid, 11),
    # Social Security Administration, POMS RM 10201: area, group and serial, none of them of zeros; no check
    # digit, hence only with its hyphens.
    PersonalNumber("us-ssn", _form(r"\d{3}-\d{2}-\d{4}"), ssn.is_valid, 9),
)

NATIONAL_IDS = {each.kind: each for each in _ALL}
"""By the name that an installation configures, the country's code first; looked for in this order."""
