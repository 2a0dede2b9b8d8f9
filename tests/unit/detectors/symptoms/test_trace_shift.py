"""What sampled traces tell of the way of requests, and of the time between services."""

from models.chunk import TracePart
from models.signal import Symptom, SymptomKind
from tests.unit.detectors.symptoms.traces import START, Shop, a_request

HEALTHY = 36
"""Buckets: six minutes, more than what has to be known before anything is judged."""


def of_kind(told: list[Symptom], kind: SymptomKind) -> list[Symptom]:
    return [each for each in told if each.symptom_kind is kind]


def test_healthy_requests_tell_nothing() -> None:
    shop = Shop()
    assert shop.serves(3 * HEALTHY) == []


def test_a_line_that_is_no_longer_written_breaks_the_flow_of_its_service() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    told = of_kind(shop.serves(6, cart_lines=("cart loaded",)), SymptomKind.FLOW_BREAK)
    assert {each.service for each in told} == {"cart"}
    assert told[0].text == "the line “stock checked” is missing"
    assert told[-1].value < 30
    assert told[-1].baseline > 80
    assert (told[0].onset_at.timestamp() - START) // 10 == HEALTHY


def test_a_swallowed_failure_shows_as_the_call_that_is_no_longer_made() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    told = of_kind(shop.serves(6, calls_store=False), SymptomKind.FLOW_BREAK)
    assert {each.service for each in told} == {"cart"}
    assert "store" in told[0].text


def test_a_mix_that_was_seen_before_is_no_break() -> None:
    shop = Shop()
    for _ in range(HEALTHY // 6):
        shop.serves(3)
        shop.serves(3, cart_lines=("cart loaded", "cart was empty"))
    assert shop.serves(6, cart_lines=("cart loaded", "cart was empty")) == []


def test_a_failure_that_goes_missing_is_a_recovery() -> None:
    shop = Shop()
    shop.serves(HEALTHY, cart_lines=("cart loaded", "stock check failed"))
    assert shop.serves(6, cart_lines=("cart loaded", "stock checked")) == []


def test_a_trace_that_goes_on_in_the_next_bucket_is_judged_whole() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    for number in range(30):
        name, whole = a_request(10_000 + number)
        first = {"a": whole.spans["a"], "b": whole.spans["b"]}
        rest = {key: mark for key, mark in whole.spans.items() if key not in first}
        kind = type(whole)
        assert shop.sees({name: kind(spans=first)}) == []
        assert shop.sees({name: kind(spans=rest, lines=whole.lines)}) == []


def test_requests_of_which_few_still_come_are_a_selection_and_not_judged() -> None:
    shop = Shop()
    shop.serves(HEALTHY, per_bucket=6)
    front_only = {"a": a_request(0)[1].spans["a"]}
    for number in range(6):
        some = shop.requests(1, cart_lines=("cart loaded",))
        some |= {f"front{number}-{each}": type(a_request(0)[1])(spans=front_only) for each in range(5)}
        told = shop.sees(some)
        assert "cart" not in {each.service for each in told}


def test_a_break_is_told_of_although_no_request_comes_any_more() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    shop.sees(shop.requests(20, cart_lines=("cart loaded",)))
    assert of_kind(shop.waits(60), SymptomKind.FLOW_BREAK)


def test_time_between_two_services_is_told_of_their_calls() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    told = of_kind(shop.serves(4, gap_ms=300.0), SymptomKind.NETWORK_GAP)
    assert [(each.service, each.peer) for each in told[:1]] == [("cart", "store")]
    assert told[0].value == 300.0
    assert told[0].baseline == 2.0
    assert (told[0].onset_at.timestamp() - START) // 10 == HEALTHY


def test_a_fast_network_that_doubles_its_half_millisecond_is_no_gap() -> None:
    shop = Shop()
    shop.serves(HEALTHY, gap_ms=0.3)
    assert shop.serves(6, gap_ms=0.9) == []


def test_a_fault_does_not_become_its_own_baseline_for_ten_minutes() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    told = shop.serves(54, cart_lines=("cart loaded",))
    assert told[-1].timestamp.timestamp() - START > 10 * (HEALTHY + 45)


def test_a_request_that_takes_three_buckets_is_slow_not_broken() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    for number in range(24):
        name, whole = a_request(20_000 + number)
        start_ms = 1_000 * (START + 10 * (HEALTHY + number))
        long = whole.spans["b"]
        slow = type(long)(long.parent, long.service, long.name, start_ms, 25_000.0)
        early = {"a": whole.spans["a"], "b": slow, "c": whole.spans["c"]}
        late = {key: mark for key, mark in whole.spans.items() if key not in early}
        traces = {name: type(whole)(spans=early)}
        if number >= 2:
            traces[f"trace{20_000 + number - 2}"] = type(whole)(spans=late, lines=whole.lines)
        assert shop.sees(traces) == []


def test_what_lasts_ten_minutes_is_how_requests_go_and_is_told_no_more() -> None:
    shop = Shop()
    shop.serves(HEALTHY)
    shop.serves(61, cart_lines=("cart loaded",))
    assert shop.serves(60, cart_lines=("cart loaded",)) == []


def test_a_caller_without_a_span_for_its_call_tells_nothing_of_the_way() -> None:
    shop = Shop()
    span = type(a_request(0)[1].spans["a"])

    def trace(own_ms: float) -> TracePart:
        return TracePart(
            spans={"a": span("", "shop", "GET /", 0, own_ms + 20), "b": span("a", "pay", "Charge", 5, 20.0)}
        )

    for number in range(HEALTHY):
        shop.sees({f"fast{number}-{each}": trace(2.0) for each in range(4)})
    for number in range(6):
        assert shop.sees({f"slow{number}-{each}": trace(400.0) for each in range(4)}) == []
