"""To which scopes does an event go?"""

from detectors.topology import Catalog
from models.event import Alert, Change, Event, Feedback
from models.incident import scope_of_incident


def scopes_of(event: Event, catalog: Catalog) -> list[str]:
    """Give the scopes that an alert, a change or a feedback belongs to, as of its event time.

    Feedback that names an incident goes to the scope that the incident id carries. A change that
    names no service may touch any: it goes to every scope.
    """
    if isinstance(event, Feedback) and event.incident_id:
        return [scope_of_incident(event.incident_id)]
    if isinstance(event, Change) and event.service is None:
        return catalog.scopes(event.timestamp)
    service = event.service if isinstance(event, Alert | Change | Feedback) else None
    return [catalog.scope_of(service, event.timestamp)]
