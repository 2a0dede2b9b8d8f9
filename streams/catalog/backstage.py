"""Which services do Backstage files (`catalog-info.yaml`) name, whose are they, what do they depend on?"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
import yaml

from models import annotation
from models.catalog import DEFAULT_SCOPE, CatalogEntry

SERVICE_KINDS = ("component", "resource")
"""Entity kinds that send telemetry; the others describe people, interfaces and places."""

SERVICE_NAME = "headwater.dev/service-name"
TIER = "headwater.dev/tier"
RUNBOOK = "headwater.dev/runbook"

_FILE_IN_A_FOLDER = re.compile(r".*catalog.*\.ya?ml", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:(?P<kind>[^:/]+):)?(?:(?P<namespace>[^:/]+)/)?(?P<name>[^/]+)")
_NAMESPACE = "default"


class CatalogError(click.ClickException):
    """A catalog file that cannot be used; the message names file, document, entity, field and remedy."""


class _Entity(NamedTuple):
    """One Backstage document that is a service."""

    where: str
    kind: str
    namespace: str
    name: str
    service: str
    annotations: Mapping[str, Any]
    spec: Mapping[str, Any]

    @property
    def reference(self) -> tuple[str, str, str]:
        return self.kind, self.namespace.lower(), self.name.lower()


def read(paths: Iterable[Path]) -> list[CatalogEntry]:
    """Read the services of some files and folders, in alphabetical order.

    In a folder, at any depth, files count whose name contains `catalog` and ends in `.yaml` or
    `.yml`. A service is called by the annotation `headwater.dev/service-name`, else by
    metadata.name. References in dependsOn become service names; one to an entity that is in no
    file keeps its bare name.

    Raises:
        CatalogError: A file cannot be read, a field is missing or wrong, or two entities have
            the same service name.
    """
    entities = [entity for path in _files(paths) for entity in _entities(path)]
    services: dict[str, _Entity] = {}
    for entity in entities:
        other = services.setdefault(entity.service, entity)
        if other is not entity:
            raise CatalogError(
                f"{entity.where}: service {entity.service!r} is already described by {other.where}; "
                f"remove one, or tell them apart with the annotation {SERVICE_NAME}"
            )
    names = {entity.reference: entity.service for entity in entities}
    return [_entry(services[service], names) for service in sorted(services)]


def _files(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        inside = [path]
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if _is_catalog(each.relative_to(path), each))
            if not inside:
                raise CatalogError(f"{path}: no file in it is named like catalog-info.yaml; name the files")
        found.update({each.resolve(): each for each in inside})
    return list(found.values())


def _is_catalog(relative: Path, path: Path) -> bool:
    hidden = any(part.startswith(".") or part == "node_modules" for part in relative.parts)
    return not hidden and bool(_FILE_IN_A_FOLDER.fullmatch(path.name)) and path.is_file()


def _entities(path: Path) -> Iterator[_Entity]:
    try:
        text = path.read_text(encoding="utf-8")
        documents = list(yaml.safe_load_all(text))
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}; name an existing file") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CatalogError(f"{path} is not YAML: {' '.join(str(error).split())}; mend the file") from error
    for number, document in enumerate(documents, start=1):
        if document is not None:
            entity = _entity(f"{path}, document {number}", document)
            if entity:
                yield entity


def _entity(where: str, document: object) -> _Entity | None:
    body = _mapping(where, "the document", document)
    api, kind = body.get("apiVersion"), body.get("kind")
    if not isinstance(api, str) or not api.startswith("backstage.io/"):
        raise CatalogError(f"{where}: apiVersion is {api!r}; a Backstage entity has backstage.io/v1alpha1")
    if not isinstance(kind, str):
        raise CatalogError(f"{where}: kind is {kind!r}; write the kind of the entity, for example Component")
    if kind.lower() not in SERVICE_KINDS:
        return None
    metadata = _mapping(where, "metadata", body.get("metadata"))
    name = _text(where, "metadata.name", metadata.get("name"))
    where = f"{where}, {kind} {name}"
    annotations = _mapping(where, "metadata.annotations", metadata.get("annotations") or {})
    return _Entity(
        where=where,
        kind=kind.lower(),
        namespace=str(metadata.get("namespace") or _NAMESPACE),
        name=name,
        service=_text(where, f"annotation {SERVICE_NAME}", annotations.get(SERVICE_NAME, name)),
        annotations=annotations,
        spec=_mapping(where, "spec", body.get("spec")),
    )


def _entry(entity: _Entity, names: Mapping[tuple[str, str, str], str]) -> CatalogEntry:
    _check_annotations(entity)
    where, spec = entity.where, entity.spec
    depends_on = spec.get("dependsOn") or []
    if not isinstance(depends_on, list):
        raise CatalogError(f"{where}: spec.dependsOn is not a list; write one reference a line")
    system, lifecycle = spec.get("system"), spec.get("lifecycle")
    return CatalogEntry(
        service=entity.service,
        owner=_without_defaults(_text(where, "spec.owner", spec.get("owner")), "group"),
        scope=_without_defaults(_text(where, "spec.system", system), "system") if system else DEFAULT_SCOPE,
        depends_on=sorted({_target(entity, each, names) for each in depends_on}),
        tier=_tier(entity),
        customer_facing=annotation.value_of(entity.annotations, annotation.CUSTOMER_FACING),
        runbook=_optional_text(where, f"annotation {RUNBOOK}", entity.annotations.get(RUNBOOK)),
        lifecycle=_optional_text(where, "spec.lifecycle", lifecycle),
        annotations={str(key): str(value) for key, value in sorted(entity.annotations.items())},
    )


def _target(entity: _Entity, reference: object, names: Mapping[tuple[str, str, str], str]) -> str:
    """Give the service name behind a reference, in Backstage not sensitive to case."""
    field = "spec.dependsOn"
    parts = _REFERENCE.fullmatch(_text(entity.where, field, reference))
    if parts is None:
        raise CatalogError(f"{entity.where}: {field} has {reference!r}; write kind:namespace/name")
    namespace, name = (parts["namespace"] or entity.namespace).lower(), parts["name"]
    kinds = (parts["kind"].lower(),) if parts["kind"] else SERVICE_KINDS
    for kind in kinds:
        if (kind, namespace, name.lower()) in names:
            return names[kind, namespace, name.lower()]
    return name


def _tier(entity: _Entity) -> int | None:
    value = entity.annotations.get(TIER)
    if value is None:
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[1-9]\d?", str(value)):
        raise CatalogError(
            f"{entity.where}: annotation {TIER} is {value!r}; write a number from 1, the most critical, "
            'for example "1"'
        )
    return int(value)


def _check_annotations(entity: _Entity) -> None:
    for name, read_value in annotation.READERS.items():
        value = entity.annotations.get(name)
        try:
            if value is not None:
                read_value(str(value))
        except ValueError as error:
            raise CatalogError(f"{entity.where}: annotation {name} is {value!r}; {error}") from None


def _mapping(where: str, field: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CatalogError(f"{where}: {field} is {_shown(value)}; write a mapping with named fields")
    return value


def _text(where: str, field: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise CatalogError(f"{where}: {field} is {_shown(value)}; write a text that is not empty")
    return value.strip()


def _optional_text(where: str, field: str, value: object) -> str | None:
    return None if value is None else _text(where, field, value)


def _shown(value: object) -> str:
    return "missing" if value is None else repr(value)[:60]


def _without_defaults(reference: str, kind: str) -> str:
    bare = reference[len(kind) + 1 :] if reference.lower().startswith(f"{kind}:") else reference
    return bare.removeprefix(f"{_NAMESPACE}/")
