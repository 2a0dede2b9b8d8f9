"""What was worked out before, within bounds? Two generations, and a door for what came once only."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recall(Generic[K, V]):
    """A bounded memory of a pure function; a hit costs one look-up and no bookkeeping.

    What is written goes to the young generation; when that is full it becomes the old one, and the
    old one is let go. Beyond half a generation a key is let in when it comes the second time, so that
    lines that never return do not push out those that do. It changes no result, only what it costs.
    """

    __slots__ = ("_door", "_size", "old", "young")

    def __init__(self, size: int) -> None:
        """Hold at most twice `size` values, and as many hashes of keys seen once."""
        self._size = size
        self.young: dict[K, V] = {}
        self.old: dict[K, V] = {}
        self._door: set[int] = set()

    def get(self, key: K) -> V | None:
        """Give the value if it is remembered."""
        found = self.young.get(key)
        if found is None and (found := self.old.get(key)) is not None:
            self._put(key, found)
        return found

    def offer(self, key: K, value: V) -> None:
        """Remember the value: at once while there is room, else from the second offer on."""
        if len(self.young) < self._size // 2:
            self.young[key] = value
        elif (mark := hash(key)) in self._door:
            self._put(key, value)
        else:
            if len(self._door) >= self._size:
                self._door.clear()
            self._door.add(mark)

    def clear(self) -> None:
        """Forget all."""
        self.young, self.old = {}, {}
        self._door.clear()

    def drop(self, is_untrue: Callable[[V], bool]) -> None:
        """Forget the values for which this holds."""
        self.young, self.old = (
            {key: value for key, value in each.items() if not is_untrue(value)}
            for each in (self.young, self.old)
        )

    def __len__(self) -> int:
        return len(self.young) + len(self.old)

    def _put(self, key: K, value: V) -> None:
        if len(self.young) >= self._size:
            self.old, self.young = self.young, {}
        self.young[key] = value
