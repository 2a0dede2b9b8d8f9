"""How is what happened told: one sentence for each signal, one timeline entry for each sentence?"""

from datetime import datetime

from detectors.incidents import blast_radius, changed_service, urgency
from detectors.incidents.maintenance import is_begun
from detectors.incidents.state import OpenIncident
from detectors.incidents.wording import (
    actor_phrase,
    clock,
    cut,
    is_machine,
    number,
    quantity,
    quoted,
    sentence,
)
from models.event import Alert, AlertStatus, Change, ChangeKind, Feedback, FeedbackAction
from models.evidence import Evidence
from models.signal import Lift, Signal, Symptom, SymptomKind
from models.timeline import Anchors, Certainty, EntryKind, TimelineEntry

_CHANGE_NOUN = {
    ChangeKind.DEPLOY: "deployment",
    ChangeKind.ROLLBACK: "rollback",
    ChangeKind.CONFIG: "configuration change",
    ChangeKind.FEATURE_FLAG: "feature flag change",
    ChangeKind.COMMIT: "commit",
    ChangeKind.SCALING: "scaling",
    ChangeKind.INFRASTRUCTURE: "infrastructure change",
    ChangeKind.MAINTENANCE: "maintenance",
}

_ACT = {
    FeedbackAction.ACKNOWLEDGE: "acknowledged the incident",
    FeedbackAction.NOTE: "left a note",
    FeedbackAction.ASSIGN: "assigned the incident",
    FeedbackAction.MITIGATE: "mitigated the incident",
    FeedbackAction.RESOLVE: "resolved the incident",
    FeedbackAction.REOPEN: "reopened the incident",
    FeedbackAction.CONFIRM_CAUSE: "confirmed a cause",
    FeedbackAction.REJECT_CAUSE: "rejected a cause",
    FeedbackAction.CONFIRM_SEVERITY: "confirmed the severity",
    FeedbackAction.WRONG_OWNER: "said that the owner is wrong",
    FeedbackAction.MERGE: "merged the incident into another one",
    FeedbackAction.SPLIT: "split a part off the incident",
    FeedbackAction.HELPED: "said that Headwater's answer helped",
    FeedbackAction.DID_NOT_HELP: "said that Headwater's answer did not help",
}

_RATINGS = (FeedbackAction.HELPED, FeedbackAction.DID_NOT_HELP)
"""Words on Headwater's answer, no acts in the incident."""


def tell(signal: Signal) -> str:
    """Give one sentence for a signal: what, where, when, value, baseline or threshold, window."""
    match signal:
        case Alert():
            return sentence(_alert(signal))
        case Change():
            return sentence(_change(signal))
        case Feedback():
            return sentence(_feedback(signal))
        case Symptom():
            return sentence(
                f"{symptom_clause(signal)}, since {clock(signal.onset_at, signal.timestamp)}{_sample(signal)}"
            )


def change_noun(change: Change) -> str:
    """Give the word for the kind of a change, for example "deployment"."""
    return _CHANGE_NOUN[change.change_kind]


def change_phrase(change: Change, service: str | None = None) -> str:
    """Name a change without an article, for example "deployment of v42 to checkout-api"."""
    where = service or changed_service.of_change(change)
    noun = change_noun(change)
    match change.change_kind:
        case ChangeKind.DEPLOY if change.version:
            return f"{noun} of {cut(change.version, 60)} to {where}"
        case ChangeKind.ROLLBACK if change.version:
            return f"{noun} of {where} to {cut(change.version, 60)}"
        case ChangeKind.FEATURE_FLAG if change.name:
            return f"change of the feature flag {cut(change.name, 60)} of {where}"
        case ChangeKind.COMMIT if change.commit:
            return f"{noun} {change.commit[:10]} for {where}"
        case _ if change.name:
            return f"{noun} {cut(change.name, 60)} of {where}"
        case _:
            return f"{noun} of {where}"


