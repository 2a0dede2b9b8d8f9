"""Are two messages about the same alert? By what it watches, never by how bad it is or in which state."""

from models.event import Alert
from models.record import content_id

_REPLICA = {"replica", "prometheus_replica", "__replica__", "receive_replica", "ruler_replica", "ha_replica"}
"""Labels that tell the copies of one system apart, as Prometheus, Thanos, Cortex and Mimir set them."""

_DEGREE = {"severity", "priority", "urgency", "alertstate"}
"""Labels that say how bad it is, or in which state."""


def fingerprint(alert: Alert) -> str:
    """Give the identity of an alert: its sender's, else service, name and the labels that identify it.

    A sender's identity that counts its own replica would make two of one alert: it is not taken then.
    """
    labels = {name: value for name, value in alert.labels.items() if name.lower() not in _REPLICA | _DEGREE}
    is_copy = any(name.lower() in _REPLICA for name in alert.labels)
    if alert.fingerprint and not is_copy:
        return alert.fingerprint
    return content_id("fingerprint", alert.service, alert.name, labels)
