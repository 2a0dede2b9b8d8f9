"""Which lines does a log file or a pipe hold? Compressed or not, as soon as they are there."""

import gzip
import lzma
import select
import sys
from collections.abc import Callable, Iterator
from io import UnsupportedOperation
from pathlib import Path
from typing import Protocol, Self, cast

import click

READ_BYTES = 262_144
"""Most bytes that are read at a time; of a pipe, what is there."""

LONGEST = 1_048_576
"""Bytes of a line that are read; the rest of it is passed over."""

PAUSE_S = 1.0
"""Silence of a pipe after which nothing more of a stack trace is waited for."""


_OPENERS: dict[str, Callable[[str], object]] = {".gz": gzip.open, ".xz": lzma.open}


class Readable(Protocol):
    """A file of bytes that gives what is there."""

    def read1(self, size: int, /) -> bytes:
        """Give some bytes as soon as there are any; none at the end."""

    def fileno(self) -> int:
        """Give the descriptor."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *args: object) -> object: ...


def chunks_of(name: str) -> Iterator[list[str] | None]:
    """Give the lines of a file, or of standard input for "-", as they come; None for a pause.

    Raises:
        click.UsageError: It cannot be read.
    """
    try:
        with _opened(name) as file:
            for lines in _lines(file):
                if lines is None:
                    yield None
                elif lines:
                    yield [each.removesuffix(b"\r").decode("utf-8", "replace") for each in lines]
    except BrokenPipeError:
        raise
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise click.UsageError(f"{name} cannot be read: {error}") from error


def _lines(file: "Readable") -> Iterator[list[bytes] | None]:
    begun = b""
    waits = _waits(file)
    is_told = True
    while True:
        if waits and not select.select([file], [], [], PAUSE_S)[0]:
            if not is_told:
                yield None
            is_told = True
            continue
        data = file.read1(READ_BYTES)
        if not data:
            break
        is_told = False
        if len(begun) >= LONGEST:
            _, newline, data = data.partition(b"\n")
            if not newline:
                continue
            data = newline + data
        lines = (begun + data).split(b"\n")
        begun = lines.pop()[:LONGEST]
        yield lines
    if begun:
        yield [begun]


def _waits(file: "Readable") -> bool:
    try:
        return file is sys.stdin.buffer and file.fileno() >= 0
    except (UnsupportedOperation, AttributeError):
        return False


def _opened(name: str) -> Readable:
    if name == "-":
        return cast("Readable", click.get_binary_stream("stdin"))
    path = Path(name)
    opener = _OPENERS.get(path.suffix)
    return cast("Readable", opener(name) if opener else path.open("rb"))
