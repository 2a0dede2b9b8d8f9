from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.topology import Catalog
from models.catalog import DEFAULT_SCOPE, CatalogEntry
from tests.unit.detectors.incidents.builders import at

NOW = at("12:00")


def an_entry(service: str, *, calls: str = "", **fields: Any) -> CatalogEntry:
    fields = {"owner": f"team-{service}", "scope": "shop"} | fields
    return CatalogEntry(service=service, depends_on=calls.split(), **fields)


CHAIN = Catalog(
    [
        an_entry("web", calls="checkout"),
        an_entry("checkout", calls="orders payments"),
        an_entry("payments", calls="card-network ledger"),
        an_entry("orders", calls="ledger"),
        an_entry("ledger", calls="web"),
        an_entry("reports", scope="back office"),
    ]
)


def test_a_version_holds_from_its_time_on() -> None:
    catalog = Catalog(
        [an_entry("web", owner="old"), an_entry("web", owner="new", effective_at=NOW, scope="portal")]
    )
    before = NOW - timedelta(microseconds=1)
    assert [catalog.scope_of("web", moment) for moment in (before, NOW)] == ["shop", "portal"]


def test_the_first_version_holds_from_the_beginning_also_for_older_recordings() -> None:
    catalog = Catalog([an_entry("web", effective_at=NOW)])
    entry = catalog.entry("web", NOW - timedelta(days=3650))
    assert entry is not None
    assert entry.owner == "team-web"


versions = [
    an_entry("web", owner=f"{hours}", effective_at=NOW + timedelta(hours=hours)) for hours in range(5)
]


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.permutations(versions), st.integers(-1, 6))
def test_the_order_in_which_versions_are_given_does_not_matter(order: list[CatalogEntry], hours: int) -> None:
    moment = NOW + timedelta(hours=hours)
    assert Catalog(order).entry("web", moment) == Catalog(versions).entry("web", moment)


def test_what_the_catalog_does_not_know_falls_into_the_default_scope() -> None:
    assert CHAIN.entry("mystery", NOW) is None
    assert {CHAIN.scope_of(each, NOW) for each in ("mystery", "", None)} == {DEFAULT_SCOPE}
    assert CHAIN.dependencies("mystery", NOW) == []


def test_services_and_scopes_are_listed_in_alphabetical_order() -> None:
    assert CHAIN.services("shop", NOW) == ["checkout", "ledger", "orders", "payments", "web"]
    assert CHAIN.scopes(NOW) == ["back office", DEFAULT_SCOPE, "shop"]


def test_the_shortest_chain_is_found_and_of_equal_ones_the_alphabetically_first() -> None:
    assert CHAIN.path("web", "ledger", NOW) == ["web", "checkout", "orders", "ledger"]
    assert CHAIN.hops("web", "ledger", NOW) == 3


def test_a_chain_leads_to_services_that_the_catalog_does_not_describe() -> None:
    assert CHAIN.path("web", "card-network", NOW) == ["web", "checkout", "payments", "card-network"]


def test_a_service_reaches_itself_without_a_call() -> None:
    assert (CHAIN.path("web", "web", NOW), CHAIN.hops("web", "web", NOW)) == (["web"], 0)


def test_calls_lead_one_way() -> None:
    assert CHAIN.path("card-network", "web", NOW) is None
    assert CHAIN.hops("reports", "web", NOW) is None


def test_calls_in_a_circle_end() -> None:
    assert CHAIN.path("ledger", "mystery", NOW) is None
    assert CHAIN.hops("ledger", "payments", NOW) == 3


def test_a_chain_that_is_too_long_is_none() -> None:
    long = Catalog([an_entry(f"s{number}", calls=f"s{number + 1}") for number in range(9)])
    assert long.hops("s0", "s6", NOW) == 6
    assert long.hops("s0", "s7", NOW) is None


def test_what_a_service_reaches_is_counted_in_calls_and_a_ring_ends() -> None:
    assert dict(CHAIN.reach("checkout", NOW)) == {
        "checkout": 0, "orders": 1, "payments": 1, "card-network": 2, "ledger": 2, "web": 3,
    }  # fmt: skip
    assert dict(CHAIN.reach("nobody knows it", NOW)) == {"nobody knows it": 0}


def test_callers_are_counted_and_follow_the_versions() -> None:
    turned = Catalog(
        [
            an_entry("web", calls="a"),
            an_entry("shop", calls="a"),
            an_entry("web", calls="b", effective_at=NOW),
        ]
    )
    before = NOW - timedelta(microseconds=1)
    assert [turned.callers("a", moment) for moment in (before, NOW, before)] == [2, 1, 2]
    assert [turned.reach("web", moment).get("b") for moment in (before, NOW)] == [None, 1]


def test_the_services_and_owners_of_a_scope_follow_the_versions() -> None:
    turned = Catalog([an_entry("web"), an_entry("web", scope="portal", owner="new", effective_at=NOW)])
    before = NOW - timedelta(microseconds=1)
    assert [turned.services("shop", moment) for moment in (before, NOW)] == [["web"], []]
    assert [turned.owners(moment) for moment in (before, NOW)] == [{"team-web"}, {"new"}]
