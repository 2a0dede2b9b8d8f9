"""What the draft says once the incident is over."""

from datetime import datetime

from detectors.incidents import evidence, narration, next_action
from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.postmortem import draft as postmortem_draft
from detectors.incidents.severity import headline
from detectors.incidents.severity import verdict as severity
from detectors.incidents.state import Situation
from models.cause import Causes
from models.event import ChangeKind, FeedbackAction
from models.incident import IncidentStatus
from models.postmortem import Postmortem
from models.timeline import Timeline
from models.triage import Triage
from tests.unit.detectors.incidents.builders import (
    RULES,
    a_change,
    a_signature,
    a_situation,
    a_symptom,
    an_alert,
    at,
    feedback,
    the_owner,
)


def drafted(situation: Situation) -> Postmortem:
    """Draft from what the other reasoners say of the same situation."""
    incident, found, judged = situation.incident, cause_candidate.rank(situation), severity.judge(situation)
    for piece in found.evidence:
        incident.evidence.setdefault(piece.evidence_id, piece)
    owner = the_owner(situation, found)
    incident.status = IncidentStatus.RESOLVED
    said = {"incident_id": incident.incident_id, "as_of": situation.as_of, "rules_version": RULES}
    triage = Triage(
        **said,
        version=1,
        verdict=judged.verdict,
        severity=judged.severity,
        status="resolved",
        headline=headline.write(judged.severity, incident.service, judged.reasons, situation.as_of),
        service=incident.service,
        opened_at=incident.opened_at,
        reasons=judged.reasons,
        blast_radius=[],
        owner=owner,
        next_actions=next_action.propose(situation, found, owner),
    )
    causes = Causes(**said, version=1, candidates=found.candidates, abstained=found.abstained)
    timeline = Timeline(**said, anchors=narration.anchors(incident), entries=[])
    return postmortem_draft.draft(situation, triage, causes, timeline, 1)


def an_outage(*, resolved_at: datetime | None = None) -> Situation:
    return a_situation(
        alerts=[an_alert(timestamp=at("12:03"), value=18.0, threshold=5.0, unit="%", severity="odd")],
        symptoms=[a_symptom(), a_signature("payments", "pool | empty", onset_at=at("11:58"))],
        changes=[a_change("payments")],
        said=[
            feedback(FeedbackAction.ACKNOWLEDGE, actor="kim.lee", timestamp=at("12:07")),
            feedback(
                FeedbackAction.MITIGATE, actor="kim.lee", timestamp=at("12:20"), text="kim.lee: rolled back"
            ),
        ],
        as_of=at("12:50"),
        resolved_at=resolved_at or at("12:30"),
    )


def texts(statements: list) -> str:
    return "\n".join(each.text for each in statements)


def test_it_tells_duration_detection_and_response() -> None:
    draft = drafted(an_outage())
    assert "It lasted 32 minutes, from 2026-06-23 11:58 UTC to 2026-06-23 12:30 UTC." in texts(draft.impact)
    assert "2 services were affected: checkout-api and payments." in texts(draft.impact)
    assert "5 minutes after the first symptom" in texts(draft.detection)
    assert "Acknowledged at 2026-06-23 12:07 UTC, 4 minutes after the detection." in texts(draft.response)
    assert "Mitigated at 2026-06-23 12:20 UTC, 17 minutes after the detection." in texts(draft.response)
    assert "Recovered at 2026-06-23 12:30 UTC, 27 minutes after the detection." in texts(draft.response)


def test_every_sentence_cites_evidence_that_the_draft_carries() -> None:
    draft = drafted(an_outage())
    known = {each.evidence_id for each in draft.evidence}
    statements = [*draft.summary, *draft.impact, *draft.detection, *draft.response, *draft.action_items]
    assert len(statements) > 8
    for each in statements:
        assert each.evidence
        assert set(each.evidence) <= known


def test_a_sentence_whose_evidence_was_not_kept_is_dropped() -> None:
    situation = an_outage()
    situation.incident.evidence.clear()
    draft = drafted(situation)
    assert draft.detection == []
    assert draft.response == []


def test_prevention_comes_from_the_likely_cause_and_from_what_showed_early() -> None:
    found = {each.action_class: each.text for each in drafted(an_outage()).action_items}
    assert "canary" in found["prevent"]
    assert found["detect"] == "alert on the log signature “pool | empty” at payments"


def test_open_questions_name_what_was_not_understood() -> None:
    asked = "\n".join(drafted(an_outage()).open_questions)
    assert "“odd”, which is not a severity we know" in asked


def test_an_abstention_is_an_open_question_and_proposes_no_remedy_against_a_cause() -> None:
    pair = [a_change(event_id="one"), a_change(event_id="two", change_kind=ChangeKind.CONFIG)]
    draft = drafted(a_situation(symptoms=[a_symptom()], changes=pair, resolved_at=at("12:05")))
    assert any("Nothing is decisive" in each for each in draft.open_questions)
    assert {each.action_class for each in draft.action_items} <= {"detect", "investigate"}


def test_no_person_is_named_anywhere() -> None:
    assert "kim" not in repr(drafted(an_outage())).lower()


def test_an_incident_that_is_not_over_does_not_claim_a_duration() -> None:
    situation = an_outage()
    situation.incident.resolved_at = None
    assert "is not over" in texts(drafted(situation).impact)


def test_drafting_changes_nothing_and_says_the_same_again() -> None:
    situation = an_outage()
    assert drafted(situation) == drafted(an_outage())
    assert evidence.cited(drafted(situation).summary, set()) == []
