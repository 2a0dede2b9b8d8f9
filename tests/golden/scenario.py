"""What belongs to a scenario? A recording, a catalog, and what a careful reader expects of it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.golden.story import Story

GOLDEN = Path(__file__).parent


class ExpectedChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change, by what a reader of the output sees of it."""

    change_kind: str
    service: str
    version: str | None = None
    """None where the change has no version, as with a flag."""


class ExpectedIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One incident; the only one of its scope with the verdict `incident`."""

    scope: str
    service_in: list[str]
    """The service it is about is one of these."""
    owner_in: list[str]
    """The owner is one of these."""
    worst_severity_at_least: str
    """The worst severity on its way is this one or a worse one: SEV2 is met by SEV2 and SEV1."""
    statuses: list[str]
    """Passed through in this order; others may come between or after."""
    opened_between: tuple[str, str]
    """Event times (RFC 3339), both included."""
    first_candidate: ExpectedChange | None = None
    """The cause that ranks first once all alerts fire; None: any cause that is not in `not_likely`."""
    not_likely: list[ExpectedChange] = []
    """Innocent changes: whatever their rank, never `likely`."""


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the reasoner has to say of a recording."""

    scenario: str
    incidents: list[ExpectedIncident]
    quiet_scopes: list[str]
    """Scopes with nothing of the verdict `incident`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One golden scenario: a folder beside this file."""

    name: str
    story: Callable[[], Story]
    secrets: tuple[str, ...] = ()
    """Made-up secrets that stand in its log lines and may stand in no output."""

    @property
    def catalog(self) -> Path:
        """The Backstage catalog of its services."""
        return GOLDEN / self.name / "catalog.yaml"

    @property
    def expectation(self) -> Expectation:
        """What is expected, read from `expectation.json`."""
        text = (GOLDEN / self.name / "expectation.json").read_bytes()
        return msgspec.json.decode(text, type=Expectation)

    def recording(self) -> list[dict[str, Any]]:
        """Give its events in event-time order."""
        return self.story().events()

    def export(self, folder: Path) -> list[Path]:
        """Write the recording, the catalog and the expectation into a folder; give their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        recording = folder / f"{self.name}.ndjson.gz"
        self.story().write(recording)
        copies = [folder / name for name in ("catalog.yaml", "expectation.json")]
        for copy in copies:
            shutil.copyfile(GOLDEN / self.name / copy.name, copy)
        return [recording, *copies]
