"""Where do the documents of a postmortem draft lie in a folder?"""

import asyncio
import os
import re
from datetime import timedelta
from pathlib import Path

import msgspec

from models.postmortem import Postmortem
from models.record import content_id, encode
from sinks import markdown
from sinks.sink import SinkUnavailableError

RETRY_AFTER = timedelta(seconds=30)
"""A full disk or a missing mount is mended by people, not within seconds."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 100
"""Characters of a file name without its ending: far below the 255 bytes of common file systems."""


class PostmortemFiles:
    """Writes `<incident_id>.md` and `<incident_id>.json` into one folder, which is made if needed.

    Each file is replaced as a whole, so a reader never sees half of one. A crash between the two
    leaves a new document beside an old one until the draft is written again.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder; nothing is touched before the first write."""
        self._folder = folder

    async def write(self, postmortem: Postmortem) -> None:
        """Put both documents in place of the incident's earlier ones.

        Raises:
            SinkUnavailableError: The folder cannot be written; the cause says why.
        """
        name = file_name(postmortem.incident_id)
        document = markdown.render(postmortem).encode("utf-8")
        record = msgspec.json.format(encode(postmortem), indent=2) + b"\n"
        try:
            await asyncio.to_thread(self._write, {f"{name}.json": record, f"{name}.md": document})
        except OSError as error:
            where = f"the folder {self._folder} ({error.strerror or error})"
            raise SinkUnavailableError(where, RETRY_AFTER) from error

    async def close(self) -> None:
        """Nothing is held between writes."""

    def _write(self, documents: dict[str, bytes]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, content in documents.items():
            _replace(self._folder / name, content)


def file_name(incident_id: str) -> str:
    """Give a file name, without ending, that is safe in any folder and differs for different ids.

    >>> file_name("incident-0a1b")
    'incident-0a1b'
    """
    safe = _UNSAFE.sub("_", incident_id)[:_LONGEST_NAME]
    if safe == incident_id and safe:
        return safe
    return f"{safe}-{content_id('name', incident_id)}"


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
