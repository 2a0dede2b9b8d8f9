"""How often was an alert rule right, by what responders said of its incidents?"""

import re

from detectors.incidents import memory
from detectors.incidents.policy import LIFECYCLE
from detectors.incidents.state import OpenIncident, Precision, ScopeState
from models.event import Alert, Feedback, FeedbackAction

_REAL = (
    FeedbackAction.MITIGATE, FeedbackAction.CONFIRM_CAUSE, FeedbackAction.CONFIRM_SEVERITY,
    FeedbackAction.HELPED,
)  # fmt: skip
_SAID_NOISE = re.compile(
    r"(?<!no )(?<!not )(?<!not a )\b(noise|noisy|spurious|not (?:a )?real"
    r"|false[ -](?:alarm|alert|positive)|nothing (?:was |is )?wrong)\b",
    re.IGNORECASE,
)


def rule_of(alert: Alert) -> str:
    """Name the rule that an alert comes from: its source, where it says one, and its name."""
    return f"{alert.source or ''}|{alert.name}"


def says_noise(feedback: Feedback) -> bool:
    """Tell whether a responder says that nothing was wrong: by resolving it as noise."""
    return feedback.action is FeedbackAction.RESOLVE and bool(_SAID_NOISE.search(feedback.text or ""))


def learn(state: ScopeState, incident: OpenIncident) -> None:
    """Count an incident that is closed for the rules of its alerts; what nobody judged counts nothing.

    It was real where somebody mitigated it, confirmed a cause or the severity, or was helped; noise
    where somebody resolved it as such, or said that the answer did not help and nobody did any of those.
    """
    judged = _judged(incident)
    if judged is None:
        return
    real, word = judged
    for rule in sorted({rule_of(each.first) for each in incident.alerts.values()}):
        known = state.precision.pop(rule, None) or Precision(latest=word)
        known.real += real
        known.noise += not real
        known.latest = word
        state.precision[rule] = known
        if len(state.precision) > memory.MOST_RULES:
            del state.precision[next(iter(state.precision))]


def imprecise(known: Precision | None) -> bool:
    """Tell whether a rule was judged often enough, and was mostly wrong."""
    if known is None or known.real + known.noise < LIFECYCLE.judged:
        return False
    return known.real / (known.real + known.noise) < LIFECYCLE.imprecise


def _judged(incident: OpenIncident) -> tuple[bool, Feedback] | None:
    last = next((each for each in reversed(incident.feedback) if says_noise(each)), None)
    if last is not None:
        return False, last
    for wanted, real in ((_REAL, True), ((FeedbackAction.DID_NOT_HELP,), False)):
        word = next((each for each in reversed(incident.feedback) if each.action in wanted), None)
        if word is not None:
            return real, word
    return None
