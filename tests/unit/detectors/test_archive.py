from datetime import timedelta

import msgspec

from detectors.archive import Archive
from models.postmortem import Postmortem
from tests.unit.detectors.incidents.test_postmortem_draft import an_outage, drafted


def a_draft(version: int, minutes: int) -> Postmortem:
    draft = drafted(an_outage())
    return msgspec.structs.replace(draft, version=version, as_of=draft.as_of + timedelta(minutes=minutes))


def passed_on(*drafts: Postmortem) -> list[int]:
    archive = Archive()
    state = archive.start("incident-1")
    sent = [each.value for draft in drafts for each in archive.fold(state, draft)]
    return [each.version for each in sent if isinstance(each, Postmortem)]


def test_a_newer_draft_is_passed_on() -> None:
    assert passed_on(a_draft(1, 0), a_draft(2, 15)) == [1, 2]


def test_the_same_draft_is_passed_on_once() -> None:
    assert passed_on(a_draft(1, 0), a_draft(1, 0)) == [1]


def test_a_draft_that_was_overtaken_is_not_passed_on() -> None:
    assert passed_on(a_draft(2, 15), a_draft(1, 0), a_draft(2, 15)) == [2]


def test_of_drafts_of_the_same_moment_the_later_version_stays() -> None:
    assert passed_on(a_draft(1, 0), a_draft(2, 0), a_draft(1, 0)) == [1, 2]


def test_drafts_wait_for_no_time() -> None:
    archive = Archive()
    state = archive.start("incident-1")
    archive.fold(state, a_draft(1, 0))
    assert archive.due_at(state) is None
    assert not archive.is_spent(state, a_draft(1, 0).as_of + timedelta(days=400))
