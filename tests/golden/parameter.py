"""What stands in the gaps of a log line? Ids, durations and amounts that look like those of a shop."""

import random
from collections.abc import Callable

KINDS: dict[str, Callable[[random.Random], str]] = {
    "amount": lambda chance: f"{chance.randrange(400, 32_000) / 100:.2f}",
    "attempt": lambda chance: str(chance.randrange(2, 6)),
    "bytes": lambda chance: str(chance.randrange(300, 64_000)),
    "count": lambda chance: str(chance.randrange(1, 60)),
    "hex": lambda chance: f"{chance.getrandbits(48):012x}",
    "ip": lambda chance: f"10.{chance.randrange(20, 24)}.{chance.randrange(256)}.{chance.randrange(1, 255)}",
    "key": lambda chance: (
        f"{chance.getrandbits(32):08x}-{chance.getrandbits(16):04x}-{chance.getrandbits(48):012x}"
    ),
    "ms": lambda chance: str(round(40 * chance.lognormvariate(0, 0.5))),
    "order": lambda chance: str(chance.randrange(70_000_000, 79_999_999)),
    "sku": lambda chance: f"SKU-{chance.randrange(1000, 9999)}",
    "slow_ms": lambda chance: str(round(900 * chance.lognormvariate(0, 0.2))),
    "user": lambda chance: f"u-{chance.randrange(10_000, 99_999)}",
}


class Parameters(dict[str, str]):
    """Draws a value for every gap of a template that is asked for.

    >>> "order {order}".format_map(Parameters(random.Random(1)))
    'order 72254257'
    """

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def __missing__(self, kind: str) -> str:
        return KINDS[kind](self._chance)
