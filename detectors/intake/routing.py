"""To which scopes does an event go?"""

from detectors.topology import Catalog
from models import topic
from models.event import Alert, Change, ChangeKind, Event, Feedback
from models.incident import scope_of_incident
from models.topic import Outgoing

COMPARED = (ChangeKind.DEPLOY, ChangeKind.ROLLBACK, ChangeKind.CONFIG, ChangeKind.FEATURE_FLAG)
"""Changes that may make a program log other things."""


def outgoing_of(event: Event, catalog: Catalog) -> list[Outgoing]:
    """Give where an alert, a change or a feedback is sent to.

    It goes to the signals of its scopes. A change of one service that may make it say other things
    also goes beside that service's log lines, which are compared before and after it.
    """
    sent = [Outgoing(topic=topic.SIGNALS, key=each, value=event) for each in scopes_of(event, catalog)]
    if isinstance(event, Change) and event.service and event.change_kind in COMPARED:
        sent.append(Outgoing(topic=topic.LOG_PATTERNS, key=event.service, value=event))
    return sent


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
