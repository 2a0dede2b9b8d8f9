"""Which JSON does each topic carry? JSON Schema from the models, with what their docstrings say."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import models
from models import topic as topics
from models.catalog import CatalogEntry
from models.cause import Causes
from models.chunk import LogPatterns, MetricBuckets, SpanBuckets, TraceSamples
from models.dead_letter import DeadLetter
from models.event import Alert, Change, Feedback, LogRecord, Metric, Span
from models.evidence import Evidence
from models.incident import Incident
from models.postmortem import Postmortem
from models.record import Record
from models.routing import IncidentRouting
from models.signal import SignalRecord
from models.signature import SignatureMerged
from models.tick import Heartbeat
from models.timeline import Timeline
from models.triage import Triage

DIALECT = "https://json-schema.org/draft/2020-12/schema"

RECORDS: dict[str, Any] = {
    topics.ALERTS: Alert | Heartbeat,
    topics.DEPLOYS: Change | Heartbeat,
    topics.LOGS: LogRecord | Heartbeat | list[LogRecord],
    topics.METRICS: Metric | Heartbeat | list[Metric],
    topics.SPANS: Span | Heartbeat | list[Span],
    topics.FEEDBACK: Feedback | Heartbeat,
    topics.CATALOG: CatalogEntry,
    topics.LOG_PATTERNS: LogPatterns | Change,
    topics.METRIC_BUCKETS: MetricBuckets,
    topics.SPAN_BUCKETS: SpanBuckets,
    topics.TRACE_SAMPLES: TraceSamples,
    topics.SIGNALS: SignalRecord,
    topics.INCIDENTS: Incident,
    topics.TRIAGE: Triage,
    topics.ROUTING: IncidentRouting,
    topics.CAUSES: Causes,
    topics.EVIDENCE: Evidence,
    topics.TIMELINE: Timeline,
    topics.POSTMORTEMS: Postmortem,
    topics.LOG_SIGNATURES: SignatureMerged,
    topics.DEAD_LETTERS: DeadLetter,
}
"""What a record of each topic is."""


def schema_of(topic: str) -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of the records of a topic, named without prefix."""
    (root,), components = msgspec.json.schema_components([RECORDS[topic]], ref_template="#/$defs/{name}")
    described = _field_docstrings()
    for name, component in components.items():
        for field, schema in component.get("properties", {}).items():
            text = described.get(name, {}).get(field)
            if text:
                _describe(schema, text)
    return {"$schema": DIALECT, "title": topic, **root, "$defs": dict(sorted(components.items()))}


def written_schema(topic: str) -> bytes:
    """Give the schema of a topic as it stands in a file: indented, with a line end."""
    return msgspec.json.format(msgspec.json.encode(schema_of(topic)), indent=2) + b"\n"


def write_all(folder: Path) -> list[Path]:
    """Write `<topic>.json` for every topic into a folder, and get the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for topic in RECORDS:
        path = folder / f"{topic}.json"
        path.write_bytes(written_schema(topic))
        written.append(path)
    return written


def _describe(schema: dict[str, Any], text: str) -> None:
    """Put a field's own words before those of its type."""
    general = schema.get("description")
    schema["description"] = f"{text} {general}" if general else text


def _field_docstrings() -> dict[str, dict[str, str]]:
    """Read the docstrings of the fields of all models, those of base classes included."""
    own: dict[str, dict[str, str]] = {}
    for module in pkgutil.iter_modules(models.__path__, "models."):
        source = importlib.import_module(module.name).__file__
        assert source is not None
        for node in ast.parse(Path(source).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                own[node.name] = dict(_documented_fields(node))
    return {
        each.__name__: {
            field: text
            for base in reversed(each.__mro__)
            for field, text in own.get(base.__name__, {}).items()
        }
        for each in _subclasses(Record)
    }


def _documented_fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            yield statement.target.id, " ".join(following.value.value.split())


def _subclasses(parent: type[Record]) -> Iterator[type[Record]]:
    child: type[Record]
    for child in parent.__subclasses__():
        yield child
        yield from _subclasses(child)
