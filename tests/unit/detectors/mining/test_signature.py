import msgspec
import pytest

from detectors.mining import signature
from detectors.mining.miner import SignatureMiner
from detectors.mining.pattern import pattern_of
from detectors.mining.signature import SignatureClusters, assign
from models.record import content_id

LINES = [
    "Failed password for root from 10.0.0.1 port 22 ssh2",
    "Failed password for alice from 10.0.0.2 port 4022 ssh2",
    "[instance: 123e4567-e89b-12d3-a456-426614174000] VM Started (Lifecycle Event)",
    "[instance: 123e4567-e89b-12d3-a456-426614174000] VM Paused (Lifecycle Event)",
    '"GET /v2/items HTTP/1.1" status: 200',
    '"POST /v2/items HTTP/1.1" status: 201',
    *(f"handing the parcel over to courier {name} today" for name in ("ann", "bob", "cyd", "dan", "eve")),
    "sizes: 1, 2, 3",
    "sizes: 1, 2, 3, 4, 5, 6",
]


def ids(
    lines: list[str], clusters: SignatureClusters | None = None, most: int = signature.MOST_CLUSTERS
) -> list[str]:
    clusters = SignatureClusters() if clusters is None else clusters
    return [assign(clusters, "shop", pattern_of(line)[1], most).signature_id for line in lines]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Failed password for root from 10.0.0.1 port 22", "Failed password for bob from 10.9.0.1 port 3"),
        ("stored block in memory (size 5.2 KB)", "stored block in memory (size 17 B)"),
        ("sizes: 1, 2, 3", "sizes: 1, 2, 3, 4, 5, 6"),
        ("session closed for user root", "session closed for user www-data"),
        ("connected to node-7.example.net:80", "connected to 10.0.0.1:80"),
    ],
)
def test_values_do_not_tell_signatures_apart(one: str, other: str) -> None:
    first, second = ids([one, other])
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VM Started (Lifecycle Event)", "VM Paused (Lifecycle Event)"),
        ("eth0: link up", "eth0: link down"),
        ('"GET /a/b" status: 200', '"POST /a/b" status: 200'),
        ("Task 7 moved from NEW to RUNNING", "Task 7 moved from RUNNING to FAILED"),
        ("cache of java.io.IOException: gone", "cache of java.lang.StateException: gone"),
        ("login failure uid=0", "login failure uid=0 user=root"),
    ],
)
def test_words_that_say_what_happened_tell_signatures_apart(one: str, other: str) -> None:
    first, second = ids([one, other])
    assert first != second


def test_digits_alone_never_split() -> None:
    assert len(set(ids([f"job {n} of batch-{n * 7} took {n}.5 s at 0x{n:04d}" for n in range(1, 200)]))) == 1


def test_a_merge_is_reported_and_names_the_ids_that_go() -> None:
    clusters = SignatureClusters()
    given: list[str] = []
    merged: list[str] = []
    for line in LINES:
        found = assign(clusters, "shop", pattern_of(line)[1])
        given.append(found.signature_id)
        merged += found.merged
    couriers = given[6:11]
    assert merged == couriers[1:3]
    assert couriers[3] == couriers[4] == couriers[0]
    assert not set(merged) & set(clusters.clusters)


def test_the_state_read_back_in_the_middle_goes_on_the_same() -> None:
    for cut in range(len(LINES)):
        whole, before = SignatureClusters(), SignatureClusters()
        expected = ids(LINES, whole)
        start = ids(LINES[:cut], before)
        after = msgspec.json.decode(msgspec.json.encode(before), type=SignatureClusters)
        assert start + ids(LINES[cut:], after) == expected
        assert after == whole


def test_what_came_before_does_not_change_an_id_where_nothing_was_merged() -> None:
    alone = [ids([line])[0] for line in LINES[2:6]]
    assert ids(LINES[2:6]) == alone
    assert ids(LINES[5:1:-1]) == alone[::-1]


def test_the_memory_of_the_miner_gives_what_the_clusters_give() -> None:
    miner = SignatureMiner("shop")
    lines = [line for line in LINES for _ in range(3)] + LINES
    clusters = SignatureClusters()
    expected = [assign(clusters, "shop", pattern_of(line)[1]) for line in lines]
    assert miner.add_many(lines) == expected
    assert miner.clusters == clusters


def test_clusters_are_capped_and_what_is_beyond_is_counted() -> None:
    clusters = SignatureClusters()
    given = ids(
        ["alpha came", "beta went away now", "gamma", "delta in the house", "alpha came"], clusters, 2
    )
    assert len(clusters.clusters) == 2
    assert clusters.overflow == 2
    assert given[2] == given[3] == content_id("signature", "shop", signature.OVERFLOW)
    assert given[4] == given[0]


@pytest.mark.parametrize("letters", ["abcdefghij", "äöüßéжщюя字"])
@pytest.mark.parametrize("length", [7, 40])
def test_a_full_state_fits_a_record_of_its_table(letters: str, length: int) -> None:
    clusters = SignatureClusters()
    words = ["".join(letters[n // 10**place % 10] for place in range(4)) for n in range(3_000)]
    ids([" ".join(f"{word}{letters[n % 7]}x" for n in range(length)) for word in words], clusters)
    assert len(msgspec.json.encode(clusters)) < 350_000
    assert clusters.overflow > 0


def test_a_form_too_many_to_remember_never_moves_to_another_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "MOST_KNOWN", 12)
    clusters = SignatureClusters()
    hosts = [f"shelf-{chr(97 + n)}.shop.net" for n in range(20)]
    lines = [f"reading the label on {host} went wrong" for host in hosts]
    words = [f"handing the parcel over to courier {chr(97 + n) * 5} today" for n in range(20)]
    ids(lines[:6] + words[:4], clusters)
    first = ids(lines + words, clusters)
    ids(["something else went wrong", "nobody came today", *(f"{word} and more" for word in words)], clusters)
    assert ids(lines + words, clusters) == first


def test_a_word_at_a_place_found_to_vary_keeps_its_meaning() -> None:
    clusters = SignatureClusters()
    names = ("ann", "bob", "cyd", "dan", "eve", "flo", "gus", "hal")
    given = ids([f"handing the parcel over to courier {name} today" for name in names], clusters)
    assert clusters.frames
    assert len(set(given[4:])) == 1
    assert ids(["handing the parcel over to courier failed today"], clusters)[0] != given[-1]
    assert ids(["handing the parcel over to courier ivy today"], clusters)[0] == given[-1]
