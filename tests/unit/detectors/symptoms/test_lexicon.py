import pytest

from detectors.symptoms.lexicon import masked_excerpt, sensitivities


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Failed password for invalid user root", "credential_failure"),
        ("authentication failure; rhost=gate", "credential_failure"),
        ("granted role admin to ada", "privilege_change"),
        ("session opened for user root by (uid=0)", "privilege_change"),
        ("bucket is publicly readable", "data_exposure"),
        ("audit log was cleared", "audit_tampering"),
    ],
)
def test_what_concerns_security_is_known(line: str, kind: str) -> None:
    assert kind in sensitivities(line)


@pytest.mark.parametrize(
    "line",
    [
        "order placed", "connection refused", "cache key expired", "login page rendered",
        "user profile updated", "audit log written", "data export finished", "token bucket refilled",
    ],
)  # fmt: skip
def test_what_is_everyday_is_not_marked(line: str) -> None:
    assert sensitivities(line) == ()


def test_an_excerpt_shows_neither_quoted_values_nor_numbers_nor_names() -> None:
    excerpt = masked_excerpt("login failed for ada id=4711 card '4242 4242' reason \"born 1990\"")
    assert not any(each in excerpt for each in ("ada", "4711", "4242", "1990"))
    assert "login failed" in excerpt
