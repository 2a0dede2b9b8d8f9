"""What does the service catalog say of a service? Backstage entities, as far as Headwater reads them."""

from typing import Any

from msgspec.structs import force_setattr

from models import annotation
from models.event_time import EventTime, to_event_time
from models.record import Record

DEFAULT_SCOPE = "default"
"""The scope of services that the catalog does not know."""


class CatalogEntry(Record, frozen=True, kw_only=True):
    """One service in one version of the catalog."""

    service: str
    """The name under which the service sends telemetry (`headwater.dev/service-name`, else metadata.name)."""
    owner: str
    scope: str = DEFAULT_SCOPE
    """The Backstage system: all services that can share an incident."""
    depends_on: list[str] = []
    """Names of services that it calls."""
    tier: int | None = None
    """1 is the most critical; None: not said."""
    customer_facing: bool | None = None
    runbook: str | None = None
    lifecycle: str | None = None
    annotations: dict[str, Any] = {}
    effective_at: EventTime | None = None
    """From when on this version holds (event time); the first version of a service holds from the start."""

    def __post_init__(self) -> None:
        """Bring the time to aware UTC."""
        if self.effective_at is not None:
            force_setattr(self, "effective_at", to_event_time(self.effective_at, "effective_at"))

    @property
    def is_external(self) -> bool:
        """Tell whether somebody else runs it (`headwater.dev/external`)."""
        return self.annotations.get(annotation.EXTERNAL) in (True, "true")
