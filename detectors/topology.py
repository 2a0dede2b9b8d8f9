"""Who owns a service, what does it depend on, and which services can share an incident?"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from models.catalog import DEFAULT_SCOPE, CatalogEntry

_BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)

_FARTHEST = 6
"""Hops beyond which one service says nothing about another."""

_MOST_REMEMBERED = 2_000
"""Services whose neighbourhood is remembered at a time; some 4 kB each in a system of a hundred."""

_MOST_VIEWS = 8
"""Moments of the catalog that are remembered at a time: late signals ask about a few earlier ones."""


class _View(NamedTuple):
    """What holds of all services at one moment."""

    services: Mapping[str, Sequence[str]]
    """By scope, in alphabetical order."""
    owners: frozenset[str]
    callers: Mapping[str, int]
    """How many services call a service directly."""


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
        self._views: dict[int, _View] = {}

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

    def owners(self, moment: datetime) -> frozenset[str]:
        """Give everybody who owns a service at a moment."""
        return self._view(moment).owners

    def scope_of(self, service: str | None, moment: datetime) -> str:
        """Give the scope of a service; unknown services share the default scope."""
        entry = self.entry(service, moment) if service else None
        return entry.scope if entry else DEFAULT_SCOPE

    def scopes(self, moment: datetime) -> list[str]:
        """Give all scopes in alphabetical order, the default one included."""
        return sorted({DEFAULT_SCOPE, *self._view(moment).services})

    def services(self, scope: str, moment: datetime) -> list[str]:
        """Give the known services of a scope in alphabetical order."""
        return list(self._view(moment).services.get(scope, ()))

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
        return self._view(moment).callers.get(service, 0)

    def _view(self, moment: datetime) -> "_View":
        """Give what holds of the whole catalog at a moment, counted once until a version turns."""
        turn = bisect_right(self._turns, moment)
        known = self._views.get(turn)
        if known is None:
            if len(self._views) >= _MOST_VIEWS:
                self._views.clear()
            known = self._views[turn] = _view_of(self, sorted(self._versions), moment)
        return known

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


def _view_of(catalog: Catalog, names: Iterable[str], moment: datetime) -> _View:
    services: dict[str, list[str]] = {}
    callers: dict[str, int] = {}
    owners = set()
    for name in names:
        entry = catalog.entry(name, moment)
        if entry is not None:
            services.setdefault(entry.scope, []).append(name)
            owners.add(entry.owner)
            for called in set(entry.depends_on):
                callers[called] = callers.get(called, 0) + 1
    return _View(services, frozenset(owners), callers)
