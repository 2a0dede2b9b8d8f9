"""How fast is a line's signature found beside drain3, and how right is it?"""

import csv
import gc
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from time import process_time
from typing import Any

from detectors.mining import pattern, skeleton
from detectors.mining.miner import SignatureMiner
from streams.bench.corpus import generated
from streams.bench.figure import Figure, at_least, at_most

Sources = dict[str, list[tuple[str, str]]]
"""Lines with their true templates, by source, in their order."""

ROUNDS = 3
"""Each time of ours is the best of so many, from nothing each time: no memory outlives a round."""

STREAM_LINES = 64_000
NOISE_LINES = 100_000
NOISE_MEMORY_MB = 64.0
_NOISE_SAMPLE = 2_000
_DIGITS = "0123456789"


class DrainMissingError(Exception):
    """The benchmark's extra is not installed."""


def read_sources(folder: Path) -> Sources:
    """Read every csv file of a folder that has the columns `content` and `template`."""
    sources: Sources = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if {"content", "template"} <= set(rows.fieldnames or ()):
                sources[path.stem] = [(row["content"], row["template"]) for row in rows]
    return sources


def accuracy(predicted: Sequence[str], true: Sequence[str]) -> tuple[float, float]:
    """Give grouping accuracy (share of lines) and the F1 score over groups (Loghub-2.0)."""
    ours, theirs = _groups(predicted), _groups(true)
    right = ours & theirs
    if not right:
        return 0.0, 0.0
    return sum(map(len, right)) / len(true), 2 * len(right) / (len(ours) + len(theirs))


def _groups(names: Sequence[str]) -> set[tuple[int, ...]]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        groups[name].append(index)
    return {tuple(each) for each in groups.values()}


