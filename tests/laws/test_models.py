"""What every model keeps: what is written is read back as it was, and a time is a moment or refused."""

import importlib
import pkgutil
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import inspect

import models
from models.event_time import EARLIEST, LATEST, EventTime
from models.record import InvalidRecordError, Record, decode, encode, time_fields
from models.topic import Outgoing

for module in pkgutil.iter_modules(models.__path__):
    importlib.import_module(f"models.{module.name}")


def kinds(base: type[Record] = Record) -> list[type[Record]]:
    found = [each for kind in base.__subclasses__() for each in (kind, *kinds(kind))]
    return sorted({each for each in found if each is not Outgoing}, key=lambda each: each.__qualname__)


KINDS = kinds()
TIMED = [
    (kind, field)
    for kind in KINDS
    for field in time_fields(kind)
    if kind.__annotations__.get(field, EventTime) in (EventTime, EventTime | None)
]
"""What is written as plain seconds (`PatternCount.first_at`) is a number like any other."""

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__qualname__)
each_object = pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if not kind.__struct_config__.array_like],
    ids=lambda kind: kind.__qualname__,
)
"""What is written as an array has no names."""
each_time = pytest.mark.parametrize(
    ("kind", "field"), TIMED, ids=[f"{kind.__qualname__}.{field}" for kind, field in TIMED]
)


def made(kind: type[Record], seed: str) -> Any:
    """Give a record of a type, its fields filled by chance; the same for the same seed."""
    return _record(kind, random.Random(f"{kind.__qualname__} {seed}"))


def some(kind: type[Record]) -> list[Any]:
    return [made(kind, str(number)) for number in range(25)]


def _record(kind: type[Record], chance: random.Random) -> Any:
    times = time_fields(kind)
    return kind(**{each.name: _value(each.type, chance, each.name in times) for each in _fields(kind)})


def _fields(kind: type[Record]) -> tuple[inspect.Field, ...]:
    told = inspect.type_info(kind)
    assert isinstance(told, inspect.StructType)
    return told.fields


def _value(told: inspect.Type, chance: random.Random, is_time: bool = False) -> Any:
    if isinstance(told, inspect.Metadata):
        return _value(told.type, chance, is_time)
    if isinstance(told, inspect.UnionType):
        return (
            None
            if is_time and chance.random() < 0.2 and _takes_null(told)
            else (_moment(chance) if is_time else _value(chance.choice(told.types), chance))
        )
    if isinstance(told, inspect.StructType):
        return _record(told.cls, chance)
    if isinstance(told, inspect.EnumType):
        return chance.choice(list(told.cls))
    if isinstance(told, inspect.ListType):
        return [_value(told.item_type, chance) for _ in range(chance.randrange(3))]
    if isinstance(told, inspect.DictType):
        return {
            _value(told.key_type, chance): _value(told.value_type, chance) for _ in range(chance.randrange(3))
        }
    return _SIMPLE[type(told)](chance)


def _takes_null(told: inspect.UnionType) -> bool:
    return any(isinstance(each, inspect.NoneType) for each in told.types)


def _moment(chance: random.Random) -> datetime:
    return EARLIEST + chance.random() * (LATEST - EARLIEST)


def _json(chance: random.Random) -> Any:
    simple = [None, True, 2**63, -1.5, 1e300, "", _text(chance)]
    return chance.choice([*simple, [_text(chance), None], {_text(chance): [{"a": 1.0}]}])


def _text(chance: random.Random) -> str:
    letters = [*'aZ0 "\\/\n\t\0\x7f', "ü", "東", "\U0001f600", "\u2028"]
    return "".join(chance.choices(letters, k=chance.randrange(1, 6)))


_SIMPLE: dict[type[inspect.Type], Callable[[random.Random], Any]] = {
    inspect.StrType: _text,
    inspect.IntType: lambda chance: chance.choice([0, -1, 2**53, chance.randrange(10**6)]),
    inspect.FloatType: lambda chance: chance.choice([0.0, 5e-324, 1.7976931348623157e308, chance.random()]),
    inspect.BoolType: lambda chance: chance.random() < 0.5,
    inspect.NoneType: lambda chance: None,
    inspect.AnyType: _json,
}


def written(record: Record) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(encode(record))
    return fields


def read(kind: type[Record], fields: dict[str, Any]) -> Any:
    return decode(kind, msgspec.json.encode(fields))


@each_kind
def test_what_is_written_is_read_back_as_it_was(kind: type[Record]) -> None:
    for record in some(kind):
        assert decode(kind, encode(record)) == record


@each_kind
def test_a_record_never_changes(kind: type[Record]) -> None:
    record = made(kind, "frozen")
    for field in kind.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(record, field, None)


@each_time
def test_epoch_seconds_and_rfc_3339_with_any_offset_are_the_same_moment(
    kind: type[Record], field: str
) -> None:
    fields = written(made(kind, field))
    for text in ("2026-06-23T09:00:00+00:00", "1990-01-01T05:30:00.5+05:30", "2199-12-31T15:59:59.123-08:00"):
        moment = datetime.fromisoformat(text).astimezone(UTC)
        wires = (moment.timestamp(), text, moment.isoformat().replace("+00:00", "Z"))
        told = [getattr(read(kind, {**fields, field: wire}), field) for wire in wires]
        assert told == [moment] * 3
        assert {each.tzinfo for each in told} == {UTC}


@each_time
@pytest.mark.parametrize(
    "wire",
    [
        "2026-06-23T09:00:00", "yesterday", "", 0, -1, 1_782_205_200_000, EARLIEST.timestamp() - 1,
        LATEST.timestamp(), "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", True, [1],
    ],
)  # fmt: skip
def test_an_impossible_or_naive_time_is_refused_with_the_name_of_its_field(
    kind: type[Record], field: str, wire: Any
) -> None:
    with pytest.raises(InvalidRecordError) as refused:
        read(kind, {**written(made(kind, field)), field: wire})
    assert f"$.{field}" in refused.value.detail


@each_object
def test_a_field_that_is_missing_is_named(kind: type[Record]) -> None:
    fields = written(made(kind, "missing"))
    for field in [each.encode_name for each in _fields(kind) if each.required]:
        with pytest.raises(InvalidRecordError) as refused:
            read(kind, {name: value for name, value in fields.items() if name != field})
        assert f"`{field}`" in refused.value.detail


@each_object
def test_fields_that_a_later_version_adds_are_no_error(kind: type[Record]) -> None:
    for record in some(kind):
        assert read(kind, {**written(record), "added later": [1, {"a": None}]}) == record
