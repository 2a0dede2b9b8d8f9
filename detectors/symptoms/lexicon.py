"""Which log lines are matters of security or compliance?"""

import re
from enum import StrEnum
from functools import lru_cache

EXCERPT = 160
"""Characters of a masked excerpt: what happened fits, a document that was logged does not."""


class Sensitivity(StrEnum):
    """Why a line concerns those who watch over security and compliance."""

    CREDENTIAL_FAILURE = "credential_failure"
    PRIVILEGE_CHANGE = "privilege_change"
    DATA_EXPOSURE = "data_exposure"
    AUDIT_TAMPERING = "audit_tampering"


_TERMS = {
    # Many at once are guessing or stuffing of passwords, or a secret that expired everywhere.
    Sensitivity.CREDENTIAL_FAILURE: (
        r"(?:authentication|login|logon|password|credential)s? (?:check )?(?:failure|failed|rejected|denied)",
        r"failed (?:password|login|logon|authentication)",
        r"(?:invalid|bad|wrong|expired) (?:password|credential|api key|access token|token signature)",
        r"invalid user\b", r"account (?:is )?locked", r"brute.?force",
    ),
    # Who may do what is not changed by a fault; if it coincides with one, somebody has to know.
    Sensitivity.PRIVILEGE_CHANGE: (
        r"(?:granted|added|assigned|elevated|escalated)\b.{0,60}\b(?:admin|administrator|root|superuser|role|privilege)",
        r"privilege escalation", r"session opened for user root", r"\bsudo:",
        r"(?:role|permission|policy|acl) (?:binding )?(?:changed|modified|granted|attached)",
    ),
    # Words of a leak: notification duties have deadlines of days (GDPR, article 33: 72 hours).
    Sensitivity.DATA_EXPOSURE: (
        r"data (?:leak|breach|exfiltration|exposure)", r"(?:publicly|world).readable", r"public bucket",
        r"(?:exposed|leaked) (?:secret|credential|key|token|record)", r"(?:sending|logged) (?:pii|phi)\b",
    ),
    # Without its trail nothing else can be shown.
    Sensitivity.AUDIT_TAMPERING: (
        r"audit (?:log|trail|daemon)s? (?:was |has been )?(?:cleared|deleted|disabled|stopped|truncated)",
        r"(?:clear|delet|disabl|truncat|tamper)\w* (?:with )?(?:the )?audit (?:log|trail|logging)",
        r"(?:checksum|hash chain|integrity) .{0,40}audit",
    ),
}  # fmt: skip
_FOUND = {kind: re.compile("|".join(terms), re.IGNORECASE) for kind, terms in _TERMS.items()}
_VALUE = re.compile(r"\"[^\"]{0,200}\"|'[^']{0,200}'|(?<![\w<])(?=\S*\d)[^\s<>]{1,200}")
_NAMED = re.compile(
    r"\b(user|account|role|customer|tenant|for)([ =:]+)(?!user\b|account\b|<)[^\s,;]{1,200}", re.IGNORECASE
)


@lru_cache(4_096)
def sensitivities(text: str) -> tuple[str, ...]:
    """Name what a line or template touches, in a fixed order; empty: nothing.

    >>> sensitivities("Failed password for invalid user root from <ip>")
    ('credential_failure',)
    """
    return tuple(kind.value for kind, terms in _FOUND.items() if terms.search(text[:2_000]))


def masked_excerpt(line: str) -> str:
    """Give a line without its values: what is quoted, what has digits, and who is named.

    >>> masked_excerpt("Failed password for ada from 10.0.0.1 with 'x y'")
    'Failed password for <masked> from <masked> with <masked>'
    """
    masked = _NAMED.sub(r"\1\2<masked>", _VALUE.sub("<masked>", line[:2_000]))
    return masked if len(masked) <= EXCERPT else f"{masked[: EXCERPT - 1]}…"


def shown(template: str) -> str:
    """Give a template as it may be shown: masked where it is sensitive."""
    return masked_excerpt(template) if sensitivities(template) else template
