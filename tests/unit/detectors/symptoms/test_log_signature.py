import random
from datetime import UTC, datetime

import msgspec
import pytest

from detectors.intake.folding import Fold
from detectors.intake.redaction import Redactor
from detectors.symptoms.log_signature import LogSignatures
from detectors.symptoms.signature_history import MOST_SIGNATURES
from detectors.topology import Catalog
from models import topic
from models.chunk import Chunk, LogPatterns, PatternCount
from models.event import LogRecord
from models.signal import SymptomKind
from tests.unit.detectors.symptoms.watching import CATALOG, START, Watch, lines, onset, second

LEARNING_BUCKETS = 18
"""Three minutes."""


def a_watch(*, learned: bool = True) -> Watch:
    watch = Watch(LogSignatures(lambda: CATALOG))
    if learned:
        watch.sees_all([{"p": lines(3)}] * LEARNING_BUCKETS)
    return watch


def test_a_new_error_signature_is_told_once() -> None:
    watch = a_watch()
    told = watch.sees({"p": lines(3), "e": lines(1, "error", "connection refused")})
    assert [(each.symptom_kind, each.text, each.severity) for each in told] == [
        (SymptomKind.NEW_SIGNATURE, "connection refused", "error")
    ]
    assert watch.sees_all([{"p": lines(3), "e": lines(1, "error", "connection refused")}] * 20) == []


def test_a_new_signature_carries_what_is_needed_to_check_it() -> None:
    (told,) = a_watch().sees({"e": lines(4, "error", "connection refused")})
    assert (told.value, told.sample_size, told.unit, told.sample) == (4.0, 4, "lines", "connection refused")
    assert second(told) == 190
    assert told.sources == ["log-patterns/checkout-api/2026-06-23T12:03:00Z"]
    assert told.score > 0


def test_while_a_service_is_learned_nothing_is_new() -> None:
    watch = a_watch(learned=False)
    buckets = [{str(number): lines(9, "error", f"template {number}")} for number in range(LEARNING_BUCKETS)]
    assert watch.sees_all(buckets) == []


def test_an_error_that_was_there_while_learning_is_not_new_later() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"e": lines(1, "error", "old acquaintance")}] + [{"p": lines(3)}] * LEARNING_BUCKETS)
    assert watch.sees({"e": lines(1, "error", "old acquaintance")}) == []


def test_a_new_line_that_only_informs_is_told_when_it_has_come_often_enough() -> None:
    watch = a_watch()
    rare = {"i": lines(2, "info", "cache warmed")}
    assert watch.sees_all([rare, rare]) == []
    assert [each.value for each in watch.sees(rare)] == [6.0]


def test_a_new_line_that_only_informs_and_stays_rare_is_not_told() -> None:
    watch = a_watch()
    for _ in range(20):
        assert watch.sees({"i": lines(1, "info", "nightly job ran")}) == []
        watch.waits(200)


def test_a_surge_of_errors_is_told_at_its_onset_and_each_minute_while_it_lasts() -> None:
    watch = a_watch(learned=False)
    usual, many = {"e": lines(2, "error", "timeout")}, {"e": lines(40, "error", "timeout")}
    assert watch.sees_all([usual] * 30) == []
    told = watch.sees_all([many] * 18)
    assert [(each.symptom_kind, second(each), onset(each)) for each in told] == [
        (SymptomKind.SURGING_SIGNATURE, 310, 300),
        (SymptomKind.SURGING_SIGNATURE, 370, 300),
        (SymptomKind.SURGING_SIGNATURE, 430, 300),
    ]
    assert {each.baseline for each in told} == {6.0}


def test_a_surge_is_measured_against_what_was_usual_before_it_however_long_it_lasts() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"e": lines(2, "error", "timeout")}] * 60)
    told = watch.sees_all([{"e": lines(40, "error", "timeout")}] * 240)
    assert len(told) == 40
    assert [each.baseline for each in told] == pytest.approx([6.0] * 40, rel=0.05)
    watch.sees_all([{"e": lines(2, "error", "timeout")}] * 10)
    assert watch.sees_all([{"e": lines(2, "error", "timeout")}] * 120) == []


def test_a_surge_that_lasts_an_hour_is_usual_from_then_on() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"e": lines(2, "error", "timeout")}] * 60)
    watch.sees_all([{"e": lines(40, "error", "timeout")}] * 361)
    assert watch.sees_all([{"e": lines(40, "error", "timeout")}] * 400) == []


def test_a_surge_after_a_silence_has_its_own_onset() -> None:
    watch = a_watch(learned=False)
    usual, many = {"e": lines(2, "error", "timeout")}, {"e": lines(40, "error", "timeout")}
    watch.sees_all([usual] * 30 + [many] * 3)
    watch.waits(1800)
    told = watch.sees_all([many] * 2)
    assert {onset(each) for each in told} == {330 + 1800}


