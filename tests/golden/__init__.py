"""Recordings of our own making: the demonstration, and the tests of the whole way."""

from tests.golden.alert_storm import scenario as alert_storm
from tests.golden.announced_work import scenario as announced_work
from tests.golden.bedside import scenario as bedside
from tests.golden.checkout_outage import scenario as checkout_outage
from tests.golden.database_saturation import scenario as database_saturation
from tests.golden.flapping import scenario as flapping
from tests.golden.innocent_deploy import scenario as innocent_deploy
from tests.golden.market_open import scenario as market_open
from tests.golden.moved_owner import scenario as moved_owner
from tests.golden.one_region import scenario as one_region
from tests.golden.one_tenant import scenario as one_tenant
from tests.golden.peak_checkout import scenario as peak_checkout
from tests.golden.queue_backlog import scenario as queue_backlog
from tests.golden.quiet import scenario as quiet
from tests.golden.reopened import scenario as reopened
from tests.golden.scenario import Scenario
from tests.golden.shift_change import scenario as shift_change
from tests.golden.silent_printer import scenario as silent_printer
from tests.golden.spurious_alert import scenario as spurious_alert
from tests.golden.two_faults import scenario as two_faults
from tests.golden.two_scopes import scenario as two_scopes
from tests.golden.unanswered_page import scenario as unanswered_page

__all__ = ["CARDS", "SCENARIOS", "Scenario"]

_CARDS = (
    alert_storm, announced_work, database_saturation, flapping, innocent_deploy, one_region, queue_backlog,
    reopened, spurious_alert, two_faults,
)  # fmt: skip

SCENARIOS: dict[str, Scenario] = {
    each.SCENARIO.name: each.SCENARIO
    for each in (
        checkout_outage,
        two_scopes,
        quiet,
        moved_owner,
        unanswered_page,
        *_CARDS,
        peak_checkout,
        one_tenant,
        market_open,
        bedside,
        shift_change,
        silent_printer,
    )
}
CARDS = [each.SCENARIO.name for each in _CARDS]
"""Scenarios of which it is accepted what a responder reads."""
