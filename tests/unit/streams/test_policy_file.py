"""A mistake in a policy file is told with its file, line and field, and what to do."""

from pathlib import Path

import pytest

from models.measure import Measure
from streams.policy_file import SHIPPED, PolicyError, read

GIVEN = SHIPPED.read_text(encoding="utf-8")


def edited(folder: Path, old: str, new: str) -> tuple[Path, int]:
    """Write the shipped policy with one change; give the file and the line of the change."""
    assert GIVEN.count(old) >= 1
    path = folder / "policy.yaml"
    path.write_text(GIVEN.replace(old, new, 1), encoding="utf-8")
    return path, GIVEN[: GIVEN.index(old)].count("\n") + 1


IMPACT = "severity.impact[0]"
SHARE = "error_share: {at_least: 20, sample: 100}"
LEVEL = "      impact: extensive"
NONE = "calendar: []"
TENANTS = "key_tenants: []"
MINOR = "minor: {high: SEV4, medium: SEV4, low: SEV4}"


@pytest.mark.parametrize(
    ("old", "new", "field", "told"),
    [
        (LEVEL, "      impact: huge", f"{IMPACT}.impact", "Invalid enum value 'huge'"),
        (LEVEL, "      impct: extensive", IMPACT, "unknown field `impct`"),
        ("    - rule: outage\n", "    - rule: Out age\n", IMPACT, "lower case with underscores"),
        (SHARE, "error_shar: 20", f"{IMPACT}.when", "'error_shar'"),
        (SHARE, "error_share: true", IMPACT, "a number (%)"),
        (SHARE, "error_share: {sample: 30}", f"{IMPACT}.when", "at_least"),
        (SHARE, "error_share: {at_most: -1}", f"{IMPACT}.when.at_most", "a number from 0"),
        (SHARE, "error_share: {at_least: 20, sample: 1.5}", f"{IMPACT}.when.sample", "`int | null`"),
        (SHARE, "failing_services: 2.5", IMPACT, "a whole number from 1 (services)"),
        (SHARE, "tier: {at_most: 0}", IMPACT, "a whole number from 1 (tier)"),
        ("unanswered_min: {SEV1: 5", "unanswered_min: {SEV1: -5", "escalation.unanswered_min", ">= 0.5"),
        (TENANTS, "key_tenants: ['']", "key_tenants[0]", "length >= 1"),
        (SHARE, "error_share: 120", IMPACT, "a share from 0 to 100 (%)"),
        (SHARE, "error_share: {at_least: 5, at_most: 2}", f"{IMPACT}.when.at_least", "nothing lies between"),
        ("sent_severity: emergency", "sent_severity: purple", "severity.impact[3]", "one of emergency"),
        ("    - rule: second_region", "    - rule: outage", "severity", "got outage twice"),
        (MINOR, "minor: {high: SEV4}", "severity", "minor and medium"),
        ("extensive: {high: SEV1", "extensive: {high: SEV3", "severity", "as severe for extensive as"),
        ("clearly: 0.8", "clearly: 8", "severity", "`clearly` from 0.1 to 1"),
        ("name: shipped", "nam: shipped", "the whole file", "unknown field `nam`"),
        (NONE, "calendar: [{name: rush, kind: peak, from: 9:30}]", "calendar[0].from", "in quotes"),
        (NONE, "calendar: [{name: rush, kind: peak, from: '25:00'}]", "calendar[0]", "'25:00'"),
        (NONE, "calendar: [{name: x, kind: peak, from: '09:00', to: '09:00'}]", "calendar[0]", "to differ"),
        (NONE, "calendar: [{name: rush, kind: peak, timezone: Mars}]", "calendar[0]", "IANA name"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_field(
    tmp_path: Path, old: str, new: str, field: str, told: str
) -> None:
    path, line = edited(tmp_path, old, new)
    with pytest.raises(PolicyError) as raised:
        read(path)
    message = raised.value.message
    assert told in message
    assert f", {field}: " in message
    if (
        field != "severity" or "twice" in told
    ):  # where several rows contradict each other, the table is what is named
        assert f", line {line}, " in message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: shipped", "name: shipped\nname: other", "name stands here twice, first in line"),
        ("name: shipped", "name: [shipped", "not YAML"),
        (NONE, "calendar: [{name: sale, kind: peak, first_date: 2026-13-01}]", "month must be in"),
    ],
)
def test_what_is_no_yaml_or_ambiguous_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path, _ = edited(tmp_path, old, new)
    with pytest.raises(PolicyError, match=r", line \d+: ") as raised:
        read(path)
    assert told in raised.value.message


def test_a_file_that_is_not_there_is_told_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="HEADWATER_POLICY or --policy"):
        read(tmp_path / "none.yaml")


def test_an_empty_file_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(PolicyError, match="the whole file"):
        read(tmp_path / "empty.yaml")


def test_the_digest_names_the_rules_and_not_their_layout(tmp_path: Path) -> None:
    shipped = read()
    comment, _ = edited(tmp_path, "name: shipped", "# mine\nname:   shipped")
    assert read(comment).digest == shipped.digest
    other, _ = edited(tmp_path, "at_least: 20", "at_least: 25")
    assert read(other).digest != shipped.digest


def test_every_measure_is_explained_where_the_policy_says_so(repository: Path) -> None:
    explained = (repository / "deploy" / "README.md").read_text(encoding="utf-8")
    assert [each.value for each in Measure if f"`{each.value}`" not in explained] == []
