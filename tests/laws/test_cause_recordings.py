"""Does a ranking of whole recordings, traces and metrics too, depend on what has no part in it?"""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
import pytest

from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models.catalog import CatalogEntry
from models.cause import Candidate, Causes
from models.topic import DIRECT
from streams.catalog.backstage import read as read_catalog
from streams.recording.reading import TOPIC_OF_KIND
from tests.golden import SCENARIOS
from tests.policy import POLICY
from tests.unit.detectors.incidents.scene import INNOCENT

LATENESS = timedelta(seconds=5)
ALERTED = {"checkout_outage": "2026-05-12T13:25:30+00:00", "database_saturation": "2026-03-16T11:07:00+00:00"}
"""A minute or two after the first alert, when somebody reads who is to blame."""
CHANGED = {
    "checkout_outage": ("checkout-api", "payments", "catalog-search"),
    "database_saturation": ("order-web", "order-api", "order-db"),
}
"""Services that are blamed, that suffer, that others call, and that have no part in it."""
WITHOUT_A_PART = {"catalog-search", "reporting", "ledger-export"}
"""Services of the checkout outage that the harm does not touch; web calls the first of them."""

each_recording = pytest.mark.parametrize("name", ALERTED)
Event = dict[str, Any]


def seconds(event: Event) -> float:
    sent = event["timestamp"]
    return datetime.fromisoformat(sent).timestamp() if isinstance(sent, str) else float(sent)


def recording(name: str) -> list[Event]:
    until = datetime.fromisoformat(ALERTED[name]).timestamp()
    return [each for each in SCENARIOS[name].recording() if seconds(each) <= until]


def entries(name: str) -> list[CatalogEntry]:
    return list(read_catalog([SCENARIOS[name].catalog]))


def ranked(name: str, events: Iterable[Event], known: list[CatalogEntry]) -> list[Candidate]:
    """Give the last ranking, of events in the order in which they arrive."""
    pipeline = Pipeline(Catalog(known), LATENESS, POLICY, Redactor())
    sent = [
        told for each in events for told in pipeline.feed(TOPIC_OF_KIND[each["kind"]], orjson.dumps(each))
    ]
    sent += pipeline.end(datetime.fromisoformat(ALERTED[name]))
    return [each.value for each in sent if isinstance(each.value, Causes)][-1].candidates


@cache
def alone(name: str) -> list[Candidate]:
    return ranked(name, recording(name), entries(name))


@each_recording
def test_late_shuffled_and_repeated_events_give_the_same_ranking(name: str) -> None:
    chance = random.Random(name)
    events = recording(name)
    assert {"span", "metric", "log", "change", "alert"} <= {each["kind"] for each in events}
    twice = [each for each in events if TOPIC_OF_KIND[each["kind"]] in DIRECT]
    arriving = sorted(
        events + twice, key=lambda each: seconds(each) + chance.uniform(0, LATENESS.total_seconds())
    )
    assert ranked(name, arriving, entries(name)) == alone(name)


@each_recording
def test_ten_innocent_changes_of_a_service_do_not_move_the_first_candidate(name: str) -> None:
    until = seconds(next(each for each in recording(name) if each["kind"] == "alert"))
    kinds = list(INNOCENT.values())
    first = alone(name)[0]
    for service in CHANGED[name]:
        changes: list[Event] = [
            {
                "kind": "change", "change_kind": "deploy", "service": service, "event_id": f"tidy-{place}",
                "timestamp": datetime.fromtimestamp(until - 60 * (place + 1), UTC).isoformat(),
                "version": f"v9{place}", "summary": "Tidy up",
                "attributes": {"files_changed": kind.files, "diff": kind.diff},
            }
            for place in range(10)
            for kind in [kinds[place % len(kinds)]]
        ]  # fmt: skip
        among = ranked(name, sorted(recording(name) + changes, key=seconds), entries(name))[0]
        assert among.candidate_id == first.candidate_id, service


def test_removing_services_without_a_part_in_it_does_not_move_the_first_candidate() -> None:
    name = "checkout_outage"
    left = [each for each in entries(name) if each.service not in WITHOUT_A_PART]
    events = [each for each in recording(name) if each.get("service") not in WITHOUT_A_PART]
    assert len(left) < len(entries(name))
    assert len(events) < len(recording(name))
    assert ranked(name, events, left)[0].candidate_id == alone(name)[0].candidate_id
