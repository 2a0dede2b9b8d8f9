"""Who owns a service, what does it depend on, and which services can share an incident?"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from models.catalog import DEFAULT_SCOPE, CatalogEntry

_BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)

_FARTHEST = 6
"""Hops beyond which one service says nothing about another."""

_MOST_REMEMBERED = 2_000
"""Services whose neighbourhood is remembered at a time; some 4 kB each in a system of a hundred."""


class Catalog:
    """All versions of all services; every question names the event time it asks about.

    The first version of a service holds from the beginning of time, a later one from its
    `effective_at` on, so that a recording older than the catalog still finds its owners.
    """

    def __init__(self, entries: Iterable[CatalogEntry] = ()) -> None:
        """Sort the versions; the order in which they are given does not matter."""
        self._versions: dict[str, list[CatalogEntry]] = {}
        for entry in sorted(entries, key=lambda each: (each.effective_at or _BEGINNING, repr(each))):
            self._versions.setdefault(entry.service, []).append(entry)
        self._turns = sorted(
            {
                each.effective_at
                for versions in self._versions.values()
                for each in versions
                if each.effective_at
            }
        )
        self._reached: dict[tuple[int, str], Mapping[str, int]] = {}
        self._callers: dict[int, dict[str, int]] = {}

    def entry(self, service: str, moment: datetime) -> CatalogEntry | None:
        """Give the version of a service that holds at a moment; None: the catalog does not know it."""
        versions = self._versions.get(service)
        if not versions:
            return None
        held = versions[0]
        for version in versions[1:]:
            if version.effective_at is not None and version.effective_at <= moment:
                held = version
        return held

    def owners(self, moment: datetime) -> set[str]:
        """Give everybody who owns a service at a moment."""
        held = (self.entry(service, moment) for service in self._versions)
        return {each.owner for each in held if each is not None}

    def scope_of(self, service: str | None, moment: datetime) -> str:
        """Give the scope of a service; unknown services share the default scope."""
        entry = self.entry(service, moment) if service else None
        return entry.scope if entry else DEFAULT_SCOPE

    def scopes(self, moment: datetime) -> list[str]:
        """Give all scopes in alphabetical order, the default one included."""
        return sorted({DEFAULT_SCOPE, *(self.scope_of(name, moment) for name in self._versions)})

    def services(self, scope: str, moment: datetime) -> list[str]:
        """Give the known services of a scope in alphabetical order."""
        return sorted(name for name in self._versions if self.scope_of(name, moment) == scope)

    def dependencies(self, service: str, moment: datetime) -> list[str]:
        """Give the services that a service calls, in alphabetical order."""
        entry = self.entry(service, moment)
        return sorted(set(entry.depends_on)) if entry else []

    def reach(self, service: str, moment: datetime) -> Mapping[str, int]:
        """Give all services that a service depends on, each with its hops; itself with 0.

        Whatever lies between need not send anything. Remembered, so that asking again is cheap.
        """
        key = (bisect_right(self._turns, moment), service)
        known = self._reached.get(key)
        if known is None:
            if len(self._reached) >= _MOST_REMEMBERED:
                self._reached.clear()
            known = self._reached[key] = self._walk(service, moment)
        return known

    def callers(self, service: str, moment: datetime) -> int:
        """Count the services that call a service directly."""
        turn = bisect_right(self._turns, moment)
        if turn not in self._callers:
            counted: dict[str, int] = {}
            for name in self._versions:
                for called in self.dependencies(name, moment):
                    counted[called] = counted.get(called, 0) + 1
            self._callers[turn] = counted
        return self._callers[turn].get(service, 0)

    def _walk(self, service: str, moment: datetime) -> dict[str, int]:
        reached = {service: 0}
        waiting = deque([service])
        while waiting:
            caller = waiting.popleft()
            if reached[caller] < _FARTHEST:
                for called in self.dependencies(caller, moment):
                    if called not in reached:
                        reached[called] = reached[caller] + 1
                        waiting.append(called)
        return reached

    def path(self, caller: str, callee: str, moment: datetime, limit: int = _FARTHEST) -> list[str] | None:
        """Give a shortest chain of calls from one service to another, both included.

        Among equally short chains the alphabetically first. None where there is none within
        `limit` hops. A service reaches itself by the chain of itself alone.
        """
        hops = self.reach(caller, moment).get(callee)
        if hops is None or hops > limit:
            return None
        chain = [caller]
        while chain[-1] != callee:
            left = hops - len(chain)
            called = self.dependencies(chain[-1], moment)
            chain.append(next(each for each in called if self.reach(each, moment).get(callee) == left))
        return chain

    def hops(self, caller: str, callee: str, moment: datetime) -> int | None:
        """Count the calls between a service and one it depends on, 0 for itself; None: no chain."""
        return self.reach(caller, moment).get(callee)
