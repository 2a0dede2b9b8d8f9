"""Recordings of our own making: the demonstration, and the tests of the whole way."""

from tests.golden.checkout_outage import scenario as checkout_outage
from tests.golden.innocent_deploy import scenario as innocent_deploy
from tests.golden.moved_owner import scenario as moved_owner
from tests.golden.quiet import scenario as quiet
from tests.golden.scenario import Scenario
from tests.golden.two_scopes import scenario as two_scopes
from tests.golden.unanswered_page import scenario as unanswered_page

__all__ = ["SCENARIOS", "Scenario"]

SCENARIOS: dict[str, Scenario] = {
    each.SCENARIO.name: each.SCENARIO
    for each in (
        checkout_outage,
        innocent_deploy,
        two_scopes,
        quiet,
        moved_owner,
        unanswered_page,
    )
}
