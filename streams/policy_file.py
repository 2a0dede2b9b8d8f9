"""Which rules does a policy file hold, and where is it wrong?"""

import re
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import yaml

from models.policy import Policy

SHIPPED = Path(__file__).parents[1] / "deploy" / "policy.yaml"
"""The rules that hold where HEADWATER_POLICY names no file."""

_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<number>\d+)\]")
_QUOTED = re.compile(r"[`'](\w+)[`']")
_TWICE = re.compile(r"got (\w+) twice")
_PATH = re.compile(r" - at (?:`key` in )?`\$(?P<path>[^`]*)`$")


class PolicyError(click.ClickException):
    """A policy file that cannot be used; the message names file, line, field and remedy."""

    exit_code = 2


def read(path: Path | None = None) -> Policy:
    """Read the rules of a policy file, the shipped one if none is named.

    Raises:
        PolicyError: The file cannot be read, is not YAML, or a field is unknown, missing or wrong.
    """
    path = SHIPPED if path is None else path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise PolicyError(
            f"{path} cannot be read: {reason}; name a policy file in HEADWATER_POLICY or --policy"
        ) from error
    root: yaml.Node | None = None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_repeated_names(path, root)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(f"{path}, line {line}: not YAML: {error.problem}; mend that line") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        unreadable = _line_of_unreadable(root)
        if unreadable is not None:
            raise PolicyError(
                f"{path}, line {unreadable}: no date or number: {error}; mend it, or put it in quotes"
            ) from error
        raise PolicyError(f"{path} is not YAML: {' '.join(str(error).split())}; mend the file") from error
    try:
        return msgspec.convert(document, Policy)
    except msgspec.ValidationError as error:
        raise PolicyError(_explained(path, root, str(error))) from None


def _explained(path: Path, root: yaml.Node | None, problem: str) -> str:
    """Say in which line and field a problem lies that msgspec tells of by its path."""
    found = _PATH.search(problem)
    field, what = (found["path"], problem[: found.start()]) if found else ("", problem)
    node = root
    for step in _STEP.finditer(field):
        inner = _inside(node, step)
        if inner is None:
            break
        node = inner
    named = _QUOTED.findall(what)
    twice = _TWICE.search(what)
    line = _line_of_second(node, twice[1]) if twice else _line(node, named)
    written = {key.value for key in _keys(node)}
    unnamed = next((f".{name}" for name in named if name in written and f".{name}" not in field), "")
    where = field.lstrip(".").replace("[...]", unnamed) or "the whole file"
    return f"{path}, line {line}, {where}: {what}; {_remedy(what)}"


def _line(node: yaml.Node | None, named: list[str]) -> int:
    """Give the line of the first field that a message names, as far as the node has it, else the node's."""
    keys = list(_keys(node))
    for name in named:
        for key in keys:
            if key.value == name:
                return int(key.start_mark.line) + 1
    return int(node.start_mark.line) + 1 if node is not None else 1


def _line_of_second(node: yaml.Node | None, value: str) -> int:
    """Give the line in which a value stands for the second time."""
    lines = [int(each.start_mark.line) + 1 for each in _values(node) if each.value == value]
    return lines[1] if len(lines) > 1 else _line(node, [])


def _line_of_unreadable(root: yaml.Node | None) -> int | None:
    """Give the line of the first value that looks like a date or a number and is none, such as 2026-13-01."""
    for each in _values(root):
        try:
            yaml.SafeLoader("").construct_object(each)
        except ValueError:
            return int(each.start_mark.line) + 1
    return None


def _values(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _values(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _values(each)
    elif node is not None:
        yield node


def _keys(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield from _keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _keys(each)


def _inside(node: yaml.Node | None, step: "re.Match[str]") -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        # A value that is reached by an unnamed key (`[...]`) is told of by the mapping that holds it.
        return next((value for key, value in node.value if key.value == step["name"]), None)
    if isinstance(node, yaml.SequenceNode) and step["number"] is not None:
        number = int(step["number"])
        return node.value[number] if number < len(node.value) else None
    return None


def _remedy(what: str) -> str:
    if "unknown field" in what:
        return "remove it, or correct its spelling; deploy/policy.yaml has every field"
    if "missing required" in what:
        return "add it; deploy/policy.yaml shows how"
    if "got `int`" in what and "Expected `str" in what:
        return "put it in quotes; YAML reads 10:30 as a number"
    return "write it as in deploy/policy.yaml; deploy/README.md lists what is allowed"


def _refuse_repeated_names(path: Path, node: yaml.Node | None) -> None:
    """Refuse a name that a mapping has twice: YAML would silently take the last."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            _refuse_repeated_names(path, each)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[Hashable, Any] = {}
        for key, value in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise PolicyError(
                    f"{path}, line {line}: {key.value} stands here twice, first in line {seen[key.value]}; "
                    "keep one of them"
                )
            seen[key.value] = key.start_mark.line + 1
            _refuse_repeated_names(path, value)
