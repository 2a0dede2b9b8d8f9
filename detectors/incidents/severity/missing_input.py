"""On which inputs should the severity rest that nobody told of?"""

from collections.abc import Callable
from typing import NamedTuple

from detectors.incidents import blast_radius
from detectors.incidents.severity.catalog_rule import has_recurred
from detectors.incidents.severity.fact import Facts
from detectors.incidents.severity.table import Judged
from detectors.incidents.state import Situation
from detectors.incidents.wording import listed, number
from models import annotation
from models.measure import Measure
from models.triage import MissingInput


class _Input(NamedTuple):
    name: str
    is_told: Callable[[Situation, Facts], bool]
    text: str
    taken_as: str | None = None


def _alerts_name_their_source(situation: Situation, _: Facts) -> bool:
    return any(each.first.source for each in situation.incident.alerts.values())


def _any_of(*measures: Measure) -> Callable[[Situation, Facts], bool]:
    return lambda _, facts: any(facts.known(each) for each in measures)


def _dependencies_are_known(situation: Situation, _: Facts) -> bool:
    return bool(situation.catalog.dependencies(situation.incident.service, situation.as_of))


def _duties_are_known(situation: Situation, _: Facts) -> bool:
    entries = (
        situation.catalog.entry(each, situation.as_of) for each in blast_radius.services(situation.incident)
    )
    return any(each is not None and annotation.COMPLIANCE in each.annotations for each in entries)


_SILENT = "it is as usual, or it is not measured"

_INPUTS = (
    _Input("alert_source", _alerts_name_their_source, "no alert names the system that sent it"),
    _Input(
        "error_rate", _any_of(Measure.ERROR_SHARE),
        f"nothing tells of the share of failing requests: {_SILENT}",
    ),
    _Input("latency", _any_of(Measure.LATENCY_FACTOR), f"nothing tells of latency: {_SILENT}"),
    _Input("saturation", _any_of(Measure.SATURATION), f"nothing tells of how full resources are: {_SILENT}"),
    _Input(
        "business_transactions", _any_of(Measure.TRANSACTION_LOSS),
        f"nothing tells of orders, payments or the like: {_SILENT}",
    ),
    _Input(
        "recent_deployments", _any_of(Measure.RECENT_CHANGE),
        "no change of an affected service or of what it calls is known in the lookback",
    ),
    _Input(
        "dependency_health", _dependencies_are_known,
        "the catalog names nothing that the service depends on (spec.dependsOn)",
    ),
    _Input(
        "similar_incidents", lambda situation, _: has_recurred(situation),
        "no incident of this system was closed within a day before, and none that is remembered shows alike",
    ),
    _Input(
        "compliance", _duties_are_known,
        f"the catalog says of no affected service which duties it carries ({annotation.COMPLIANCE})",
    ),
)  # fmt: skip


def missing(situation: Situation, facts: Facts, judged: Judged) -> list[MissingInput]:
    """Give the inputs of which nothing was told, and what was taken in their place."""
    found = []
    unsaid = sorted(each.service for each in facts.known(Measure.CUSTOMER_FACING) if each.assumed)
    if unsaid:
        shown = listed(unsaid[:3] + ([f"{number(len(unsaid) - 3)} more"] if len(unsaid) > 3 else []))
        text = f"the catalog does not say whether users meet {shown} ({annotation.CUSTOMER_FACING})"
        found.append(MissingInput(name="customer_facing", text=text, taken_as="met by users"))
    found += [
        MissingInput(name=each.name, text=each.text, taken_as=each.taken_as)
        for each in _INPUTS
        if not each.is_told(situation, facts)
    ]
    if not judged.is_urgency_known and not any(
        each.rule in situation.policy.severity.urgency for each in judged.fired
    ):
        text = "neither a burn rate nor a fill level was measured that would tell how soon it must end"
        found.append(MissingInput(name="urgency", text=text, taken_as="high"))
    return found
