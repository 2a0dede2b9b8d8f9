"""What was worked out before, within bounds? Two generations, and a door for what came once only."""

from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recall(dict[K, V]):
    """A bounded memory of a pure function; a hit costs one look-up in a dict and no bookkeeping.

    The dict itself is the young generation, to which everything is written; when it is full it becomes
    the old one, and the old one is let go. Beyond half a generation a key is let in when it comes the
    second time, so that keys that never return do not push out those that do. It changes no result, only
    what it costs.
    """

    __slots__ = ("_door", "_old", "_room", "_size")

    def __init__(self, size: int) -> None:
        """Hold at most twice `size` values, and as many hashes of keys seen once."""
        super().__init__()
        self._size = size
        self._room = size // 2
        self._old: dict[K, V] = {}
        self._door: set[int] = set()

    def older(self, key: K) -> V | None:
        """Give the value of a key that the dict lacks, if the old generation has it: it is young again."""
        found = self._old.get(key)
        if found is not None:
            self._put(key, found)
        return found

    def offer(self, key: K, value: V) -> None:
        """Remember the value: at once while there is room, else from the second offer on."""
        if len(self) < self._room:
            self[key] = value
            return
        door, mark = self._door, hash(key)
        if mark in door:
            self._put(key, value)
        else:
            if len(door) >= self._size:
                door.clear()
            door.add(mark)

    def drop(self, is_untrue: Callable[[V], bool]) -> None:
        """Forget the values for which this holds."""
        for each in (self, self._old):
            for key in [key for key, value in each.items() if is_untrue(value)]:
                del each[key]

    def forget(self) -> None:
        """Forget all."""
        self.clear()
        self._old = {}
        self._door.clear()

    def _put(self, key: K, value: V) -> None:
        if len(self) >= self._size:
            self._old = dict(self)
            self.clear()
        self[key] = value


class Memo(Recall[K, V]):
    """A function with such a memory: `memo[key]` gives what the function gives, which is never None."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[K], V], size: int) -> None:
        """Remember that pure function."""
        super().__init__(size)
        self._function = function

    def __missing__(self, key: K) -> V:
        """Ask the old generation, else the function."""
        found = self._old.get(key)
        if found is not None:
            self._put(key, found)
            return found
        found = self._function(key)
        if len(self) < self._room:  # as `offer` does; the call would cost as much again
            self[key] = found
        else:
            self.offer(key, found)
        return found
