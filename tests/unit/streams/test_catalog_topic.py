from datetime import UTC, datetime

from detectors.topology import Catalog
from models.catalog import CatalogEntry
from streams.catalog.catalog_topic import new_versions, version_key

NOW = datetime(2026, 6, 23, 12, 0, tzinfo=UTC)
EARLIER = datetime(2026, 6, 1, tzinfo=UTC)
YESTERDAY = datetime(2026, 6, 22, tzinfo=UTC)


def an_entry(owner: str = "team-a", effective_at: datetime | None = None) -> CatalogEntry:
    return CatalogEntry(service="cart", owner=owner, effective_at=effective_at)


def test_a_new_service_holds_from_the_start_unless_a_moment_is_given() -> None:
    assert new_versions(Catalog(), [an_entry()], None, NOW) == [an_entry()]
    assert new_versions(Catalog(), [an_entry()], EARLIER, NOW) == [an_entry(effective_at=EARLIER)]


def test_a_changed_service_holds_from_now_or_from_the_given_moment() -> None:
    known = Catalog([an_entry()])
    assert new_versions(known, [an_entry("team-b")], None, NOW) == [an_entry("team-b", NOW)]
    assert new_versions(known, [an_entry("team-b")], EARLIER, NOW) == [an_entry("team-b", EARLIER)]


def test_what_equals_the_version_that_holds_is_not_written_again() -> None:
    known = Catalog([an_entry(), an_entry("team-b", EARLIER)])
    assert new_versions(known, [an_entry("team-b")], None, NOW) == []


def test_a_return_to_an_older_version_is_a_change() -> None:
    known = Catalog([an_entry(), an_entry("team-b", EARLIER)])
    assert new_versions(known, [an_entry("team-a")], None, NOW) == [an_entry("team-a", NOW)]


def test_a_version_that_will_hold_later_is_no_reason_to_write_what_holds_now() -> None:
    known = Catalog([an_entry(), an_entry("team-b", NOW)])
    assert new_versions(known, [an_entry("team-a")], YESTERDAY, NOW) == []


def test_versions_of_a_service_have_keys_of_their_own() -> None:
    assert version_key(an_entry()) == "cart@start"
    assert version_key(an_entry(effective_at=NOW)) == "cart@2026-06-23T12:00:00Z"
