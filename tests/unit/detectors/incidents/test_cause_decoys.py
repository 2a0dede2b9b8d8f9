"""Which change is to blame, or none, beside decoys: innocent changes that lie closer or look worse."""

import pytest

from tests.unit.detectors.incidents import misleading_scenes, scenes_with_a_change, scenes_without_a_change
from tests.unit.detectors.incidents.scene import blamed

SCENES = scenes_with_a_change.SCENES | scenes_without_a_change.SCENES | misleading_scenes.SCENES


@pytest.mark.parametrize("name", SCENES)
def test_the_first_candidate_names_what_is_to_blame(name: str) -> None:
    finding = SCENES[name].ranked()
    assert blamed(finding) == SCENES[name].blamed
    assert finding.candidates[0].service == SCENES[name].service
