from pathlib import Path

import pytest

from models.catalog import CatalogEntry
from streams.catalog.backstage import CatalogError, read

CHECKOUT = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations:
    headwater.dev/service-name: checkout-api
    headwater.dev/tier: "1"
    headwater.dev/customer-facing: "true"
    headwater.dev/runbook: https://runbooks.example/checkout
spec:
  type: service
  lifecycle: production
  owner: group:default/team-checkout
  system: system:default/shop
  dependsOn: [component:default/Payments, resource:orders-db, component:external/psp]
"""
PAYMENTS = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, annotations: {headwater.dev/service-name: payments-svc}}
spec: {owner: team-payments}
"""
DATABASE = """
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {owner: team-data, type: database}
"""
GROUP = """
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-checkout}
spec: {type: team}
"""


def a_file(folder: Path, *documents: str, name: str = "catalog-info.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("---\n".join(documents))
    return folder / name


def test_a_component_becomes_an_entry_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    entry = read([a_file(tmp_path, CHECKOUT)])[0]
    assert (entry.service, entry.owner, entry.scope) == ("checkout-api", "team-checkout", "shop")
    assert (entry.tier, entry.customer_facing, entry.lifecycle) == (1, True, "production")
    assert entry.runbook == "https://runbooks.example/checkout"
    assert entry.effective_at is None


def test_dependencies_are_called_by_the_names_of_their_services(tmp_path: Path) -> None:
    entries = read([a_file(tmp_path, CHECKOUT, PAYMENTS, DATABASE, GROUP)])
    assert [each.service for each in entries] == ["checkout-api", "orders-db", "payments-svc"]
    assert entries[0].depends_on == ["orders-db", "payments-svc", "psp"]


def test_references_are_resolved_across_the_files_of_a_folder(tmp_path: Path) -> None:
    a_file(tmp_path / "checkout", CHECKOUT)
    a_file(tmp_path / "payments", PAYMENTS, name="payments.catalog.yml")
    a_file(tmp_path / ".cache", PAYMENTS)
    a_file(tmp_path / "payments", "not: ours", name="values.yaml")
    entries = read([tmp_path])
    assert entries[0].depends_on == ["orders-db", "payments-svc", "psp"]
    assert len(entries) == 2


def test_without_a_system_a_service_is_in_the_default_scope(tmp_path: Path) -> None:
    (entry,) = read([a_file(tmp_path, PAYMENTS)])
    assert (entry.scope, entry.tier, entry.customer_facing) == ("default", None, None)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            PAYMENTS.replace("{owner: team-payments}", "{type: service}"),
            ["document 2", "payments", "spec.owner"],
        ),
        (PAYMENTS.replace("team-payments", "[a, b]"), ["document 2", "spec.owner"]),
        (PAYMENTS.replace("spec: {owner: team-payments}", ""), ["document 2", "spec is missing"]),
        (CHECKOUT.replace('"1"', '"high"'), ["headwater.dev/tier", "'high'", "number"]),
        (CHECKOUT.replace('"true"', '"yes please"'), ["headwater.dev/customer-facing", "yes please"]),
        (CHECKOUT.replace("dependsOn: [", "dependsOn: [a/b/c, "), ["spec.dependsOn", "a/b/c"]),
        ("just a text", ["document 2", "mapping"]),
        ("apiVersion: v1\nkind: Service\n", ["apiVersion", "backstage.io"]),
        ("a: [", ["not YAML"]),
        (DATABASE, ["orders-db", "already described", "document 1"]),
    ],
)
def test_an_error_names_the_file_the_document_and_the_field(
    tmp_path: Path, document: str, words: list[str]
) -> None:
    path = a_file(tmp_path, DATABASE, document)
    with pytest.raises(CatalogError) as caught:
        read([path])
    for word in [str(path), *words]:
        assert word in caught.value.message


def test_a_file_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    path = a_file(tmp_path, PAYMENTS)
    assert (
        read([path, tmp_path])
        == read([path])
        == [
            CatalogEntry(
                service="payments-svc",
                owner="team-payments",
                annotations={"headwater.dev/service-name": "payments-svc"},
            )
        ]
    )
