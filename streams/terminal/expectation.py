"""Do the output records say what was to be expected of a recording?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from models.cause import Candidate, Causes, CauseVerdict
from models.incident import Incident
from models.record import InvalidRecordError, Record, decode
from models.topic import Outgoing
from models.triage import Severity, Triage, Verdict


class ExpectedChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change as far as it is asked for."""

    change_kind: str
    service: str | None = None
    version: str | None = None

    def is_behind(self, candidate: Candidate) -> bool:
        """Tell whether a candidate is this change."""
        change = candidate.change
        return (
            change is not None
            and change.change_kind == self.change_kind
            and self.service in (None, candidate.service)
            and self.version in (None, change.version)
        )


class ExpectedIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One incident of a scope; of several in one scope the one that opened in their order."""

    scope: str
    service_in: list[str]
    owner_in: list[str]
    worst_severity_at_least: str
    statuses: list[str]
    """Passed through in this order; others may come between."""
    opened_between: tuple[datetime, datetime]
    """Event time of the recording, before any shift."""
    first_candidate: ExpectedChange | None = None
    not_likely: list[ExpectedChange] = []


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recording is to lead to."""

    scenario: str
    incidents: list[ExpectedIncident]
    quiet_scopes: list[str] = []
    """Scopes without any incident; noise is allowed."""


def read_expectation(path: Path) -> Expectation:
    """Read an expectation from a JSON file.

    Raises:
        InvalidRecordError: The detail names the field and what was expected there.
    """
    try:
        return decode(Expectation, path.read_bytes())
    except InvalidRecordError as error:
        raise InvalidRecordError(error.reason, f"{path}: {error.detail}") from error


def complaints(
    expectation: Expectation, sent: Iterable[Outgoing], shift: timedelta = timedelta()
) -> list[str]:
    """Say where the records differ from what was expected; empty: they do not.

    Args:
        expectation: What is to be seen.
        sent: All output records, in the order in which they were decided per incident.
        shift: What was added to every time of the recording.
    """
    told = [each.value for each in sent]
    found = []
    for scope in dict.fromkeys(each.scope for each in expectation.incidents):
        wanted = sorted(
            (each for each in expectation.incidents if each.scope == scope),
            key=lambda each: each.opened_between,
        )
        opened = _incidents(scope, told)
        if len(opened) != len(wanted):
            ids = ", ".join(opened) or "none"
            found.append(f"scope {scope}: expected {len(wanted)} incidents, found {ids}")
            continue
        for expected, incident_id in zip(wanted, opened, strict=True):
            found += _incident_complaints(expected, incident_id, told, shift)
    for scope in expectation.quiet_scopes:
        opened = _incidents(scope, told)
        if opened:
            found.append(f"scope {scope}: expected no incident, found {', '.join(opened)}")
    return found


def _incidents(scope: str, told: list[Record]) -> list[str]:
    """Give the ids of the incidents that were not noise in the end, in the order in which they opened."""
    last = {each.incident_id: each for each in told if isinstance(each, Incident) and each.scope == scope}
    real = [each for each in last.values() if each.verdict is not Verdict.NOISE]
    return [each.incident_id for each in sorted(real, key=lambda each: (each.opened_at, each.incident_id))]


def _incident_complaints(
    expected: ExpectedIncident, incident_id: str, told: list[Record], shift: timedelta
) -> list[str]:
    states = [each for each in told if isinstance(each, Incident) and each.incident_id == incident_id]
    triages = [each for each in told if isinstance(each, Triage) and each.incident_id == incident_id]
    causes = [each for each in told if isinstance(each, Causes) and each.incident_id == incident_id]
    last = max(triages, key=lambda each: each.version)
    found = []
    if last.service not in expected.service_in:
        found.append(f"service is {last.service}, expected {' or '.join(expected.service_in)}")
    if last.owner.owner not in expected.owner_in:
        found.append(f"owner is {last.owner.owner}, expected {' or '.join(expected.owner_in)}")
    worst = min(each.severity for each in triages)
    if worst > Severity[expected.worst_severity_at_least]:
        found.append(f"worst severity is {worst.name}, expected {expected.worst_severity_at_least} or worse")
    statuses = iter(each.status.value for each in states)
    if not all(status in statuses for status in expected.statuses):
        passed = list(dict.fromkeys(each.status.value for each in states))
        found.append(f"statuses were {passed}, expected {expected.statuses}")
    earliest, latest = (each + shift for each in expected.opened_between)
    if not earliest <= last.opened_at <= latest:
        found.append(f"opened at {last.opened_at}, expected between {earliest} and {latest}")
    found += _cause_complaints(expected, max(causes, key=lambda each: each.version))
    return [f"{incident_id}: {each}" for each in found]


def _cause_complaints(expected: ExpectedIncident, causes: Causes) -> list[str]:
    found = []
    wanted = expected.first_candidate
    if wanted is not None:
        first = causes.candidates[0] if causes.candidates else None
        if causes.abstained is not None or first is None:
            found.append(f"abstained ({causes.abstained}), expected {wanted}")
        elif not wanted.is_behind(first):
            found.append(f"first candidate is {first.text}, expected {wanted}")
    found += [
        f"{candidate.text} is called likely, expected that it is not"
        for unlikely in expected.not_likely
        for candidate in causes.candidates
        if unlikely.is_behind(candidate) and candidate.verdict is CauseVerdict.LIKELY
    ]
    return found
