import pytest

from detectors.intake.origin import origin_of


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (
            "Failed password for invalid user ada from 10.0.0.1 port 51012 ssh2",
            "Failed password for invalid user ada from 10.0.0.1 port 51999 ssh2",
        ),
        (
            "authentication failure; logname= uid=0 rhost=203.0.113.9 user=root",
            "authentication failure; logname= uid=7 rhost=203.0.113.9 user=root",
        ),
        ("login failed user=ada ip=10.0.0.1 after 3 ms", "login failed user=ada ip=10.0.0.1 after 900 ms"),
        ('password authentication failed for user "app"', 'password authentication failed for user "app"'),
    ],
)
def test_the_same_source_and_actor_are_known_again(one: str, same: str) -> None:
    assert origin_of(one, None) == origin_of(same, None) != {}


def test_other_sources_and_actors_are_told_apart() -> None:
    lines = [f"Failed password for {name} from 10.0.0.{n}" for name in ("root", "ada") for n in range(9)]
    found = [origin_of(line, None) for line in lines]
    assert len({each["source"] for each in found}) == 9
    assert len({each["actor"] for each in found}) == 2


def test_neither_address_nor_name_can_be_read_from_what_is_told() -> None:
    told = str(
        origin_of("login failed for ada from 10.0.0.1", {"client.address": "192.0.2.7", "user.id": "u77"})
    )
    assert not any(each in told for each in ("ada", "10.0.0.1", "192.0.2.7", "u77"))


def test_attributes_go_before_the_text() -> None:
    text = "login failed from 10.0.0.1"
    assert origin_of(text, {"client.address": "192.0.2.7"}) != origin_of(text, None)
