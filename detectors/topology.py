"""Who owns a service, what does it depend on, and which services can share an incident?"""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

from models.catalog import DEFAULT_SCOPE, CatalogEntry

_BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)


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

    def path(self, caller: str, callee: str, moment: datetime, limit: int = 6) -> list[str] | None:
        """Give a shortest chain of calls from one service to another, both included.

        Among equally short chains the alphabetically first. None where there is none within
        `limit` hops. A service reaches itself by the chain of itself alone.
        """
        if caller == callee:
            return [caller]
        chains = deque([[caller]])
        seen = {caller}
        while chains:
            chain = chains.popleft()
            if len(chain) > limit:
                return None
            for called in self.dependencies(chain[-1], moment):
                if called == callee:
                    return [*chain, called]
                if called not in seen:
                    seen.add(called)
                    chains.append([*chain, called])
        return None

    def hops(self, caller: str, callee: str, moment: datetime) -> int | None:
        """Count the calls between a service and one it depends on, 0 for itself; None: no chain."""
        chain = self.path(caller, callee, moment)
        return None if chain is None else len(chain) - 1
