"""What belongs to a scenario? A recording, a catalog, and what a careful reader expects of it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from detectors.oncall import OnCallSchedule
from models.policy import Policy
from streams.oncall.directory import read as read_schedules
from streams.policy_file import read as read_policy
from streams.terminal.expectation import Expectation, read_expectation
from tests.golden.story import Story

GOLDEN = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One golden scenario: a folder beside this file."""

    name: str
    story: Callable[[], Story]
    secrets: tuple[str, ...] = ()
    """Made-up secrets that stand in its log lines and may stand in no output."""
    profile: str = ""
    """The file of `deploy/profiles` that it is judged by, without its ending; empty: the shipped policy."""

    @property
    def policy(self) -> Policy:
        """The rules that it is judged by."""
        folder = GOLDEN.parents[1] / "deploy" / "profiles"
        return read_policy(folder / f"{self.profile}.yaml" if self.profile else None)

    @property
    def catalog(self) -> Path:
        """The Backstage catalog of its services."""
        return GOLDEN / self.name / "catalog.yaml"

    @property
    def schedules(self) -> OnCallSchedule:
        """Who is on call in it; known where its folder holds a folder `oncall`."""
        folder = GOLDEN / self.name / "oncall"
        return read_schedules(folder if folder.exists() else None)

    @property
    def expectation(self) -> Expectation:
        """What is expected, read from `expectation.json`."""
        return read_expectation(GOLDEN / self.name / "expectation.json")

    def recording(self) -> list[dict[str, Any]]:
        """Give its events in event-time order."""
        return _events(self.story)

    def export(self, folder: Path) -> list[Path]:
        """Write the recording, the catalog and the expectation into a folder; give their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        recording = folder / f"{self.name}.ndjson.gz"
        self.story().write(recording)
        copies = [folder / name for name in ("catalog.yaml", "expectation.json")]
        for copy in copies:
            shutil.copyfile(GOLDEN / self.name / copy.name, copy)
        return [recording, *copies]


@cache
def _events(story: Callable[[], Story]) -> list[dict[str, Any]]:
    return story().events()
