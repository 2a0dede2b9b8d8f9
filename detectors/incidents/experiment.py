"""Does an alert say of itself that it belongs to an experiment or a drill?"""

from models.event import Alert

_TAGS = {"chaos", "chaos_experiment", "chaosengine", "game_day", "gameday", "drill", "synthetic_test"}
"""Labels with which tools for fault injection and people mark what they cause on purpose. A bare
`experiment` is none of them: products that compare variants put it on the telemetry of real users."""
_NO = {"", "false", "no", "0", "off", "none"}


def is_experiment(alert: Alert) -> bool:
    """Tell whether an alert is tagged as caused on purpose."""
    return any(
        name.lower() in _TAGS and str(value).strip().lower() not in _NO
        for name, value in alert.labels.items()
    )
