"""What does the log of a service say after a change that it did not say before it?

Method: the newest comparison of equally long times before and after the change
(`detectors.symptoms.deploy_comparison`). Weakness: it covers some minutes, so that a fault that shows
later is not in it, and a service that logs little is not compared.
"""

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import Situation, evidence_id
from detectors.incidents.wording import quoted
from models.event import Change
from models.signal import Difference, SignatureDifference, Symptom

_ERRORS = ("error", "fatal")
_FEWEST_LINES = 50
"""Lines on either side below which the log is not compared (see `deploy_comparison`)."""


def weigh(weighing: Weighing, change: Change, service: str, cited: list[str], own: Onset | None) -> None:
    """Weigh what differs in the log of the changed service since the change; too few lines are missing."""
    situation = weighing.situation
    found = next((each for each in situation.comparisons if _is_of(each, change, situation)), None)
    if found is None or found.comparison is None:
        return
    before, after = found.comparison.lines_before, found.comparison.lines_after
    counts = f"{before} lines before, {after} after"
    ids = [*cited, evidence_id(found.event_id)]
    if min(before, after) < _FEWEST_LINES:
        weighing.missing.append(
            f"too few lines of {service} to compare its log before and after it ({counts})"
        )
        return
    new = _failing_now(found.comparison.differences, service, situation)
    gone = [each for each in found.comparison.differences if each.difference is Difference.GONE]
    if new is not None:
        text = f"after it this error was new: {quoted(new.template)} ({new.before} before, {new.after} after)"
        weighing.weigh("new_error", CAUSE.new_error, text, ids)
    elif gone:
        text = f"after it this line was gone: {quoted(gone[0].template)} ({gone[0].before} before)"
        weighing.weigh("line_is_gone", CAUSE.line_is_gone, text, ids)
    elif not found.comparison.differences and own is not None and own.at < found.timestamp:
        text = f"the log of {service} says the same before and after it ({counts})"
        weighing.weigh("same_log", CAUSE.same_log, text, ids)


def _is_of(symptom: Symptom, change: Change, situation: Situation) -> bool:
    compared = symptom.comparison
    is_known = compared is not None and compared.change_id == change.event_id
    return is_known and symptom.timestamp <= situation.as_of


def _failing_now(
    differences: list[SignatureDifference], service: str, situation: Situation
) -> SignatureDifference | None:
    failing = {
        name
        for each in blast_radius.tracks(situation.incident, service)
        for seen in (each.first, each.worst, each.latest)
        for name in (seen.subject, *seen.merged)
    }
    return next(
        (
            each
            for each in differences
            if each.difference is Difference.NEW and each.severity in _ERRORS and each.signature_id in failing
        ),
        None,
    )