def test_a_surge_of_lines_that_only_inform_is_not_told() -> None:
    watch = a_watch()
    assert watch.sees_all([{"p": lines(400)}] * 20) == []


@pytest.mark.parametrize("mean", [0.5, 3, 20, 300])
def test_steady_noise_is_no_surge(mean: float) -> None:
    chance = random.Random(f"noise {mean}")
    watch = a_watch(learned=False)
    for _ in range(2_000):
        count = _poisson(chance, mean)
        watch.sees({"p": lines(1), **({"w": lines(count, "warn", "slow")} if count else {})})
    assert [each for each in watch.symptoms if each.symptom_kind is SymptomKind.SURGING_SIGNATURE] == []


def _poisson(chance: random.Random, mean: float) -> int:
    count, waited = 0, chance.expovariate(mean)
    while waited < 1:
        count += 1
        waited += chance.expovariate(mean)
    return count


def test_the_number_of_signatures_is_bounded_and_what_was_dropped_is_counted() -> None:
    watch = a_watch(learned=False)
    most = MOST_SIGNATURES
    chance = random.Random("statements")
    for _ in range(10):
        texts = [" ".join("".join(chance.choices("bcdfghklm", k=9)) for _ in range(4)) for _ in range(50)]
        watch.sees({text: lines(1, "info", text) for text in texts})
    assert 0 < len(watch.state.history.known) <= most
    assert watch.stage.counts(watch.state).left_out >= 500 - 2 * most


def gone(watch: Watch) -> list[str]:
    return [each.text for each in watch.symptoms if each.symptom_kind is SymptomKind.VANISHED_SIGNATURE]


def test_a_steady_signature_that_stops_while_its_service_logs_on_is_told_as_vanished_once() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"p": lines(30), "h": lines(6, "info", "heartbeat sent")}] * 40)
    watch.sees_all([{"p": lines(30)}] * 40)
    (told,) = watch.symptoms
    assert (told.symptom_kind, told.text, told.value) == (
        SymptomKind.VANISHED_SIGNATURE, "heartbeat sent", 0.0
    )  # fmt: skip
    assert (told.baseline, told.threshold) == (36.0, 1.0)
    assert told.severity == "unknown"


def test_a_service_that_falls_silent_is_not_told_signature_by_signature() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{f"s{n}": lines(6, "info", f"{word} done") for n, word in enumerate(WORDS)}] * 40)
    watch.sees_all([{}] * 40)
    assert gone(watch) == []


def silences(watch: Watch) -> list[int]:
    return [second(each) for each in watch.symptoms if each.symptom_kind is SymptomKind.SILENT_SERVICE]


@pytest.mark.parametrize("every", [1, 5, 40])
def test_a_service_that_falls_silent_is_told_once_when_the_time_passes_however_seldom(every: int) -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"p": lines(6)}] * 40)
    for number in range(40, 81, every):
        watch.passes(START + 10 * number)
    assert silences(watch) == [400 + 60]
    (told,) = [each for each in watch.symptoms if each.symptom_kind is SymptomKind.SILENT_SERVICE]
    assert (onset(told), told.value, told.baseline, told.sample_size) == (400, 0.0, 36.0, 216)


def test_a_service_that_logs_now_and_then_is_not_missed() -> None:
    watch = a_watch(learned=False)
    for _ in range(6):
        watch.sees_all([{"p": lines(60)}, *([{}] * 12)])
    assert silences(watch) == []


def shares(watch: Watch) -> list[tuple[int, float, float]]:
    told = [each for each in watch.symptoms if each.symptom_kind is SymptomKind.ERROR_SHARE]
    return [(onset(each), each.value, each.baseline) for each in told]


def test_a_service_of_which_many_different_lines_fail_is_told_by_its_share_of_errors() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"p": lines(99), "e": lines(1, "error", "timeout")}] * 40)
    many = {f"e{n}": lines(4, "error", f"{word} failed") for n, word in enumerate(WORDS)}
    watch.sees_all([{"p": lines(84), **many}] * 3)
    ((begun, value, _),) = shares(watch)
    assert begun == 400
    assert value == pytest.approx(100 * 18 / 300)


def test_errors_that_grow_with_the_traffic_are_no_shift_of_their_share() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"p": lines(95), "e": lines(5, "error", "timeout")}] * 40)
    watch.sees_all([{"p": lines(950), "e": lines(50, "error", "timeout")}] * 40)
    assert shares(watch) == []


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3])
def test_a_steady_share_of_errors_is_no_shift(share: float) -> None:
    chance = random.Random(f"share {share}")
    watch = a_watch(learned=False)
    for _ in range(1_000):
        errors = sum(chance.random() < share for _ in range(100))
        bad = {"e": lines(errors, "error", "timeout")} if errors else {}
        watch.sees({"p": lines(100 - errors), **bad})
    assert shares(watch) == []


