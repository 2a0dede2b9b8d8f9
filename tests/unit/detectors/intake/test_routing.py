import pytest

from detectors.intake.routing import outgoing_of
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.event import ChangeKind, FeedbackAction
from tests.unit.detectors.incidents.builders import a_change, feedback

CATALOG = Catalog([CatalogEntry(service="checkout-api", owner="team-checkout", scope="shop")])


@pytest.mark.parametrize(
    "kind", [ChangeKind.DEPLOY, ChangeKind.ROLLBACK, ChangeKind.CONFIG, ChangeKind.FEATURE_FLAG]
)
def test_a_change_that_may_change_what_is_logged_goes_beside_the_lines_too(
    kind: ChangeKind,
) -> None:
    sent = outgoing_of(a_change(change_kind=kind), CATALOG)
    assert [(each.topic, each.key) for each in sent] == [
        ("signals", "shop"),
        ("log-patterns", "checkout-api"),
    ]


def test_all_else_goes_to_the_signals_of_its_scope_alone() -> None:
    told = feedback(FeedbackAction.NOTE, service="checkout-api")
    for event in (told, a_change(change_kind=ChangeKind.COMMIT)):
        assert [(each.topic, each.key) for each in outgoing_of(event, CATALOG)] == [("signals", "shop")]
    assert {each.topic for each in outgoing_of(a_change(service=None), CATALOG)} == {"signals"}
