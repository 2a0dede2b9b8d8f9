import pytest

from detectors.intake.lexicon import masked_excerpt, sensitivities


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Failed password for invalid user root", "credential_failure"),
        ("authentication failure; rhost=gate", "credential_failure"),
        ("granted role admin to ada", "privilege_change"),
        ("session opened for user root by (uid=0)", "privilege_change"),
        ("bucket is publicly readable", "data_exposure"),
        ("audit log was cleared", "audit_tampering"),
        ("Permission denied (publickey).", "credential_failure"),
        ("Access denied for user 'app'@'db' (using password: YES)", "credential_failure"),
        ("BadCredentialsException: Bad credentials", "credential_failure"),
        ("PAM: too many authentication failures for root", "credential_failure"),
        ("authn_login_fail:joebob1", "credential_failure"),
        ("api key has expired", "credential_failure"),
        ("sudo[4711]: deploy : TTY=pts/0 ; USER=root ; COMMAND=/bin/sh", "privilege_change"),
        ("joe : user NOT in sudoers ; TTY=pts/0", "privilege_change"),
        ("rolebinding ops-admin created", "privilege_change"),
        ("plaintext password written to request dump", "data_exposure"),
        ("card number found in the log of checkout", "data_exposure"),
        ("The security log was cleared", "audit_tampering"),
    ],
)
def test_what_concerns_security_is_known(line: str, kind: str) -> None:
    assert kind in sensitivities(line)


@pytest.mark.parametrize(
    "line",
    [
        "order placed", "connection refused", "cache key expired", "login page rendered",
        "session token refreshed", "invalid request body", "permission check passed", "role is leader",
        "password reset mail sent", "admin page rendered", "policy loaded", "log rotated, old files deleted",
        "user profile updated", "audit log written", "data export finished", "token bucket refilled",
    ],
)  # fmt: skip
def test_what_is_everyday_is_not_marked(line: str) -> None:
    assert sensitivities(line) == ()


def test_an_excerpt_shows_neither_quoted_values_nor_numbers_nor_names() -> None:
    excerpt = masked_excerpt("login failed for ada id=4711 card '4242 4242' reason \"born 1990\"")
    assert not any(each in excerpt for each in ("ada", "4711", "4242", "1990"))
    assert "login failed" in excerpt
