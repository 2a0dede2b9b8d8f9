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
    # Many at once are guessing or stuffing of passwords (T1110), or a secret that expired everywhere.
    Sensitivity.CREDENTIAL_FAILURE: (
        (r"(?:authentication|login|logon|sign.?in|password|credential)s? (?:check |attempts? )?"
         r"(?:failure|failed|rejected|denied|blocked)"),
        r"failed (?:password|login|logon|sign.?in|authentication)",
        (r"(?:invalid|bad|wrong|incorrect|expired) (?:username or |user or )?"
         r"(?:password|credential|api key|access token|token signature|jwt|client secret)"),
        r"(?:jwt|access token|api key) (?:is |has |was )?(?:expired|invalid|revoked)", r"bad.?credentials",
        r"invalid user\b", r"account (?:is |was |has been )?locked", r"brute.?force", r"credential stuffing",
        (r"(?:too many|maximum|repeated) (?:failed )?"
         r"(?:login|logon|authentication|password) (?:attempts|failures)"),
        r"permission denied \((?:publickey|password|keyboard)", r"access denied for user\b",
        r"pre-?authentication failed", r"\bauthn_(?:login_fail|login_lock|password_change_fail|token_reuse)",
    ),
    # Who may do what is not changed by a fault (T1098, T1548); beside one, somebody has to know.
    Sensitivity.PRIVILEGE_CHANGE: (
        (r"(?:granted|added|assigned|elevated|escalated|promoted)\b.{0,60}"
         r"\b(?:admin|administrator|root|superuser|sudoers|wheel|role|privileges?)\b"),
        r"privilege escalation", r"session opened for user root", r"\bsudo(?:\[[^\]]{0,20}\])?:",
        r"not in sudoers",
        (r"(?:role|permission|policy|acl)s? (?:binding )?(?:was |were |has been )?"
         r"(?:changed|modified|granted|attached|revoked)"),
        r"(?:clusterrole|role)binding\b.{0,60}\b(?:created|patched|updated)",
        r"\b(?:authz_admin|authz_change|privilege_permissions_changed)",
    ),
    # Words of a leak (T1530, T1567): notification duties have deadlines of days (GDPR, article 33: 72 hours).
    Sensitivity.DATA_EXPOSURE: (
        r"data (?:leak|breach|exfiltration|exposure)", r"exfiltrat(?:ed|ion)", r"(?:publicly|world).readable",
        r"public bucket", r"(?:exposed|leaked) (?:secret|credential|key|token|record|personal data)",
        r"(?:sending|logged) (?:pii|phi)\b", r"unauthori[sz]ed (?:disclosure|export|download)",
        r"(?:unencrypted|plain.?text|clear.?text) (?:password|credential|secret|card number|pii|phi)",
        (r"(?:pii|phi|card number|cvv|social security number)s? (?:found |written |present )?(?:in|to) "
         r"(?:the |a )?(?:log|response|url|public)"),
    ),
    # Without its trail nothing else can be shown (T1070.001, T1562.008).
    Sensitivity.AUDIT_TAMPERING: (
        (r"(?:audit|security|event) (?:log|trail|daemon)s? (?:was |has been )?"
         r"(?:cleared|deleted|disabled|stopped|truncated)"),
        r"(?:clear|delet|disabl|truncat|tamper)\w* (?:with )?(?:the )?audit (?:log|trail|logging)",
        r"(?:checksum|hash chain|integrity) .{0,40}audit", r"\bsys_monitor_disabled",
    ),
}  # fmt: skip
"""What lines say, by kind. Sources: OWASP Logging Vocabulary Cheat Sheet (names as `authn_login_fail`);
MITRE ATT&CK, whose techniques are given; the messages of sshd, PAM, sudo, Kerberos, SQL servers and web
frameworks."""

_FOUND = {kind: re.compile("|".join(terms), re.IGNORECASE) for kind, terms in _TERMS.items()}
_VALUE = re.compile(r"\"[^\"]{0,200}\"|'[^']{0,200}'|(?<![\w<])(?=\S*\d)[^\s<>]{1,200}")
_NAMED = re.compile(
    r"\b(user|account|role|customer|tenant|for|to|by)([ =:]{1,3})(?!user\b|account\b|<)"
    r"[^\s,;=:][^\s,;]{0,200}",
    re.IGNORECASE,
)


@lru_cache(4_096)
def sensitivities(text: str) -> tuple[str, ...]:
    """Name what a line or template touches, in a fixed order; empty: nothing.

    >>> sensitivities("Failed password for invalid user root from <ip>")
    ('credential_failure',)
    """
    return tuple(kind.value for kind, terms in _FOUND.items() if terms.search(text[:2_000]))


@lru_cache(4_096)
def is_credential_failure(text: str) -> bool:
    """Tell whether a line or template says that somebody or something failed to prove who it is."""
    return _FOUND[Sensitivity.CREDENTIAL_FAILURE].search(text[:2_000]) is not None


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