def test_signatures_of_a_service_whose_traffic_ebbs_are_not_missed() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"p": lines(600), "h": lines(6, "info", "order cancelled")}] * 40)
    watch.sees_all([{"p": lines(6)}] * 20)
    assert gone(watch) == []


def test_what_comes_only_now_and_then_is_not_missed() -> None:
    watch = a_watch(learned=False)
    for _ in range(8):
        watch.sees({"p": lines(30), "j": lines(200, "info", "nightly export row written")})
        watch.sees_all([{"p": lines(30)}] * 17)
    assert gone(watch) == []


WORDS = ("payment", "checkout", "shipment", "invoice")


def test_values_that_the_mask_does_not_know_become_one_signature_and_what_was_merged_is_said() -> None:
    watch = a_watch()
    names = ("lisbon", "oporto", "braga", "faro", "evora", "leiria")
    told = [
        each
        for name in names
        for each in watch.sees({name: lines(1, "error", f"shipment to depot {name} was refused")})
    ]
    first, *_ = told
    assert len({each.subject for each in told}) < len(names)
    joined = {gone for each in told for gone in each.merged}
    assert joined <= {each.subject for each in told} - {first.subject}
    assert len(watch.state.history.known) == 2


def test_a_merge_is_published_although_nothing_about_it_is_abnormal() -> None:
    watch = a_watch()
    names = ("lisbon", "oporto", "braga", "faro")
    for name in names:
        watch.sees({name: lines(1, "info", f"shipment to depot {name} was received")})
    assert watch.symptoms == []
    assert watch.merges != []
    stays = set(watch.state.history.clusters.clusters)
    for each in watch.merges:
        assert each.signature_id in stays
        assert each.merged
        assert stays.isdisjoint(each.merged)
        assert (each.service, each.template) == ("checkout-api", "shipment to depot lisbon was received")
    assert len({each.event_id for each in watch.merges}) == len(watch.merges)


def test_a_merge_goes_to_its_own_topic_under_the_name_of_the_service() -> None:
    watch = a_watch()
    names = ("lisbon", "oporto", "braga", "faro")
    watch.hears(
        {START + 180: {each: lines(1, "info", f"shipment to depot {each} was received") for each in names}}
    )
    (sent,) = watch.stage.advance(watch.state, _later())
    assert (sent.topic, sent.key) == ("log-signatures", "checkout-api")


def test_a_sensitive_signature_is_marked_and_shows_no_name() -> None:
    line = "Failed password for ada from gate"
    (told,) = a_watch().sees({"e": lines(3, "error", line)})
    assert told.sensitive == ["credential_failure"]
    assert told.sample == told.text == "Failed password for <masked> from gate"


def placed(
    count: int, tenant: str, severity: str = "info", template: str = "order <n> placed"
) -> PatternCount:
    return msgspec.structs.replace(
        lines(count, severity, template), concentration={"tenant": {tenant: count}, "version": {"v41": count}}
    )


def test_a_signature_names_the_tenant_in_which_it_concentrates_but_not_the_only_version() -> None:
    watch = a_watch(learned=False)
    tenants = ("acme", "globex", "initech", "umbrella")
    buckets = [{name: placed(10, name, template=f"{name} came") for name in tenants}] * LEARNING_BUCKETS
    watch.sees_all(buckets)
    (told,) = watch.sees({"e": placed(20, "globex", "error", "refused")})
    assert told.lift is not None
    assert (told.lift.dimension, told.lift.value, told.lift.count, told.lift.of) == (
        "tenant",
        "globex",
        20,
        20,
    )
    assert told.lift.usual_share == pytest.approx(0.25, abs=0.01)


def test_a_signature_that_is_spread_like_all_lines_names_no_tenant() -> None:
    watch = a_watch(learned=False)
    watch.sees_all([{"p": placed(40, "acme")}] * LEARNING_BUCKETS)
    (told,) = watch.sees({"e": placed(20, "acme", "error", "refused")})
    assert told.lift is None


def test_a_signature_that_was_forgotten_is_neither_new_nor_a_surge_when_it_comes_back() -> None:
    watch = a_watch(learned=False)
    chance = random.Random("forgotten")
    texts = [" ".join("".join(chance.choices("bcdfghklm", k=9)) for _ in range(4)) for _ in range(160)]
    watch.sees_all(
        {text: lines(20, "error", text) for text in texts[80 * (number % 2) :][:80]} for number in range(60)
    )
    assert watch.symptoms == []