def symptom_clause(symptom: Symptom) -> str:
    """Say what is abnormal with value, baseline, threshold and window, without a time."""
    value, baseline, threshold = (
        quantity(each, symptom.unit) for each in (symptom.value, symptom.baseline, symptom.threshold)
    )
    window = f"in a window of {number(symptom.window_s)} s"
    against = f"baseline {baseline}, threshold {threshold}"
    match symptom.symptom_kind:
        case SymptomKind.NEW_SIGNATURE:
            return f"a new log signature at {symptom.service}, {value} {window}: {quoted(symptom.text)}"
        case SymptomKind.SURGING_SIGNATURE:
            what = f"a log signature of {symptom.service} surged to {value} {window}"
            return f"{what} ({against}): {quoted(symptom.text)}"
        case SymptomKind.VANISHED_SIGNATURE:
            what = f"a log signature of {symptom.service} is gone, {value} {window}"
            return f"{what} ({against}): {quoted(symptom.text)}"
        case SymptomKind.METRIC_SHIFT:
            return f"{cut(symptom.text, 80)} of {symptom.service} shifted to {value} {window} ({against})"
        case SymptomKind.ERROR_RATE:
            where = f"{symptom.service} ({cut(symptom.text, 80)})"
            return f"errors of {where} were at {value} {window} ({against})"
        case SymptomKind.LATENCY:
            where = f"{symptom.service} ({cut(symptom.text, 80)})"
            return f"latency of {where} was {value} {window} ({against})"
        case SymptomKind.FLOW_BREAK | SymptomKind.NETWORK_GAP:
            return _way(symptom, value, window, baseline)
        case _:
            return _whole_log(symptom, value, window, against)


def alert_value(alert: Alert) -> str:
    """Give value and threshold of an alert as far as they were sent, for example "18 % (threshold 5 %)"."""
    if alert.value is None:
        return ""
    value = quantity(alert.value, alert.unit)
    if alert.threshold is None:
        return value
    return f"{value} (threshold {quantity(alert.threshold, alert.unit)})"


def entry(signal: Signal, evidence: Evidence, learned_at: datetime) -> TimelineEntry:
    """Give the timeline entry of a signal; it tells what its evidence says.

    Args:
        signal: What happened.
        evidence: The evidence of that signal, as `evidence.of_signal` gives it.
        learned_at: When Headwater took it into account (event time).
    """
    match signal:
        case Alert():
            kind = EntryKind.ALERT
        case Change():
            kind = EntryKind.CHANGE
        case Feedback():
            kind = EntryKind.HUMAN_ACTION
        case Symptom():
            kind = EntryKind.SYMPTOM
    return TimelineEntry(
        occurred_at=evidence.occurred_at,
        learned_at=learned_at,
        entry_kind=kind,
        service=evidence.service,
        text=evidence.text,
        source=signal.event_id,
        evidence_id=evidence.evidence_id,
        certainty=Certainty.FACT,
    )


def status_entry(
    *,
    entry_kind: EntryKind,
    service: str,
    text: str,
    rule: str,
    evidence_id: str,
    occurred_at: datetime,
    learned_at: datetime,
) -> TimelineEntry:
    """Give the timeline entry of something that Headwater concluded: a status, a severity, a cause.

    Args:
        entry_kind: STATUS, SEVERITY or CAUSE.
        service: The service that it is about.
        text: What was concluded; becomes one sentence.
        rule: The rule that concluded it.
        evidence_id: What it rests on; never empty.
        occurred_at: From when on it holds (event time).
        learned_at: When it was concluded (event time).

    Raises:
        ValueError: There is no evidence.
    """
    if not evidence_id:
        raise ValueError(
            f"the timeline entry {text!r} of rule {rule} names no evidence: give the id it rests on"
        )
    return TimelineEntry(
        occurred_at=occurred_at,
        learned_at=learned_at,
        entry_kind=entry_kind,
        service=service,
        text=sentence(text),
        source=rule,
        evidence_id=evidence_id,
        certainty=Certainty.INFERENCE,
    )


def anchors(incident: OpenIncident) -> Anchors:
    """Give the five moments by which an incident is measured."""
    acts = [
        each.timestamp
        for each in incident.feedback
        if each.action not in _RATINGS and not is_machine(each.actor)
    ]
    return Anchors(
        first_symptom_at=min((track.first.onset_at for track in incident.symptoms.values()), default=None),
        first_alert_at=min((each.first.timestamp for each in blast_radius.episodes(incident)), default=None),
        first_human_action_at=min(acts, default=None),
        mitigated_at=incident.mitigated_at,
        recovered_at=incident.resolved_at,
    )


