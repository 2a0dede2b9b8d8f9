"""By which rules of the installation is an incident judged? What a policy file holds."""

from typing import Annotated

import msgspec

from models.calendar import Period
from models.escalation import EscalationTable
from models.record import content_id
from models.severity_table import SeverityTable


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules that an installation may choose; the shipped ones are in `deploy/policy.yaml`."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    severity: SeverityTable
    escalation: EscalationTable = EscalationTable()
    """How long nobody may answer before the next is told."""
    calendar: list[Period] = []
    """Busy times and market hours; what the table calls `peak` and `market_hours`."""
    key_tenants: list[Annotated[str, msgspec.Meta(min_length=1)]] = []
    """Tenants of which one alone counts as many, as telemetry names them."""

    @property
    def digest(self) -> str:
        """Eight digits that differ as soon as any rule differs, whatever the file's layout and comments."""
        return content_id("", self).removeprefix("-")[:8]
