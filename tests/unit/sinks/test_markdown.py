"""The draft as a document."""

import doctest

import msgspec

from models.postmortem import Statement
from sinks import markdown
from tests.unit.detectors.incidents.test_postmortem_draft import an_outage, drafted


def test_the_examples_in_the_docstrings_are_true() -> None:
    result = doctest.testmod(markdown)
    assert result.attempted > 0
    assert result.failed == 0


def test_every_sentence_links_to_its_evidence_in_the_document() -> None:
    draft = drafted(an_outage())
    text = markdown.render(draft)
    first = draft.impact[1]
    numbers = sorted(
        place for place, piece in enumerate(draft.evidence, start=1) if piece.evidence_id in first.evidence
    )
    links = " ".join(f"[[{number}](#evidence-{number})]" for number in numbers)
    assert f"- {first.text} {links}\n" in text
    assert all(f'<a id="evidence-{number}"></a>' in text for number in numbers)


def test_the_document_tells_causes_actions_and_anchors() -> None:
    text = markdown.render(drafted(an_outage()))
    assert "1. **the deployment of v42 to payments at 11:56 UTC** (likely, deployment," in text
    assert "| First symptom | 2026-06-23 11:58:00 UTC |" in text
    assert "| Mitigation | not yet |" in text
    assert "- [ ] **prevent**: add a canary check for payments" in text


def test_texts_from_outside_cannot_change_the_document() -> None:
    evil = "a | b\n# Title <script>alert(1)</script> [x](http://evil.example) `code`"
    draft = msgspec.structs.replace(drafted(an_outage()), summary=[Statement(text=evil, evidence=[])])
    text = markdown.render(draft)
    assert "\n# Title" not in text
    assert "<script>" not in text
    assert "[x](" not in text
    assert "a \\| b" in text


def test_tables_keep_their_rows_together() -> None:
    lines = markdown.render(drafted(an_outage())).splitlines()
    start = lines.index("| Moment | Event time |")
    assert all(line.startswith("|") for line in lines[start : start + 7])
    assert lines[start + 7] == ""


def test_equal_drafts_give_equal_documents() -> None:
    assert markdown.render(drafted(an_outage())) == markdown.render(drafted(an_outage()))