def test_a_symptom_goes_to_the_scope_of_its_service() -> None:
    for catalog, scope in ((CATALOG, "shop"), (Catalog(), "default")):
        watch = Watch(LogSignatures(lambda catalog=catalog: catalog))  # type: ignore[misc]
        watch.sees_all([{"p": lines(3)}] * LEARNING_BUCKETS)
        watch.hears({START + 1000: {"e": lines(1, "error", "refused")}})
        (sent,) = watch.stage.advance(watch.state, _later())
        assert sent.key == scope


def _later() -> datetime:
    return datetime.fromtimestamp(START + 2000, UTC)


def test_a_sensitive_line_that_only_informs_is_told_at_once() -> None:
    (told,) = a_watch().sees({"i": lines(1, "info", "granted role admin to ada")})
    assert (told.sensitive, told.value) == (["privilege_change"], 1.0)
    assert "ada" not in told.text + told.sample


def logins(start: int, failed: list[tuple[str, str]]) -> dict[str, PatternCount]:
    """Fold failed logins, as (account, address), beside the lines that the service logs all the time."""
    at = datetime.fromtimestamp(start, UTC)
    fold = Fold(Redactor())
    for number in range(30):
        fold.add(LogRecord(timestamp=at, service="sshd", body=f"Accepted key of session {number}"))
    for number, (name, address) in enumerate(failed):
        body = f"Failed password for {name} from {address} port {number} ssh2"
        fold.add(LogRecord(timestamp=at, service="sshd", body=body, severity="info"))
    (sent,) = fold.records(topic.LOGS, Chunk(source="logs:0", epoch=1, first=0, end=1))
    assert isinstance(sent.value, LogPatterns)
    return sent.value.buckets[start]


def test_a_storm_of_failed_logins_is_told_with_its_source_although_the_lines_only_inform() -> None:
    watch = a_watch(learned=False)
    for number in range(60):
        watch.sees(logins(START + 10 * number, [(f"user{number}", f"10.0.0.{number}")]))
    assert watch.symptoms == []
    guessed = [(name, "203.0.113.9") for name in ("root", "admin", "oracle", "test") for _ in range(8)]
    (told,) = watch.sees(logins(START + 600, guessed))
    assert (told.symptom_kind, told.sensitive) == (SymptomKind.SURGING_SIGNATURE, ["credential_failure"])
    assert told.value >= 32
    assert told.lift is not None
    assert (told.lift.dimension, told.lift.count, told.lift.of) == ("source", 32, 32)
    shown = msgspec.json.encode(told).decode()
    assert not any(each in shown for each in ("203.0.113.9", "root", "oracle"))


def test_a_deploy_that_moves_line_numbers_makes_no_signature_new() -> None:
    watch = a_watch(learned=False)

    def failing(start: int, line: int) -> dict[str, PatternCount]:
        at = datetime.fromtimestamp(start, UTC)
        fold = Fold(Redactor())
        trace = (
            f"java.lang.IllegalStateException: order {line} is not paid\n"
            f"\tat shop.Payment.capture(Payment.java:{line})\n\tat shop.Till.ring(Till.java:{line + 9})"
        )
        for body in (
            trace,
            f"Cart.java:{line} cart {line} is empty",
            f"[pay.py:{line}] retry of order {line}",
        ):
            fold.add(LogRecord(timestamp=at, service="shop", body=body, severity="error"))
        (sent,) = fold.records(topic.LOGS, Chunk(source="logs:0", epoch=1, first=0, end=1))
        assert isinstance(sent.value, LogPatterns)
        return sent.value.buckets[start]

    for number in range(40):
        watch.sees(failing(START + 10 * number, 118 if number < 30 else 1_204))
    assert watch.symptoms == []
    assert len(watch.state.history.known) == 3


def test_a_symptom_says_when_its_signature_was_first_and_last_seen_and_how_often() -> None:
    watch = a_watch(learned=False)
    for number in range(60):
        many = 60 if number > 56 else 2
        at = START + 10.0 * number
        told = watch.sees(
            {"e": msgspec.structs.replace(lines(many, "error", "timeout"), first_at=at + 1, last_at=at + 9)}
        )
    (surge,) = told or watch.symptoms[-1:]
    assert surge.first_seen_at == datetime.fromtimestamp(START + 1, UTC)
    assert surge.last_seen_at is not None
    assert (surge.last_seen_at - surge.timestamp).total_seconds() == -1
    assert surge.sample == "timeout"
    assert surge.value >= 60
    assert surge.statistic == "negative binomial deviance residual"
    assert (surge.baseline, surge.baseline_windows) == (6.0, pytest.approx(16, abs=1))
