"""A scope that is told signals and lets event time pass."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from detectors.incidents.correlation import Correlator
from detectors.incidents.state import OpenIncident
from detectors.oncall import NO_SCHEDULE, OnCallSchedule
from detectors.topology import Catalog
from models import topic
from models.incident import Incident, IncidentStatus
from models.policy import Policy
from models.signal import Signal
from models.topic import Outgoing
from tests.policy import POLICY
from tests.unit.detectors.incidents.builders import CATALOG

SECOND = timedelta(seconds=1)


class Scope:
    """Feeds a correlator and collects what it sends."""

    def __init__(
        self, catalog: Catalog = CATALOG, oncall: OnCallSchedule = NO_SCHEDULE, policy: Policy = POLICY
    ) -> None:
        self.stage = Correlator(lambda: catalog, policy, oncall)
        self.state = self.stage.start("shop")
        self.sent: list[Outgoing] = []

    def told(self, *signals: Signal) -> list[Outgoing]:
        """Hand signals over and let time pass up to the last of them."""
        sent = [each for signal in signals for each in self.stage.fold(self.state, signal)]
        self.sent += sent
        return sent + self.passes(max(each.timestamp for each in signals) + timedelta(microseconds=1))

    def passes(self, until: datetime) -> list[Outgoing]:
        """Let time pass; give what is sent until then."""
        sent = list(self.stage.advance(self.state, until))
        self.sent += sent
        return sent

    @property
    def incident(self) -> OpenIncident:
        """The only incident that is not closed."""
        (found,) = self.state.incidents
        return found

    def values(self, name: str, sent: Iterable[Outgoing] | None = None) -> list[Any]:
        return [each.value for each in (self.sent if sent is None else sent) if each.topic == name]

    def incidents(self) -> list[Incident]:
        """Give the latest record of each incident, the oldest first."""
        latest = {each.incident_id: each for each in self.values(topic.INCIDENTS)}
        return list(latest.values())

    def statuses(self, incident_id: str | None = None) -> list[IncidentStatus]:
        """Give the statuses that an incident passed through, each change once."""
        passed: list[IncidentStatus] = []
        for each in self.values(topic.INCIDENTS):
            if incident_id in (None, each.incident_id) and passed[-1:] != [each.status]:
                passed.append(each.status)
        return passed
