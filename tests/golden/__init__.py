"""Recordings of our own making: the demonstration, and the tests of the whole way."""

from tests.golden.checkout_outage import scenario as checkout_outage
from tests.golden.innocent_deploy import scenario as innocent_deploy
from tests.golden.quiet import scenario as quiet
from tests.golden.scenario import Scenario
from tests.golden.two_scopes import scenario as two_scopes

__all__ = ["SCENARIOS", "Scenario"]

SCENARIOS: dict[str, Scenario] = {
    each.SCENARIO.name: each.SCENARIO for each in (checkout_outage, innocent_deploy, two_scopes, quiet)
}