def _alert(alert: Alert) -> str:
    verb = "fired" if alert.status is AlertStatus.FIRING else "resolved"
    value = alert_value(alert)
    text = f"the alert {cut(alert.name, 80)} of {alert.service} {verb} at {clock(alert.timestamp)}"
    text += f": {value}" if value else ""
    if alert.status is AlertStatus.FIRING:
        text += f", {urgency.told(alert)}"
    return f"{text}: {quoted(alert.summary)}" if alert.summary else text


def _change(change: Change) -> str:
    verb = "began" if change.change_kind is ChangeKind.MAINTENANCE and is_begun(change) else "finished"
    text = f"{change_phrase(change)} {verb} at {clock(change.timestamp)}"
    text += f" (before: {cut(change.previous_version, 60)})" if change.previous_version else ""
    return f"{text}: {quoted(change.summary, change.author)}" if change.summary else text


def _feedback(feedback: Feedback) -> str:
    text = f"{actor_phrase(feedback.actor)} {_ACT[feedback.action]} at {clock(feedback.timestamp)}"
    return f"{text}: {quoted(feedback.text, feedback.actor)}" if feedback.text else text


def _way(symptom: Symptom, value: str, window: str, baseline: str) -> str:
    """Say which way requests or calls do not go as they usually do."""
    if symptom.symptom_kind is SymptomKind.NETWORK_GAP:
        what = f"calls of {symptom.peer} by {symptom.service} spent {value} on the way (baseline {baseline})"
        return f"{what}, {symptom.sample_size} calls {window}"
    requests = f"{symptom.sample_size} requests of {symptom.service} by {cut(symptom.subject, 80)}"
    after = f"; they end after the call of {symptom.peer} now" if symptom.peer else ""
    return f"{cut(symptom.text, 160)}: {value} of {requests} have it {window} (usually {baseline}){after}"


def _whole_log(symptom: Symptom, value: str, window: str, against: str) -> str:
    """Say what is abnormal about all that a service logs."""
    if symptom.symptom_kind is SymptomKind.ERROR_SHARE:
        what = f"the share of errors in the log of {symptom.service} rose to {value}"
        return f"{what} ({cut(symptom.text, 80)}) {window} ({against})"
    if symptom.symptom_kind is SymptomKind.SILENT_SERVICE:
        return f"{symptom.service} stopped logging, {value} {window} ({against})"
    found = symptom.comparison
    if found is not None and found.by_version:
        counts = f"{found.lines_after} lines of the new version, {found.lines_before} of others"
        when = f"between the versions of it that ran after a change ({symptom.text}, {window}, {counts})"
    else:
        when = f"after a change of it ({symptom.text}, {window})"
    if found is not None and not found.differences:
        return f"log signatures of {symptom.service} do not differ {when}"
    return f"log signatures of {symptom.service} differ {when}: {_differing(symptom)}"


def _differing(symptom: Symptom) -> str:
    """Name the strongest differences with their counts, scaled to equal traffic."""
    found = symptom.comparison.differences[:3] if symptom.comparison else []
    return "; ".join(
        f"{each.difference} {quoted(each.template)} ({each.before} before, {number(each.expected)} expected,"
        f" {each.after} after)"
        for each in found
    )


def _sample(symptom: Symptom) -> str:
    is_log = symptom.symptom_kind in (
        SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE, SymptomKind.VANISHED_SIGNATURE
    )  # fmt: skip
    shown = symptom.sample and " ".join(symptom.sample.split()) != " ".join(symptom.text.split())
    where = f", {_where(symptom.lift)}" if symptom.lift else ""
    return where + (f", for example {quoted(symptom.sample)}" if is_log and shown else "")


def _where(lift: Lift) -> str:
    usual = quantity(round(100.0 * lift.usual_share, 1), "%")
    return f"{lift.count} of {lift.of} lines in {lift.dimension} {quoted(lift.value)} (usually {usual})"