def rows(folder: Path | None = None) -> Iterator[Figure]:
    """Measure, one figure at a time; takes about a minute.

    Raises:
        DrainMissingError: The extra `bench` is not installed.
    """
    default, masked = _drain(masking=False), _drain(masking=True)
    sources = read_sources(folder) if folder else generated()
    yield from _accuracies(sources)
    streams = {
        name: _fresh([line for line, _ in lines], STREAM_LINES // 8) for name, lines in sources.items()
    }
    mixed = _mix(list(streams.values()))[:STREAM_LINES]
    seconds, by_default, by_masked = _race(mixed, default, masked)
    yield Figure(f"mixed stream of {len(mixed):,} lines", seconds / len(mixed) * 1e6, "µs/line")
    yield at_least("mixed stream, beside drain3 with masking", by_masked / seconds, "×", 25)
    yield at_least("mixed stream, beside drain3 default", by_default / seconds, "×", 12)
    count = f"{STREAM_LINES // 8:,} lines"
    ratios = [_race(each, default, masked) for each in streams.values()]
    yield at_least(
        f"worst source, {count}, beside drain3 with masking", min(m / s for s, _, m in ratios), "×", 10
    )
    yield at_least(f"worst source, {count}, beside drain3 default", min(d / s for s, d, _ in ratios), "×", 2)
    words = [f"worker accepted job {_word(i)} from queue in 15 ms after 2 tries" for i in range(4_000)]
    seconds, by_default, _ = _race(words, default, masked)
    yield at_least("a new word in every line, beside drain3 default", by_default / seconds, "×", 1)
    yield from _noise(default)


def _accuracies(sources: Sources) -> Iterator[Figure]:
    reached = []
    for name, lines in sources.items():
        miner = SignatureMiner(name)
        ids = [each.signature_id for each in miner.add_many(line for line, _ in lines)]
        grouping, groups = accuracy(ids, [template for _, template in lines])
        reached.append((grouping, groups))
        yield Figure(f"{name}: grouping accuracy", grouping, "")
        yield Figure(f"{name}: F1 over groups", groups, "")
    yield at_least("mean grouping accuracy", sum(each for each, _ in reached) / len(reached), "", 0.94)
    yield at_least("mean F1 over groups", sum(each for _, each in reached) / len(reached), "", 0.96)


def _noise(default: Callable[[], Any]) -> Iterator[Figure]:
    noise = [" ".join(_word(i * 7 + j) for j in range(6)) for i in range(NOISE_LINES)]
    gc.collect()
    tracemalloc.start()
    _mine(noise)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    yield at_most(f"{NOISE_LINES:,} noise clusters: memory", peak, "MB", NOISE_MEMORY_MB)
    ours = _timed(partial(_mine, noise)) / len(noise)
    # drain3 grows slower with every cluster, so what it needs for the first of them flatters it.
    drain = default()
    theirs = _timed(lambda: [drain(line) for line in noise[:_NOISE_SAMPLE]]) / _NOISE_SAMPLE
    yield Figure(f"{NOISE_LINES:,} noise clusters", ours * 1e6, "µs/line")
    yield at_least(f"{NOISE_LINES:,} noise clusters, beside drain3 default", theirs / ours, "×", 10)


def _race(
    lines: list[str], default: Callable[[], Any], masked: Callable[[], Any]
) -> tuple[float, float, float]:
    best = [float("inf")] * 3
    for _ in range(ROUNDS):
        best[0] = min(best[0], _timed(partial(_mine, lines)))
    for index, make in ((1, default), (2, masked)):
        # Every line, once: the other side is slow enough for one round to be steady.
        best[index] = _timed(partial(_each, make(), lines))
    return best[0], best[1], best[2]


def _mine(lines: Sequence[str]) -> None:
    pattern.forget()
    skeleton.forget()
    SignatureMiner().add_many(lines)


def _each(add: Callable[[str], Any], lines: Sequence[str]) -> None:
    for line in lines:
        add(line)


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = process_time()  # of this process alone, whatever else the machine does
    work()
    return process_time() - start


def _word(number: int) -> str:
    return blake2b(str(number).encode(), digest_size=6).hexdigest().translate(_LETTERS)


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def _fresh(lines: list[str], count: int) -> list[str]:
    """Give so many lines, digits and hexadecimal words drawn anew each time: replaying flatters a cache."""
    out = []
    for index in range(count):
        drawn = blake2b(str(index).encode(), digest_size=64).hexdigest() * 4
        position = 0
        words = []
        for word in lines[index % len(lines)].split(" "):
            is_hex = (
                len(word) >= 6
                and any(map(str.isdigit, word))
                and not set(word.lower()) - set("0123456789abcdefx")
            )
            new = []
            for place, letter in enumerate(word):
                position += 1
                if is_hex and word[place : place + 2] == "0x":
                    new.append(letter)
                elif letter in _DIGITS or (is_hex and letter != "x"):
                    digit = drawn[position % len(drawn)]
                    new.append(digit if is_hex and not word.isdigit() else str(int(digit, 16) % 10))
                else:
                    new.append(letter)
            words.append("".join(new))
        out.append(" ".join(words))
    return out


def _mix(streams: list[list[str]]) -> list[str]:
    return [line for lines in zip(*streams, strict=True) for line in lines]


def _drain(*, masking: bool) -> Callable[[], Callable[[str], Any]]:
    try:
        from drain3 import TemplateMiner
        from drain3.masking import MaskingInstruction
        from drain3.template_miner_config import TemplateMinerConfig
    except ImportError as error:
        raise DrainMissingError("drain3 is not installed: pip install 'headwater[bench]'") from error

    def make() -> Callable[[str], Any]:
        config = TemplateMinerConfig()
        config.profiling_enabled = False
        if masking:
            edge, end = r"((?<=[^A-Za-z0-9])|^)", r"((?=[^A-Za-z0-9])|$)"
            kinds = {
                "ID": r"(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))",
                "IP": r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})",
                "SEQ": r"([0-9a-f]{6,} ?){3,}",
                "HEX": r"(0x[a-f0-9A-F]+)",
                "NUM": r"([\-\+]?\d+)",
            }
            config.masking_instructions = [
                MaskingInstruction(f"{edge}{kind}{end}", name) for name, kind in kinds.items()
            ]
        add: Callable[[str], Any] = TemplateMiner(config=config).add_log_message
        return add

    return make
