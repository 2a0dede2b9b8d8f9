"""What happened, told without names of people."""

import pytest

from detectors.incidents import evidence, narration
from models import topic
from models.event import AlertStatus, ChangeKind, FeedbackAction
from models.record import encode
from models.timeline import Certainty, EntryKind
from tests.unit.detectors.incidents.builders import (
    RULES,
    a_change,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
    feedback,
)
from tests.unit.detectors.incidents.scope import Scope


def test_an_alert_is_told_with_value_threshold_and_the_word_of_its_sender() -> None:
    alert = an_alert(value=18.0, threshold=5.0, unit="%", summary="too many errors")
    assert narration.tell(alert) == (
        "The alert HighErrorRate of checkout-api fired at 12:00 UTC: 18 % (threshold 5 %), "
        "sent as critical: “too many errors”."
    )


def test_a_resolved_alert_is_not_told_as_firing() -> None:
    over = an_alert(status=AlertStatus.RESOLVED, timestamp=at("12:30"))
    assert "resolved at 12:30 UTC" in narration.tell(over)


def test_a_symptom_is_told_with_value_baseline_threshold_window_and_onset() -> None:
    told = narration.tell(a_symptom())
    for part in ("18 %", "baseline 0.5 %", "threshold 5 %", "60 s", "since 12:00 UTC", "checkout-api"):
        assert part in told


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_every_kind_of_change_has_a_sentence_without_its_author(kind: ChangeKind) -> None:
    change = a_change(change_kind=kind, author="kim.lee", summary="by Kim Lee: new pool", version="v42")
    told = narration.tell(change)
    assert "checkout-api" in told
    assert "lee" not in told.lower()


@pytest.mark.parametrize("action", list(FeedbackAction))
def test_every_human_action_is_told_without_the_person(action: FeedbackAction) -> None:
    told = narration.tell(feedback(action, actor="kim.lee", text="kim.lee asked @jo to look"))
    assert "kim" not in told
    assert "@jo" not in told
    assert "responder" in told


def test_a_role_may_be_named() -> None:
    told = narration.tell(feedback(FeedbackAction.ACKNOWLEDGE, actor="on-call"))
    assert told == "The on-call responder acknowledged the incident at 12:05 UTC."


def test_a_timeline_entry_tells_what_its_evidence_says_and_when_it_was_learned() -> None:
    symptom = a_symptom(onset_at=at("11:58"))
    piece = evidence.of_signal(symptom, "incident-1", at("12:10"), RULES)
    entry = narration.entry(symptom, piece, at("12:10"))
    assert (entry.occurred_at, entry.learned_at) == (at("11:58"), at("12:10"))
    assert entry.text == piece.text
    assert entry.evidence_id == piece.evidence_id
    assert entry.certainty is Certainty.FACT


def test_a_conclusion_without_evidence_gets_no_entry() -> None:
    with pytest.raises(ValueError, match="evidence"):
        narration.status_entry(
            entry_kind=EntryKind.STATUS,
            service="checkout-api",
            text="resolved",
            rule="quiet",
            evidence_id="",
            occurred_at=at("12:30"),
            learned_at=at("12:30"),
        )


def test_the_anchors_are_the_earliest_of_their_kind() -> None:
    situation = a_situation(
        alerts=[an_alert(timestamp=at("12:03")), an_alert("payments", timestamp=at("12:01"))],
        symptoms=[
            a_symptom(onset_at=at("11:59")),
            a_signature("payments", "pool empty", onset_at=at("11:57")),
        ],
        said=[
            feedback(FeedbackAction.ACKNOWLEDGE, actor="automation", timestamp=at("12:02")),
            feedback(FeedbackAction.NOTE, actor="kim", timestamp=at("12:06")),
        ],
        resolved_at=at("12:40"),
    )
    anchors = narration.anchors(situation.incident)
    assert anchors.first_symptom_at == at("11:57")
    assert anchors.first_alert_at == at("12:01")
    assert anchors.first_human_action_at == at("12:06")
    assert anchors.mitigated_at is None
    assert anchors.recovered_at == at("12:40")


def test_what_a_responder_writes_of_others_is_told_without_their_names() -> None:
    scope = Scope()
    scope.told(a_change(author="kim.lee"), an_alert())
    text = "Kim broke it, kim.lee rolls back"
    scope.told(feedback(FeedbackAction.NOTE, timestamp=at("12:01"), actor="ada", text=text))
    scope.passes(at("12:10"))
    told = encode([*scope.values(topic.TIMELINE), *scope.values(topic.EVIDENCE)]).decode()
    assert "a responder broke it, a responder rolls back" in told
    assert "kim" not in told.lower()
