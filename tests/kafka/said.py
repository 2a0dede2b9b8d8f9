"""What do workers say on the output topics, and what does the replay of the same recording say?"""

import subprocess
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import orjson

from models.topic import INCIDENTS, OUTPUTS
from streams import machine
from streams.catalog import backstage, catalog_topic
from streams.kafka.topic_reader import read_all
from streams.settings import Settings
from tests.kafka.harness import HEADWATER
from tests.kafka.outputs import line


class Said(NamedTuple):
    """What stands on the output topics."""

    lines: list[str]
    """All records, sorted, repetitions with the same content taken once."""
    incidents: dict[str, str]
    """The newest record of each incident on the compacted topic."""

    def missing(self, expected: "Said") -> list[str]:
        """Give what is expected and not there."""
        return sorted(set(expected.lines) - set(self.lines))

    def assert_equals(self, expected: "Said") -> None:
        """Fail with the first differences, if there are any."""
        missing, extra = self.missing(expected), expected.missing(self)
        told = "\n".join(_difference(*pair) for pair in zip_longest(missing[:4], extra[:4], fillvalue=""))
        assert not missing, f"{len(missing)} missing, {len(extra)} extra\n{told}"
        assert not extra, f"{len(extra)} extra\n{told}"
        assert self.incidents == expected.incidents


def _difference(missing: str, extra: str) -> str:
    """Show where two lines part."""
    pairs = enumerate(zip(missing, extra, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), 0)
    start = max(0, same - 200)
    return (
        f"{missing[:100]}\n  missing: …{missing[start : same + 300]}\n  extra:   …{extra[start : same + 300]}"
    )


async def said(settings: Settings) -> Said:
    """Read what stands on the output topics now."""
    lines, incidents = set(), {}
    async for record in read_all(settings, OUTPUTS):
        topic, key = record.topic.removeprefix(settings.topic_prefix), record.key.decode()
        written = line(topic, key, record.value)
        lines.add(written)
        if topic == INCIDENTS:
            incidents[key] = written
    return Said(sorted(lines), incidents)


def replayed(recording: Path, catalog: Path, settings: Settings) -> Said:
    """Run `headwater replay`, the measure of all that workers say."""
    done = subprocess.run(
        [str(HEADWATER), "replay", str(recording), "--catalog", str(catalog)],
        env={**machine.environment(), **settings.environment()}, capture_output=True, check=True,
    )  # fmt: skip
    lines, incidents = set(), {}
    for written in done.stdout.decode().splitlines():
        lines.add(written)
        record = orjson.loads(written)
        if record["topic"] == INCIDENTS:
            incidents[record["key"]] = written
    return Said(sorted(lines), incidents)


async def publish_catalog(settings: Settings, catalog: Path) -> None:
    """Publish a Backstage file before any worker starts."""
    await catalog_topic.publish(settings, backstage.read([catalog]))
