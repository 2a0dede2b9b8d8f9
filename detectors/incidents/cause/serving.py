"""Do the failing lines come from the version, region and host that a change reached?

Method: the lines of failing signatures at the changed service are counted by version; a region or host counts
where the signature stands out in it against all lines of the service before (`Lift`). Weakness: the
service has to say its version or host on its lines, and of many hosts only some are counted.
"""

from collections import Counter
from collections.abc import Iterable

from detectors.incidents import blast_radius
from detectors.incidents.blast_radius import Onset
from detectors.incidents.cause.policy import CAUSE
from detectors.incidents.cause.suspect import Weighing
from detectors.incidents.state import OpenIncident, SymptomTrack, evidence_id
from detectors.incidents.wording import cut, listed
from models.event import Change
from models.signal import SymptomKind

_FAILING = (SymptomKind.NEW_SIGNATURE, SymptomKind.SURGING_SIGNATURE)
_VERSION = ("version", "service.version", "app.version", "app_version")
_PLACED = {
    "region": ("region", "cloud.region", "aws_region", "zone", "cloud.availability_zone"),
    "host": ("host", "host.name", "hostname", "instance", "pod"),
}
"""Attributes of a change that limit it to some regions or hosts."""


def weigh(weighing: Weighing, change: Change, service: str, cited: list[str], own: Onset | None) -> None:
    """Weigh which version the failing lines name, and whether what fails stays within one region or host."""
    incident = weighing.situation.incident
    tracks = [each for each in blast_radius.tracks(incident, service) if each.worst.symptom_kind in _FAILING]
    if change.version:
        _weigh_version(weighing, change, service, cited, tracks)
    was_under_way = own is not None and change.started_at is not None and change.timestamp > own.at
    if not was_under_way:
        _weigh_place(weighing, change, cited, tracks)


def _weigh_version(
    weighing: Weighing, change: Change, service: str, cited: list[str], tracks: list[SymptomTrack]
) -> None:
    found: Counter[str] = Counter()
    for each in tracks:
        found.update(each.worst.concentration.get("version", {}))
    named = _labels(weighing.situation.incident, service)
    lines, own = found.total(), sum(many for name, many in found.items() if _is(name, change.version))
    ids = [*cited, *(evidence_id(each.worst.event_id) for each in tracks if each.worst.concentration)]
    if 0 < lines < CAUSE.fewest_lines:
        weighing.missing.append(f"only {lines} failing lines name the version that they come from: too few")
    elif lines and own >= CAUSE.most_lines * lines:
        is_apart = any(each.worst.lift and each.worst.lift.dimension == "version" for each in tracks)
        points = CAUSE.serves_apart if is_apart else CAUSE.serves
        beside = ", and other versions run beside it" if is_apart else ""
        text = f"{own} of {lines} failing lines come from version {cut(str(change.version), 40)}{beside}"
        weighing.weigh("serves_errors", points, text, ids)
    elif lines and own <= (1 - CAUSE.most_lines) * lines:
        others = listed([cut(each, 40) for each in sorted(found)[:3]])
        text = f"{lines - own} of {lines} failing lines come from other versions ({others})"
        weighing.weigh("not_serving", CAUSE.not_serving, text, ids)
    elif not lines and named:
        _weigh_labels(weighing, change, cited, named)


def _weigh_labels(weighing: Weighing, change: Change, cited: list[str], named: dict[str, str]) -> None:
    ids = [*cited, *sorted(named.values())]
    if all(_is(each, change.version) for each in named):
        text = f"the alert names version {cut(str(change.version), 40)}"
        weighing.weigh("serves_errors", CAUSE.serves, text, ids)
    elif not any(_is(each, change.version) for each in named):
        text = f"the alert names another version ({listed([cut(each, 40) for each in sorted(named)[:3]])})"
        weighing.weigh("not_serving", CAUSE.not_serving, text, ids)


def _labels(incident: OpenIncident, service: str) -> dict[str, str]:
    """Give the versions that alerts of a service name, each with the evidence of one such alert."""
    return {
        str(each.first.labels[name]): evidence_id(each.first.event_id)
        for each in blast_radius.episodes(incident, service)
        for name in _VERSION
        if each.first.labels.get(name)
    }


def _weigh_place(
    weighing: Weighing, change: Change, cited: list[str], tracks: Iterable[SymptomTrack]
) -> None:
    for each in tracks:
        lift = each.worst.lift
        names = _PLACED.get(lift.dimension) if lift is not None else None
        if lift is None or names is None or lift.count < CAUSE.most_lines * lift.of:
            continue
        ids = [*cited, evidence_id(each.worst.event_id)]
        limited = [change.attributes[name] for name in names if change.attributes.get(name)]
        failing = f"{lift.count} of {lift.of} failing lines come from {lift.dimension} {cut(lift.value, 40)}"
        if not limited:
            text = f"{failing}, and it is live on others as well, which are healthy"
            weighing.weigh("healthy_elsewhere", CAUSE.healthy_elsewhere, text, ids)
        elif lift.value in limited:
            weighing.weigh("serves_errors", CAUSE.serves_apart, f"{failing}, where it was made", ids)
        else:
            weighing.weigh("elsewhere", CAUSE.elsewhere, f"{failing}, and it was made elsewhere", ids)
        return


def _is(found: str, version: str | None) -> bool:
    # Lines are counted under the first characters of a long version, with "…" for the rest.
    one, other = found.removeprefix("v"), (version or "").removeprefix("v")
    return other.startswith(one[:-1]) if one.endswith("…") else one == other
