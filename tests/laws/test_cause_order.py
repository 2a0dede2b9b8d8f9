"""Does a ranking depend on the order in which what it is drawn from arrives, or on what has no part in it?"""

import random
from datetime import timedelta

import orjson
import pytest

from detectors.incidents.cause import candidate as cause_candidate
from detectors.incidents.cause.candidate import CauseFinding
from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models.cause import Causes
from models.event import Change, ChangeKind
from models.record import encode
from models.signal import Signal, SymptomKind
from models.topic import CAUSES
from tests.policy import POLICY
from tests.unit.detectors.incidents import misleading_scenes, scenes_with_a_change, scenes_without_a_change
from tests.unit.detectors.incidents.builders import a_change, a_situation, at
from tests.unit.detectors.incidents.scene import ENTRIES, SHOP, Scene, innocents
from tests.unit.detectors.incidents.scope import Scope

SCENES = scenes_with_a_change.SCENES | scenes_without_a_change.SCENES | misleading_scenes.SCENES
FAILING_LINES = (
    "a pool that is too small",
    "a field that a callee no longer sends",
    "an expired certificate",
)
"""Scenes that log lines tell."""
_LATENESS = timedelta(hours=12)
"""Longer than the scenes, so that whatever is late is within it."""


def changes_of(scene: Scene) -> list[Change]:
    return [each for group in scene.changes for each in group]


def ranked(scene: Scene, changes: list[Change], catalog: Catalog = SHOP) -> CauseFinding:
    return cause_candidate.rank(
        a_situation(
            alerts=scene.alerts,
            symptoms=scene.failing,
            changes=changes,
            catalog=catalog,
            service="storefront",
        )
    )


def told(signals: list[Signal]) -> Causes:
    """Give the last ranking of a scope that decides its signals once all have arrived."""
    scope = Scope(SHOP)
    for each in signals:
        scope.stage.fold(scope.state, each)
    scope.passes(at("12:20"))
    return [each for each in scope.values(CAUSES) if isinstance(each, Causes)][-1]


@pytest.mark.parametrize("name", SCENES)
def test_shuffled_and_repeated_signals_give_the_same_ranking(name: str) -> None:
    scene = SCENES[name]
    signals: list[Signal] = [*scene.alerts, *scene.failing, *changes_of(scene)]
    expected = told(signals)
    for seed in range(3):
        again = signals + signals[:: seed + 1]
        random.Random(seed).shuffle(again)
        assert told(again) == expected


@pytest.mark.parametrize("name", SCENES)
def test_ten_innocent_changes_do_not_move_the_first_candidate(name: str) -> None:
    scene = SCENES[name]
    alone = ranked(scene, changes_of(scene)).candidates[0]
    for service in (scene.service, "mail-relay"):
        among = ranked(scene, changes_of(scene) + innocents(service, 10)).candidates[0]
        assert (among.candidate_id, among.score) == (alone.candidate_id, alone.score)


@pytest.mark.parametrize("name", SCENES)
def test_flags_that_are_flipped_at_services_without_a_part_in_it_do_not_move_the_first_candidate(
    name: str,
) -> None:
    scene = SCENES[name]
    flags = [
        a_change(each, change_kind=ChangeKind.FEATURE_FLAG, name=f"beta_{each}", timestamp=at("11:59"))
        for each in without_a_part(scene)
    ]
    alone, among = (ranked(scene, changes_of(scene) + more).candidates[0] for more in ([], flags))
    assert among.candidate_id == alone.candidate_id


@pytest.mark.parametrize("name", SCENES)
def test_removing_services_without_a_part_in_it_does_not_move_the_first_candidate(name: str) -> None:
    scene = SCENES[name]
    gone = without_a_part(scene)
    assert gone
    left = Catalog([each for each in ENTRIES if each.service not in gone])
    before, after = (ranked(scene, changes_of(scene), catalog).candidates[0] for catalog in (SHOP, left))
    assert after.candidate_id == before.candidate_id


def without_a_part(scene: Scene) -> list[str]:
    """Give the services at which nothing happened, and which none with a part in it calls or is called by."""
    acting = {each.service for each in [*scene.alerts, *scene.failing, *changes_of(scene)] if each.service}
    known = SHOP.services("shop", at("12:00"))
    near = {
        other
        for each in acting
        for other in known
        if SHOP.path(each, other, at("12:00")) or SHOP.path(other, each, at("12:00"))
    }
    return sorted(set(known) - acting - near)


def records(scene: Scene) -> list[tuple[str, bytes]]:
    """Give a scene as its producers would send it: the changes, the page, and lines for its signatures."""
    found = [("deploys", encode(each)) for each in changes_of(scene)]
    found += [("alerts", encode(each)) for each in scene.alerts]
    for place, each in enumerate(scene.failing):
        for second in range(-300, 120, 5):
            is_failing = second >= 0 and each.symptom_kind is SymptomKind.NEW_SIGNATURE
            line = {
                "kind": "log", "service": each.service, "event_id": f"l-{place}-{second}",
                "timestamp": (each.onset_at + timedelta(seconds=second)).timestamp(),
                "body": each.text if is_failing else "request served",
                "severity": "ERROR" if is_failing else "INFO",
            }  # fmt: skip
            found.append(("logs", orjson.dumps(line)))
    return found


def last_ranking(fed: list[tuple[str, bytes]]) -> Causes:
    pipeline = Pipeline(SHOP, _LATENESS, POLICY, Redactor())
    sent = [each for source, data in fed for each in pipeline.feed(source, data)]
    sent += pipeline.end()
    return [each.value for each in sent if isinstance(each.value, Causes)][-1]


@pytest.mark.parametrize("name", FAILING_LINES)
def test_late_shuffled_and_repeated_records_give_the_same_ranking(name: str) -> None:
    given = records(SCENES[name])
    expected = last_ranking(given)
    shuffled = list(given)
    random.Random(1).shuffle(shuffled)
    again = given + [each for each in given if each[0] != "logs"]
    assert last_ranking(shuffled) == expected
    assert last_ranking(again).candidates == expected.candidates
    first = expected.candidates[0]
    assert (first.change.commit if first.change else None) == SCENES[name].blamed
