"""What correlation keeps, whatever comes: in any order within the lateness, twice, restarted anywhere."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.incidents import memory
from detectors.incidents.membership import live
from detectors.incidents.state import ScopeState
from detectors.topology import Catalog
from models import topic
from models.catalog import CatalogEntry
from models.event import AlertStatus, ChangeKind, FeedbackAction
from models.incident import Incident, IncidentStatus, incident_id_of
from models.record import encode
from models.signal import Signal
from models.topic import Outgoing
from tests.unit.detectors.incidents.builders import a_change, a_symptom, an_alert, at, feedback
from tests.unit.detectors.incidents.scope import Scope
from tests.unit.detectors.incidents.test_routing_decision import a_shift, schedule

LATENESS = timedelta(seconds=5)
SECOND = timedelta(seconds=1)

CALLS = {
    "web": "checkout", "checkout": "payments", "payments": "ledger", "ledger": "",
    "search": "index", "index": "", "mail": "relay", "relay": "",
}  # fmt: skip
CATALOG = Catalog(
    CatalogEntry(service=name, owner="team", scope="shop", depends_on=calls.split())
    for name, calls in CALLS.items()
)
TURNS = schedule(
    a_shift("team", "ada", starts="00:00", ends="12:30"),
    a_shift("team", "bo", starts="12:30", ends="13:00"),
    a_shift("team", "ada", starts="13:20", ends="14:00"),
    a_shift("team", "cy", level=2, starts="00:00", ends="13:10"),
)
"""The shift changes while incidents go on; from 13:00 to 13:20 nobody is on call at the first level."""

SERVICES = [*CALLS, "unknown-a", "unknown-b"]


class Arrival(NamedTuple):
    """A signal and how late it comes."""

    signal: Signal
    late: timedelta


def _signal(number: int, second: int, kind: str, service: str) -> Signal:
    moment = at("12:00") + second * SECOND
    named: dict[str, Any] = {"timestamp": moment, "event_id": f"{kind}-{number}"}
    match kind:
        case "fires" | "resolves":
            status = AlertStatus.FIRING if kind == "fires" else AlertStatus.RESOLVED
            return an_alert(service, name=("ErrorsHigh", "QueueLong")[number % 2], status=status, **named)
        case "informs":
            return an_alert(service, name="Notice", severity="info", **named)
        case "fails":
            return a_symptom(service, onset_at=moment - 20 * SECOND, score=float(number), **named)
        case "changes":
            return a_change(service, change_kind=ChangeKind.CONFIG, **named)
        case "works":
            work = {"change_kind": ChangeKind.MAINTENANCE, "state": "started"}
            ends = {"ends_at": (moment + timedelta(minutes=10)).isoformat()}
            return a_change(service, attributes=ends, **work, **named)
        case "split":
            return feedback(FeedbackAction.SPLIT, service=service, **named)
        case "merge":
            into = INCIDENTS[number % len(INCIDENTS)]
            return feedback(FeedbackAction.MERGE, service=service, into_incident_id=into, **named)
        case _:
            return feedback(FeedbackAction(kind), service=service, text="noise", **named)


MERGED = [(0, "fires", "checkout"), (2_400, "fires", "ledger"), (2_460, "fails", "payments")]
SPLIT = [(0, "fires", "payments"), (10, "fires", "unknown-a"), (300, "resolves", "payments")]
APART = [(0, "fires", "payments"), (10, "fires", "search"), (2_400, "fires", "mail")]
"""Stories that end in a merge, in a split, and in three incidents, unless what is drawn says otherwise."""

INCIDENTS = [
    incident_id_of("shop", f"fires-{number}", at("12:00") + second * SECOND)
    for number, (second, _, _) in enumerate(APART)
]
"""What these are called where nothing drawn comes before them."""


@st.composite
def arrivals(draw: st.DrawFn) -> list[Arrival]:
    kinds = ["fires", "fires", "fires", "resolves", "fails", "fails", "informs", "changes", "works"]
    kinds += ["resolve", "mitigate", "acknowledge", "reopen", "assign", "wrong_owner", "confirm_severity"]
    kinds += ["merge", "split"]
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(0, 5_400), st.sampled_from(kinds), st.sampled_from(SERVICES), st.integers(0, 5)
            ),
            min_size=1, max_size=30,
        )
    )  # fmt: skip
    story = draw(st.sampled_from([[], MERGED, SPLIT, APART]))
    told = [(second, kind, service, 2) for second, kind, service in story]
    return [
        Arrival(_signal(number, second, kind, service), late * SECOND)
        for number, (second, kind, service, late) in enumerate([*told, *drawn])
    ]


def run(ordered: Iterable[Signal], *, restart: int | None = None) -> Scope:
    """Feed signals as they come; the clock stays the lateness behind the newest."""
    scope = Scope(CATALOG, oncall=TURNS)
    newest: datetime | None = None
    for number, signal in enumerate(ordered):
        if number == restart:
            scope.state = msgspec.json.decode(msgspec.json.encode(scope.state), type=ScopeState)
        scope.sent += list(scope.stage.fold(scope.state, signal))
        newest = max(newest or signal.timestamp, signal.timestamp)
        scope.passes(newest - LATENESS)
    scope.passes(at("23:00"))
    return scope


def in_time(arrived: list[Arrival]) -> list[Signal]:
    return [each.signal for each in sorted(arrived, key=lambda each: each.signal.timestamp)]


def as_it_came(arrived: list[Arrival]) -> list[Signal]:
    return [each.signal for each in sorted(arrived, key=lambda each: each.signal.timestamp + each.late)]


def lines(sent: Iterable[Outgoing]) -> list[tuple[str, str, bytes]]:
    return [(each.topic, each.key, encode(each.value)) for each in sent]


def remembered(scope: Scope) -> bytes:
    """Give the state without what says how signals came: their order, and how often."""
    scope.state.seen = dict(sorted(scope.state.seen.items()))
    scope.state.repeated = 0
    return msgspec.json.encode(scope.state)


law = settings(deadline=None, max_examples=40, derandomize=True)


@law
@given(arrivals())
def test_any_order_within_the_lateness_gives_the_same_records_and_state(
    arrived: list[Arrival],
) -> None:
    expected, found = run(in_time(arrived)), run(as_it_came(arrived))
    assert lines(found.sent) == lines(expected.sent)
    assert remembered(found) == remembered(expected)


@law
@given(arrivals(), st.integers(1, 3))
def test_any_repetition_gives_the_same_records_and_state(arrived: list[Arrival], times: int) -> None:
    doubled = [signal for signal in in_time(arrived) for _ in range(times)]
    again = [*doubled, *in_time(arrived)[-5:]]
    expected, found = run(in_time(arrived)), run(again)
    assert lines(found.sent) == lines(expected.sent)
    assert remembered(found) == remembered(expected)


@law
@given(arrivals(), st.integers(0, 40))
def test_a_restart_at_any_point_gives_the_same_records_and_state(arrived: list[Arrival], place: int) -> None:
    expected, found = run(in_time(arrived)), run(in_time(arrived), restart=place)
    assert lines(found.sent) == lines(expected.sent)
    assert remembered(found) == remembered(expected)


@law
@given(arrivals())
def test_a_resolved_incident_swallows_no_new_alert(arrived: list[Arrival]) -> None:
    before: dict[str, Incident] = {}
    for each in run(in_time(arrived)).values(topic.INCIDENTS):
        last = before.get(each.incident_id)
        if last is not None and last.status is each.status is IncidentStatus.RESOLVED:
            assert each.alerts <= last.alerts
        before[each.incident_id] = each


@law
@given(arrivals())
def test_every_incident_ends_and_none_is_lost_in_silence(arrived: list[Arrival]) -> None:
    scope = run(in_time(arrived))
    last = scope.incidents()
    assert {each.status for each in last} <= {IncidentStatus.CLOSED}
    assert scope.state.incidents == []
    ids = {each.incident_id for each in last}
    for each in last:
        named = {each.merged_into, each.split_from, each.previous_incident, *each.split_into} - {None}
        assert named | {apart.incident_id for apart in each.apart} <= ids


@law
@given(arrivals())
def test_what_an_incident_says_of_itself_rests_on_evidence_that_was_published(arrived: list[Arrival]) -> None:
    published: dict[str, set[str]] = {}
    for sent in run(in_time(arrived)).sent:
        known = published.setdefault(sent.key, set())
        match sent.topic:
            case topic.EVIDENCE:
                known.add(sent.value.evidence_id)  # type: ignore[attr-defined]  # the topic carries evidence
            case topic.TIMELINE:
                assert {each.evidence_id for each in sent.value.entries} <= known  # type: ignore[attr-defined]
            case topic.INCIDENTS:
                assert {each.evidence_id for each in sent.value.members} <= known  # type: ignore[attr-defined]


@law
@given(arrivals())
def test_a_service_is_in_one_incident_that_goes_on_and_an_alert_in_one_of_all(arrived: list[Arrival]) -> None:
    scope = Scope(CATALOG)
    for signal in in_time(arrived):
        scope.told(signal)
        going_on = live(scope.state)
        assert len(going_on) <= memory.MOST_LIVE
        members = [name for each in going_on for name in each.members]
        assert len(members) == len(set(members))
        firing = [name for each in going_on for name in each.alerts]
        assert len(firing) == len(set(firing))
